#include <xmpp/error.hpp>

#include "net/dns/name_cache.hpp"
#include "net/url/same_origin.hpp"
#include "net/url/url_text.hpp"
#include "session/outcome.hpp"
#include "session/run.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

// From one link to the next.
namespace xmpp::detail {

/// Is what came over the link the server's word, and of nobody else on the way? It is where TLS is
/// on, and where it is not to be.
bool run::can_trust_answers() const {
    const auto scheme = route_.place().scheme;
    const bool begins_plain = scheme == service_scheme::discover || scheme == service_scheme::xmpp;
    if (!begins_plain || !link_ || !link_->wire()) return true;
    return link_->secure() || link_settings().tls() != tls_mode::required;
}

/// After what time the session goes on at another place, as the server wishes; nothing when it does
/// not. `why` becomes why not, if it should. Servers that send a session on as soon as it is up, in
/// turn, are not followed without a pause.
std::optional<run::milliseconds> run::follow_redirect(failure& why) {
    if (!why || end_requested() || is<closing>()) return std::nullopt;
    if (plan_.existing) return std::nullopt;  // elsewhere, there is no such session
    if (is_component()) return std::nullopt;  // XEP-0114 knows no other places
    try {
        if (!route_.follow(why, secure())) return std::nullopt;
    } catch (const refused_redirect&) {
        why = failure(std::current_exception());
        return std::nullopt;
    }
    const auto wait = policy_.next_redirect(time());
    if (wait) go_to_redirect(why);
    if (wait && wait->count() > 0) {
        state_ = waiting{std::make_shared<event>(session_->executor)};
    }
    return wait;
}

/// On the way up again: nothing can be sent, and no reply will come.
void run::go_to_redirect(const failure& order) {
    if (!is<connecting>()) state_ = connecting{connect_deadline()};
    take_login();
    login_.authenticated = false;
    session_->timers.stop();
    delivery_->lost();
    send_failure_ =
        std::make_exception_ptr(error(errc::disconnected, "the server redirected the session"));
    requests_.fail_all(send_failure_);
    report(status(status_code::redirect, order.condition(), {}, order.element(),
                  fmt::format("going on at {}", without_secrets(route_.place().str()))));
    session_->changed->pulse();
}

/// Can the stream not be resumed after that, though there was one?
bool run::breaks_the_stream(const failure& why) const {
    return (login().resumed && is_broken_resumption(why)) || is_wrong_count(why) ||
           (was_established_ && is_unreadable(why));
}

/// How long to wait before the session goes on over another link; nothing when it does not.
std::optional<run::milliseconds> run::will_reconnect(const failure& why) {
    if (end_requested() || is<closing>()) return std::nullopt;
    const bool wanted =
        was_established_ ? settings().reconnect() : settings().retry_first_connect();
    // A session to attach to would have to be there still.
    if (!wanted || plan_.how != run_plan::way::log_in) return std::nullopt;
    // Whoever is in the way of a session that was up need not stay there: a portal of a hotel, say.
    const bool passes = breaks_the_stream(why) || may_pass(why) ||
                        (was_established_ && (is_of_identity(why) || is_lost_over_http(why)));
    if (!passes) return std::nullopt;
    return policy_.next(time());
}

/// What is sent from here on waits for the next link.
void run::lose_link(const failure& why, milliseconds wait) {
    session_->timers.stop();
    delivery_->lost();
    // XEP-0198 6: it was closed, not lost; or it can't be gone on with.
    if (!why || breaks_the_stream(why)) delivery_->forget_stream();
    take_login();
    // No other process is to go on with what is lost.
    if (was_established_) forget_kept();
    state_ = waiting{std::make_shared<event>(session_->executor)};
    send_failure_ = nullptr;
    login_.authenticated = false;
    route_.start_over();
    const bool limited = policy_.most_attempts() != unlimited;
    const auto most = limited ? fmt::format(" of {}", policy_.most_attempts()) : std::string();
    const auto ended = why ? why : failure(std::make_exception_ptr(error(errc::closed_by_server)));
    report(outcome(ended).reconnecting(
        policy_.attempts(),
        fmt::format("attempt {}{} in {} ms", policy_.attempts(), most, wait.count())));
    session_->relieved->pulse();
    session_->changed->pulse();
}

/// Returns early when the network is back, and when the session was told to end.
task<> run::wait_to_reconnect(std::shared_ptr<event> awake, milliseconds wait) {
    link_->abandon();
    link_.reset();
    const auto alarm =
        time().call_at(session_->executor, time().now() + wait, [awake] { awake->set(); });
    try {
        co_await awake->wait();
        state_ = connecting{connect_deadline()};
    } catch (const std::system_error&) {
        co_return;  // ending_ says why
    }
}

void run::network_available() {
    forget_all_names();
    if (auto* now = std::get_if<waiting>(&state_); now && !now->awake->is_set()) {
        policy_.take_back();
        now->awake->set();
    }
    if (is<established>()) link_->probe();
}

/// The service of the next link: first where the server wants a stream to be resumed.
service_url run::place_to_try() {
    const bool try_location = std::exchange(try_location_, false) && delivery_->can_resume();
    const auto location = try_location ? route_.at(delivery_->state().location) : std::nullopt;
    // Our certificate is for the origin of the service.
    const bool keeps_origin =
        !settings().client_certificate().empty() && !settings().trust_redirects();
    if (!location || (keeps_origin && !is_same_origin(*location, route_.place()))) {
        return route_.place();
    }
    return *location;
}

void run::protocol_failed(const protocol_error& below) {
    session_->status_watchers->call([weak = std::weak_ptr(session_), below] {
        if (const auto alive = weak.lock()) alive->protocol_handlers.call(below);
    });
}

}  // namespace xmpp::detail
