#include <xmpp/error.hpp>

#include "net/url/resolve_service.hpp"
#include "sasl/resource.hpp"
#include "session/session.hpp"
#include "xml/writer/escape.hpp"

#include <asio/error.hpp>

#include <utility>

// What the program asks of a session, but for what it sends.
namespace xmpp::detail {
namespace {

std::exception_ptr aborted() {
    return std::make_exception_ptr(std::system_error(asio::error::operation_aborted));
}

}  // namespace

void session::close() {
    // Nobody may be called back from here on.
    // An observer may be the one who destroys the connection: it goes when it has returned.
    auto observing =
        std::make_shared<trace_functions>(std::move(static_cast<trace_functions&>(observers)));
    static_cast<trace_functions&>(observers) = {};
    post(executor_, [observing] {});
    delivery_->close_receipts();  // what is dropped now was not handled
    status_watchers->clear();
    timers.clear();
    protocol_handlers.clear();
    iq_responders.clear();
    stanza_handlers.abort_subscriptions(aborted());
    stanza_handlers.clear();
    replies_.fail_all(aborted());
    past_ = aborted();
    delivery_->abort(past_);
    give_leases_back();
    if (link_ && link_->out()) link_->out()->close();
    if (feed_) feed_->abort(aborted());
    if (next_feed_) next_feed_->abort(aborted());
    next_ = nullptr;
    end(stop::closed);
}

void session::reset() {
    delivery_->close_receipts();
    timers.clear();
    protocol_handlers.clear();
    iq_responders.clear();
    stanza_handlers.end_subscriptions(nullptr);
    stanza_handlers.clear();
    forget_next();
    end(stop::reset);
}

void session::on_iq(std::string child_name, std::string ns, responders::function responder) {
    if (link_ && link_->wire()) link_->wire()->add_responder(child_name, ns);
    iq_responders.set(std::move(child_name), std::move(ns), std::move(responder));
}

void session::relinquish() {
    require(phase::established);
    link_->wire()->relinquish();
}

void session::set_service(std::string service) {
    if (phase_ != phase::idle) {
        throw error(errc::already_connected, "wait for DISCONNECTED before the service changes");
    }
    static_cast<void>(resolve_service(service, settings_));
    service_ = std::move(service);
}

/// Gives a login up that is left before it is decided: cancelled, that is.
class session::attempt {
 public:
    attempt(session& target, std::shared_ptr<status_feed> feed)
        : target_(target), feed_(std::move(feed)) {}
    ~attempt() {
        if (decided_) return;
        if (target_.next_feed_ == feed_) {
            target_.forget_next();
        } else if (target_.feed_ == feed_) {
            target_.end(stop::disconnected);
        }
    }
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
    void decided() noexcept { decided_ = true; }

 private:
    session& target_;
    std::shared_ptr<status_feed> feed_;
    bool decided_ = false;
};

/// What login() and bind() end with. Session `epoch` is past what they waited for: it goes on, or
/// the reason of its end is thrown.
void session::throw_unless_up(std::uint64_t epoch) const {
    const bool same = epoch_ == epoch;
    if (same && phase_ != phase::idle) return;
    if (same && stop_ == stop::closed) std::rethrow_exception(aborted());
    if (same && outcome_) std::rethrow_exception(outcome_);
    throw error(errc::disconnected, "disconnect() was called before the session was up");
}

task<> session::login(std::shared_ptr<session> self, credentials who) {
    const auto feed = self->connect(std::move(who));
    attempt running(*self, feed);
    while (self->next_feed_ == feed) co_await self->changed_->wait();
    const auto epoch = self->epoch_;
    if (self->feed_ != feed) {
        running.decided();
        throw error(errc::disconnected, "reset() was called before the session had begun");
    }
    while (self->epoch_ == epoch && self->phase_ == phase::connecting) {
        co_await self->changed_->wait();
    }
    running.decided();
    self->throw_unless_up(epoch);
}

task<> session::bind(std::shared_ptr<session> self, std::string resource) {
    self->require(phase::binding);
    check_resource(resource);
    const auto epoch = self->epoch_;
    self->requested_resource_ = std::move(resource);
    self->changed_->pulse();
    while (self->epoch_ == epoch && self->phase_ != phase::established) {
        if (self->phase_ != phase::binding && self->phase_ != phase::connecting) break;
        co_await self->changed_->wait();
    }
    self->throw_unless_up(epoch);
}

// RFC 6120 4.4, preceded by the unavailable presence of RFC 6121 4.5.
task<> session::disconnect(std::shared_ptr<session> self, std::string reason) {
    self->forget_next();
    if (self->phase_ == phase::idle) co_return;
    const auto epoch = self->epoch_;
    reason = sendable_text(reason);
    if (self->phase_ == phase::established) {
        self->phase_ = phase::closing;
        self->report(status(status_code::disconnecting, reason));
        self->leave(reason);
    } else if (self->phase_ == phase::connecting || self->phase_ == phase::binding) {
        self->report(status(status_code::disconnecting, reason));
        self->end(stop::disconnected);
    }
    while (self->epoch_ == epoch && self->phase_ != phase::idle) co_await self->changed_->wait();
    if (self->epoch_ == epoch && self->stop_ == stop::closed) std::rethrow_exception(aborted());
}

}  // namespace xmpp::detail
