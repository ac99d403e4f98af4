#include <xmpp/error.hpp>

#include "login/phases.hpp"
#include "login/unencrypted_answer.hpp"
#include "net/dns/name_cache.hpp"
#include "net/url/same_origin.hpp"
#include "session/outcome.hpp"
#include "session/session.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

// From a lost link to the next.
namespace xmpp::detail {
namespace {

std::exception_ptr not_resumed() {
    return std::make_exception_ptr(
        error(errc::disconnected, "the link was lost, and the session could not be resumed"));
}

}  // namespace

/// Can the stream not be resumed after that, though there was one?
bool session::breaks_the_stream(const std::exception_ptr& failure) const {
    return (resumed_ && is_broken_resumption(failure)) || is_wrong_count(failure) ||
           (up_ && is_unreadable(failure));
}

/// How long to wait before the session goes on over another link; nothing when it does not.
std::optional<std::chrono::milliseconds> session::will_reconnect(
    const std::exception_ptr& failure) {
    if (stop_ != stop::none || phase_ == phase::closing) return std::nullopt;
    const bool wanted = up_ ? settings_.reconnect() : settings_.retry_first_connect();
    const bool was_there = existing_ || attaching_shared_;  // and would have to be still
    if (!wanted || was_there) return std::nullopt;
    const bool broken = breaks_the_stream(failure);
    // Whoever is in the way of a session that was up need not stay there: a portal of a hotel, say.
    const bool passes = broken || may_pass(failure) ||
                        (up_ && (is_of_identity(failure) || is_lost_over_http(failure)));
    if (!passes) return std::nullopt;
    return policy_.next(*settings_.time_source());
}

/// What is sent from here on waits for the next link.
void session::lose_link(const std::exception_ptr& failure, std::chrono::milliseconds wait) {
    const auto ended = failure ? failure : std::make_exception_ptr(error(errc::closed_by_server));
    timers.stop();
    delivery_->lost();
    // XEP-0198 6: it was closed, not lost; or it can't be gone on with.
    if (!failure || breaks_the_stream(failure)) delivery_->forget_stream();
    if (up_) forget_kept();  // no other process is to go on with what is lost
    phase_ = phase::connecting;
    reconnecting_ = up_;
    authenticated_ = false;
    route_.start_over();
    moved_to_.clear();
    const bool limited = policy_.most_attempts() != unlimited;
    const auto most = limited ? fmt::format(" of {}", policy_.most_attempts()) : std::string();
    report(outcome(ended).reconnecting(
        policy_.attempts(),
        fmt::format("attempt {}{} in {} ms", policy_.attempts(), most, wait.count())));
    relieved_->pulse();
    changed_->pulse();
}

/// Returns early when the network is back, and when the session was told to end.
task<> session::wait_to_reconnect(std::chrono::milliseconds wait) {
    const auto& time = settings_.time_source();
    link_->abandon();
    link_.reset();
    const auto alarm = time->call_at(executor_, time->now() + wait, [this] { awake_->set(); });
    try {
        co_await awake_->wait();
        waiting_ = false;
        arm_connect_deadline();
    } catch (const std::system_error&) {
        co_return;  // stop_ says why
    }
}

void session::network_available() {
    forget_all_names();
    if (std::exchange(waiting_, false)) policy_.take_back();
    awake_->set();
    if (phase_ == phase::established) link_->probe();
}

/// The service of the next link: first where the server wants a stream to be resumed.
service_url session::place_to_try() {
    const bool try_location = std::exchange(try_location_, false) && delivery_->can_resume();
    const auto location = try_location ? route_.at(delivery_->state().location) : std::nullopt;
    // Our certificate is for the origin of the service.
    const bool keeps_origin =
        !settings_.client_certificate().empty() && !settings_.trust_redirects();
    if (!location || (keeps_origin && !is_same_origin(*location, route_.place()))) {
        return route_.place();
    }
    return *location;
}

// XEP-0198 5. False: a resource is to be bound.
task<bool> session::resume_stream_of_before() {
    auto request = delivery_->resume_request();
    const auto answer = co_await resume_stream(*link_->wire(), std::move(request));
    if (!delivery_->takes_resumption(answer.root())) co_return false;
    user_ = delivery_->state().user;
    resumed_ = true;
    observers.log(log_level::info, "still {}", user_.str());
    co_return true;
}

/// The stream is a new one: nobody answers over it what was asked over the last, and our answers
/// wait for nobody.
void session::end_requests_of_before() {
    ++stream_;
    replies_.fail_all(not_resumed());
}

/// What is sent goes over the link that has just been set up.
void session::open_delivery(std::size_t max_bytes) {
    link_->manage(resumed_ || managed_);
    if (resumed_) {
        delivery_->open(link_->out(), delivery::opening::resumed, user_, max_bytes);
        return;
    }
    end_requests_of_before();
    const auto unmanaged =
        link_->wire()->confirms() ? delivery::opening::confirmed : delivery::opening::plain;
    delivery_->open(link_->out(), managed_ ? delivery::opening::managed : unmanaged, user_,
                    max_bytes);
}

xmpp::health session::health() const {
    xmpp::health now;
    now.last_received = traffic_.last_received;
    now.last_acknowledgement = delivery_->last_acknowledgement();
    now.round_trip = delivery_->round_trip();
    if (link_ && link_->out()) now.queued_bytes = link_->out()->queued();
    now.unacked_stanzas = delivery_->unacked().size() + delivery_->held().size();
    now.unacked_bytes = delivery_->unacked().bytes() + delivery_->held().bytes();
    now.pending_requests = replies_.size();
    now.bytes_received = traffic_.bytes_received;
    now.bytes_sent = traffic_.bytes_sent;
    now.stanzas_received = delivery_->stanzas_received();
    now.stanzas_sent = delivery_->stanzas_sent();
    now.stanzas_resent = delivery_->stanzas_resent();
    now.reconnects = reconnects_;
    now.resumptions = resumptions_;
    return now;
}

}  // namespace xmpp::detail
