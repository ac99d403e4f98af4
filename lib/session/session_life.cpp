#include <xmpp/error.hpp>

#include "net/url/resolve_service.hpp"
#include "sasl/account.hpp"
#include "session/outcome.hpp"
#include "session/session.hpp"
#include "store/store_warnings.hpp"
#include "transport/option_scope.hpp"
#include "xml/writer/escape.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xmpp::detail {
namespace {

stanza_queue::limits queue_limits(const options& settings) {
    return {{settings.receive_soft(), settings.receive_soft_bytes()},
            {settings.receive_hard(), settings.receive_hard_bytes()},
            settings.receive_overflow()};
}

std::exception_ptr session_over(const outcome& why) {
    auto explanation = why.code() ? why.code().message() : std::string("disconnect() was called");
    return std::make_exception_ptr(error(errc::disconnected, std::move(explanation)));
}

}  // namespace

session::session(asio::any_io_executor executor, std::string service, options settings,
                 transport_opener opener)
    : executor_(std::move(executor)),
      service_(std::move(service)),
      settings_(std::move(settings)),
      opener_(std::move(opener)),
      relieved_(std::make_shared<event>(executor_)),
      // A subscription may outlive the session, so it shares what it wakes.
      stanza_handlers(executor_, queue_limits(settings_), observers,
                      [relieved = relieved_] { relieved->pulse(); }),
      iq_responders(executor_, queue_limits(settings_).soft),
      timers(executor_, settings_.time_source(), observers,
             [this] { return phase_ == phase::established; }),
      protocol_handlers(observers),
      status_watchers(std::make_shared<status_observers>(executor_, observers)),
      delivery_(std::make_shared<delivery>(executor_, settings_, observers,
                                           [relieved = relieved_] { relieved->pulse(); })),
      memory_(settings_, observers),
      policy_(settings_),
      awake_(std::make_unique<event>(executor_)),
      changed_(std::make_shared<event>(executor_)) {
    observers.show_secrets(settings_.raw_trace());
}

session::~session() = default;

std::shared_ptr<status_feed> session::connect(credentials who) {
    if (who.user().empty()) throw error(errc::invalid_jid, "the credentials name no domain");
    auto place = resolve_service(service_, settings_);  // complain now, not in a status
    check_component(who, place);
    if (!is_sendable(settings_.route())) {
        throw error(errc::invalid_options, "options::route is no text that XML can hold");
    }
    check_options(place, settings_);
    return when_idle([this, who = std::move(who), place = std::move(place)] {
        begin(service_, place, account_of(who));
        if (!is_component()) memory_.begin(account_);
        begin_login(who);
    });
}

/// Begins a session: now, or when the one before has ended, which reset() was called for.
std::shared_ptr<status_feed> session::when_idle(std::function<void()> begin_it) {
    if (next_) throw error(errc::already_connected, "another session is about to begin");
    if (stop_ != stop::reset) require_idle();
    next_feed_ = std::make_shared<status_feed>(executor_);
    auto feed = next_feed_;
    next_ = std::move(begin_it);
    if (phase_ == phase::idle) begin_next();
    return feed;
}

void session::begin_next() {
    if (!next_) return;
    std::exchange(next_, nullptr)();
}

/// The session that waits for the end of the one before shall not begin.
void session::forget_next() {
    if (!next_) return;
    next_ = nullptr;
    const auto feed = std::exchange(next_feed_, nullptr);
    status_watchers->report(feed, status(status_code::disconnected));
    status_watchers->close(feed);
    changed_->pulse();
}

void session::begin_login(const credentials& who) {
    const bool stored = settings_.session_store() && manages_streams() && !account_.local().empty();
    if (stored) keep_stream(who);
    try_location_ = true;
    report(status(status_code::connecting));
    start(who);
}

void session::require_idle() const {
    if (phase_ == phase::idle) return;
    throw error(errc::already_connected, "wait for DISCONNECTED before the next session");
}

/// Everything as before a first session.
void session::begin(const std::string& service, service_url place, jid account) {
    require_idle();
    ++epoch_;
    phase_ = phase::connecting;
    stop_ = stop::none;
    begun_ = false;
    authenticated_ = false;
    paused_ = false;
    up_ = false;
    reconnecting_ = false;
    resumed_ = false;
    past_ = nullptr;
    link_failed_ = nullptr;
    waiting_ = false;
    draining_ = false;
    policy_ = reconnect_policy(settings_);
    delivery_->begin();
    account_ = std::move(account);
    user_ = jid();
    existing_.reset();
    restored_ = false;
    attaching_shared_ = false;
    role_.reset();
    response_headers_.clear();
    features_.reset();
    scram_keys_.reset();
    requested_resource_.reset();
    overdue_ = nullptr;
    outcome_ = nullptr;
    moved_to_ = is_relative_service(service) ? place.str() : service;
    route_ = route(std::move(place), settings_);
    doubtful_ = std::make_shared<doubtful_addresses>();
    feed_ = std::exchange(next_feed_, nullptr);
    warn_of_store();
}

/// A store of the program's own reports in its own way.
void session::warn_of_store() {
    auto* store = dynamic_cast<store_warnings*>(settings_.session_store().get());
    if (!store) return;
    for (const auto& warning : store->take_warnings()) {
        observers.log(log_level::warning, "{}", warning);
    }
}

void session::start(credentials who) {
    arm_connect_deadline();
    auto ended = [weak = weak_from_this()](const std::exception_ptr&) {
        const auto self = weak.lock();
        if (self && self->next_) post(self->executor_, [self] { self->begin_next(); });
    };
    life_.start(executor_, live(shared_from_this(), std::move(who)), std::move(ended));
}

// The life of a session, in the order of RFC 6120.
task<> session::live(std::shared_ptr<session> self, credentials who) {
    std::exception_ptr failure;
    self->begun_ = true;
    bool goes_on = true;
    while (goes_on && self->stop_ == stop::none) {
        // Unless the time to connect has passed during the goodbye to the link before.
        if (!self->link_failed_) failure = co_await self->use_link(who);
        if (self->link_failed_) {
            failure = std::exchange(self->link_failed_, nullptr);
            co_await asio::this_coro::reset_cancellation_state(
                asio::enable_terminal_cancellation());
        }
        self->note_refusal(failure);
        auto wait = self->goes_elsewhere(failure);
        if (!wait) {
            self->doubt(failure);
            wait = self->will_reconnect(failure);
            if (wait) self->lose_link(failure, *wait);
        }
        goes_on = wait.has_value();
        self->waiting_ = wait && wait->count() > 0;
        if (self->waiting_) self->awake_->reset();
        if (!goes_on || self->waiting_) self->deadline_.reset();  // a goodbye has its own limit
        if (self->stop_ == stop::none) co_await self->say_goodbye(failure);
        // Once it was told to end, this coroutine is cancelled and can await nothing.
        const bool waits = self->stop_ == stop::none && goes_on && wait->count() > 0;
        if (waits) co_await self->wait_to_reconnect(*wait);
    }
    self->conclude(std::move(failure));
}

/// What is broken over a resumed stream may be the link before.
void session::note_refusal(const std::exception_ptr& failure) {
    const bool broken = resumed_ && is_broken_resumption(failure);
    const bool meant = phase_ == phase::established && is_about_what_was_sent(failure) && !broken;
    if (meant) delivery_->refused();
}

void session::become_established(status_code how) {
    deadline_.reset();
    phase_ = phase::established;
    route_.arrived(link_->secure());
    doubtful_->clear();
    policy_.connected(settings_.time_source()->now());
    try_location_ = true;
    if (reconnecting_) ++reconnects_;
    if (resumed_) ++resumptions_;
    // The outbox is the delivery's too: neither may keep the other alive.
    auto acknowledgement = [to = std::weak_ptr(delivery_)] {
        const auto alive = to.lock();
        return alive ? alive->answer() : builder();
    };
    const auto allowed = limits();
    link_->establish(delivery_->progress(), std::move(acknowledgement), allowed.idle);
    if (paused_) link_->out()->pause();
    open_delivery(allowed.max_bytes);
    up_ = true;
    reconnecting_ = false;
    past_ = nullptr;
    timers.start();
    report(status(how));
    keep(true);
    changed_->pulse();
}

/// What the server has announced, for stanzas as builders make them.
stream_limits session::limits() const {
    stream_limits found;
    if (!features_) return found;
    found = announced_limits(*features_);
    const auto& wire = *link_->wire();
    if (found.max_bytes != stream_limits::any_size) {
        found.max_bytes -= std::min(found.max_bytes, wire.element_overhead());
    }
    // How long we may be silent on a link of our own says nothing about that of others.
    if (wire.joined()) found.idle = std::chrono::seconds(0);
    return found;
}

void session::arm_connect_deadline() {
    const auto& time = settings_.time_source();
    deadline_ = time->call_at(executor_, time->now() + settings_.connect_timeout(), [this] {
        fail_link(
            error(errc::connect_timeout, fmt::format("gave up after {} ms while {}",
                                                     settings_.connect_timeout().count(), doing_)));
    });
}

void session::end(stop reason) {
    if (phase_ == phase::idle || stop_ != stop::none) return;
    stop_ = reason;
    let_go();
}

/// Ends what live() waits for.
void session::let_go() {
    if (link_) link_->abort();
    // A coroutine that is cancelled before its first turn never runs, and nobody would conclude.
    if (begun_) life_.cancel();
}

void session::end_overdue(const error& why) {
    if (phase_ == phase::idle || stop_ != stop::none) return;
    overdue_ = std::make_exception_ptr(why);
    end(stop::overdue);
}

/// Gives the link up. What comes of that is live()'s to decide.
void session::fail_link(const error& why) {
    if (phase_ == phase::idle || stop_ != stop::none || link_failed_) return;
    link_failed_ = std::make_exception_ptr(why);
    let_go();
}

/// What the session's end is to be called: a cancellation was ours, and had a reason.
std::exception_ptr session::explain(std::exception_ptr failure) const {
    switch (stop_) {
        case stop::none:
            break;
        case stop::overdue:
            return overdue_;
        default:
            return nullptr;
    }
    if (phase_ == phase::closing) return nullptr;  // however it ended, that is what we wanted
    if (!failure) return std::make_exception_ptr(error(errc::closed_by_server));
    return failure;
}

void session::conclude(std::exception_ptr failure) {
    const bool was_up = phase_ == phase::established || phase_ == phase::closing;
    const bool closed = phase_ == phase::closing && stop_ == stop::none;
    outcome_ = as_error(explain(std::move(failure)));
    outcome why(outcome_);
    if (outcome_ && policy_.gave_up()) why.gave_up(policy_.attempts());
    deadline_.reset();
    phase_ = phase::ending;  // the log is told of it, and may call back

    const auto reason = session_over(why);
    if (stop_ != stop::closed) past_ = reason;
    // A session that was not reached may be there the next time.
    const bool gone = was_up || why.code().category() == bosh_category();
    if (gone && stop_ != stop::closed) forget_kept();
    response_headers_ = last_response_headers();
    if (link_) link_->abandon();
    link_.reset();
    replies_.fail_all(reason);
    delivery_->end(closed);
    give_leases_back();
    // reset() has done so, and what came after it is for the next session.
    if (stop_ != stop::reset) stanza_handlers.end_subscriptions(outcome_);
    timers.stop();
    if (stop_ != stop::closed) {
        if (outcome_ && !was_up) {
            const bool attaching = existing_ || attaching_shared_;
            report(attaching ? why.attach_failure() : why.login_failure(authenticated_));
        }
        if (outcome_ && was_up) {
            if (auto step = why.session_failure()) report(std::move(*step));
        }
        report(why.disconnected());
    }
    status_watchers->close(feed_);
    authenticated_ = false;
    paused_ = false;
    role_.reset();
    moved_to_.clear();
    reconnecting_ = false;
    phase_ = phase::idle;
    relieved_->pulse();
    changed_->pulse();
}

void session::report(status step) {
    observers.log(step.error ? log_level::warning : log_level::info, "{}", step);
    status_watchers->report(feed_, std::move(step));
}

}  // namespace xmpp::detail
