#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "login/unencrypted_answer.hpp"
#include "net/dns/forget_addresses.hpp"
#include "net/url/url_text.hpp"
#include "session/outcome.hpp"
#include "session/session.hpp"

#include <fmt/format.h>

#include <utility>

// From one link to the next.
namespace xmpp::detail {
namespace {

std::exception_ptr redirected() {
    return std::make_exception_ptr(error(errc::disconnected, "the server redirected the session"));
}

}  // namespace

/// The life of one link; returns why it ended.
task<std::exception_ptr> session::use_link(credentials who) {
    if (link_) link_->abandon();
    const auto current = std::make_shared<link>(
        executor_, settings_, std::string(account_.domain()), observers, traffic_,
        [this](const error& why) { fail_link(why); }, relieved_);
    if (is_component()) current->speak_as(account_);
    link_ = current;
    managed_ = false;
    resumed_ = false;
    std::exception_ptr failure;
    try {
        co_await establish(std::move(who));
        co_await run_stream();
    } catch (...) {
        failure = std::current_exception();
        // The first sign of a link that breaks; what the server said before counts for more.
        if (current->write_failure() && is_of_link(failure)) failure = current->write_failure();
        // Old or forged addresses lead to where no session comes up: they are asked for anew.
        if (phase_ == phase::connecting) {
            forget_addresses(route_.place(), std::string(account_.domain()),
                             route_.settings(settings_));
        }
    }
    tell_number_of(failure);
    co_return failure;
}

/// Is what came over the link the server's word, and of nobody else on the way? It is where TLS is
/// on, and where it is not to be.
bool session::hears_server() const {
    const auto scheme = route_.place().scheme;
    const bool begins_plain = scheme == service_scheme::discover || scheme == service_scheme::xmpp;
    if (!begins_plain || !link_ || !link_->wire()) return true;
    return link_->secure() || link_settings().tls() != tls_mode::required;
}

/// Before TLS, a failure is one of the link, and the next attempt is made at another address.
void session::doubt(std::exception_ptr& failure) {
    if (!hears_server()) failure = doubted(failure);
    if (is_doubted(failure)) doubtful_->doubt_last();
}

/// After what time the session goes on at another place, as the server wishes; nothing when it does
/// not. `failure` becomes why not, if it should.
std::optional<std::chrono::milliseconds> session::goes_elsewhere(std::exception_ptr& failure) {
    if (!failure || stop_ != stop::none || phase_ == phase::closing) return std::nullopt;
    if (existing_) return std::nullopt;       // elsewhere, there is no such session
    if (is_component()) return std::nullopt;  // XEP-0114 knows no other places
    try {
        std::rethrow_exception(failure);
    } catch (const refusal& order) {
        return follows(order, failure);
    } catch (const see_other_uri& order) {
        return follows(order, failure);
    } catch (...) {
        return std::nullopt;
    }
}

/// Servers that send a session on as soon as it is up, in turn, are not followed without a pause.
template <class Order>
std::optional<std::chrono::milliseconds> session::follows(const Order& order,
                                                          std::exception_ptr& failure) {
    try {
        if (!route_.follow(order, link_->secure())) return std::nullopt;
    } catch (const refused_redirect&) {
        failure = std::current_exception();
        return std::nullopt;
    }
    const auto wait = policy_.next_redirect(*settings_.time_source());
    if (wait) move_on(std::string(order.condition()), order.element());
    return wait;
}

/// On the way up again: nothing can be sent, and no reply will come.
void session::move_on(std::string condition, std::optional<stanza> element) {
    phase_ = phase::connecting;
    if (!deadline_) arm_connect_deadline();
    authenticated_ = false;
    moved_to_ = route_.place().str();
    timers.stop();
    delivery_->lost();
    past_ = redirected();
    replies_.fail_all(past_);
    report(status(status_code::redirect, std::move(condition), {}, std::move(element),
                  fmt::format("going on at {}", without_secrets(moved_to_))));
    changed_->pulse();
}

void session::protocol_failed(const protocol_error& failure) {
    status_watchers->call([weak = weak_from_this(), failure] {
        if (const auto self = weak.lock()) self->protocol_handlers.call(failure);
    });
}

/// Tells the program of a failure that ended a link and has a number below XMPP.
void session::tell_number_of(const std::exception_ptr& failure) {
    if (!failure || stop_ != stop::none || phase_ == phase::closing) return;
    try {
        std::rethrow_exception(failure);
    } catch (const protocol_error& below) {
        protocol_failed(below);
    } catch (...) {
        return;
    }
}

}  // namespace xmpp::detail
