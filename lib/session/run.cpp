#include "session/run.hpp"

#include <xmpp/error.hpp>

#include "session/outcome.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

// The life of a session.
namespace xmpp::detail {
namespace {

std::exception_ptr session_over(const outcome& why) {
    auto explanation = why.code() ? why.code().message() : std::string("disconnect() was called");
    return std::make_exception_ptr(error(errc::disconnected, std::move(explanation)));
}

}  // namespace

run::run(std::shared_ptr<session> of) : run(std::move(of), {}, nullptr) {
    state_ = at_rest();
}

run::run(std::shared_ptr<session> of, run_plan plan, std::shared_ptr<status_feed> feed)
    : session_(std::move(of)),
      plan_(std::move(plan)),
      feed_(std::move(feed)),
      state_(connecting{nullptr, false}),
      route_(plan_.place, settings()),
      policy_(settings()),
      login_{plan_.account, {}},
      delivery_(std::make_shared<delivery>(session_->executor, settings(), observers(),
                                           session_->counts.stanzas,
                                           [relieved = session_->relieved] { relieved->pulse(); })),
      store_(settings(), observers()) {
    if (plan_.lease) store_.adopt(std::move(*plan_.lease));
}

run::~run() = default;

void run::begin(std::function<void()> ended) {
    session_->warn_of_store();
    if (plan_.how == run_plan::way::log_in) {
        if (!is_component()) session_->memory.begin(plan_.account);
        keep_stream();
        report(status(status_code::connecting));
    }
    std::get<connecting>(state_).deadline = connect_deadline();
    life_.start(session_->executor, live(shared_from_this()),
                [ended = std::move(ended)](const std::exception_ptr&) { ended(); });
}

void run::keep_stream() {
    login_.asked_resource = plan_.who->resource();
    const bool stored =
        settings().session_store() && manages_streams() && !plan_.account.local().empty();
    if (stored && store_.claim_stream(plan_.account)) {
        delivery_->keep_in_store(plan_.account, login_.asked_resource);
    }
}

// In the order of RFC 6120.
task<> run::live(std::shared_ptr<run> /*kept*/) {
    std::get<connecting>(state_).begun = true;
    failure why;
    std::optional<milliseconds> wait = milliseconds(0);
    while (wait && !end_requested()) {
        // Unless the time to connect has passed during the goodbye to the link before.
        if (!link_failure_) why = co_await use_link();
        if (link_failure_) {
            why = failure(std::exchange(link_failure_, nullptr));
            co_await asio::this_coro::reset_cancellation_state(
                asio::enable_terminal_cancellation());
        }
        wait = plan_next_link(why);
        if (!end_requested()) co_await close_stream(why);
        // Once it was told to end, this coroutine is cancelled and can await nothing.
        if (!end_requested() && is<waiting>()) {
            co_await wait_to_reconnect(std::get<waiting>(state_).awake, *wait);
        }
    }
    conclude(std::move(why));
}

/// After what time the session goes on over another link; nothing when it does not. `why` becomes
/// what the end is to be reported as.
std::optional<run::milliseconds> run::plan_next_link(failure& why) {
    // What is broken over a resumed stream may be the link before.
    const bool broken = login().resumed && is_broken_resumption(why);
    if (is<established>() && is_about_what_was_sent(why) && !broken) delivery_->refused();
    auto wait = follow_redirect(why);
    if (!wait) {
        if (!can_trust_answers()) why = why.doubted();
        // Before TLS, a failure is one of the link: the next attempt is made at another address.
        if (why.from() == failure::source::unencrypted) route_.doubtful()->doubt_last();
        wait = will_reconnect(why);
        if (wait) lose_link(why, *wait);
    }
    if (!wait) drop_deadline();  // a goodbye has its own limit
    return wait;
}

void run::become_established(status_code how) {
    const bool back = reconnecting();
    state_ = established();
    route_.arrived(link_->secure());
    policy_.connected(time().now());
    try_location_ = true;
    if (back) ++session_->counts.reconnects;
    if (login_.resumed) ++session_->counts.resumptions;
    // The outbox is the delivery's too: neither may keep the other alive.
    auto acknowledgement = [to = std::weak_ptr(delivery_)] {
        const auto alive = to.lock();
        return alive ? alive->answer() : builder();
    };
    const auto allowed = limits();
    link_->establish(delivery_->progress(), std::move(acknowledgement), allowed.idle);
    if (paused_) link_->out()->pause();
    open_delivery(allowed.max_bytes);
    was_established_ = true;
    send_failure_ = nullptr;
    session_->timers.start();
    report(status(how));
    keep(true);
    session_->changed->pulse();
}

/// What the server has announced, for stanzas as builders make them.
stream_limits run::limits() const {
    stream_limits found;
    if (!login_.features) return found;
    found = announced_limits(*login_.features);
    const auto& wire = *link_->wire();
    if (found.max_bytes != stream_limits::any_size) {
        found.max_bytes -= std::min(found.max_bytes, wire.element_overhead());
    }
    // How long we may be silent on a link of our own says nothing about that of others.
    if (wire.joined()) found.idle = std::chrono::seconds(0);
    return found;
}

std::unique_ptr<clock::timer> run::connect_deadline() {
    return time().call_at(session_->executor, time().now() + settings().connect_timeout(), [this] {
        fail_link(
            error(errc::connect_timeout,
                  fmt::format("gave up after {} ms while {}", settings().connect_timeout().count(),
                              negotiator_ ? negotiator_->step_text() : "reaching the server")));
    });
}

void run::drop_deadline() {
    if (auto* now = std::get_if<connecting>(&state_)) now->deadline.reset();
    if (auto* now = std::get_if<closing>(&state_)) now->deadline.reset();
}

void run::end(ending::reason why, std::exception_ptr failure) {
    if (over() || end_requested()) return;
    ending_ = {why, std::move(failure)};
    cancel_waits();
}

/// Ends what live() waits for.
void run::cancel_waits() {
    if (link_) link_->abort();
    // A coroutine that is cancelled before its first turn never runs, and nobody would conclude.
    const auto* first = std::get_if<connecting>(&state_);
    if (!first || first->begun) life_.cancel();
}

/// Gives the link up. What comes of that is live()'s to decide.
void run::fail_link(const error& why) {
    if (over() || end_requested() || link_failure_) return;
    link_failure_ = std::make_exception_ptr(why);
    cancel_waits();
}

/// What the session's end is to be called: a cancellation was ours, and had a reason.
failure run::explain(failure why) const {
    if (ending_.why == ending::overdue) return failure(ending_.failure);
    if (end_requested() || is<closing>()) return {};  // however it ended, that is what was wanted
    if (!why) return failure(std::make_exception_ptr(error(errc::closed_by_server)));
    return why;
}

void run::conclude(failure why) {
    const bool was_up = is<established>() || is<closing>();
    const bool in_order = is<closing>() && !end_requested();
    const bool gone = ending_.why == ending::closed;
    why = explain(std::move(why));
    outcome reported(why);
    if (why && policy_.gave_up()) reported.gave_up(policy_.attempts());
    at_rest last{why.as_error(), last_response_headers()};
    state_ = concluding();  // the log is told of it, and may call back

    const auto reason = session_over(reported);
    if (!gone) send_failure_ = reason;
    take_login();
    // A session that was not reached may be there the next time.
    if ((was_up || why.code().category() == bosh_category()) && !gone) forget_kept();
    if (link_) link_->abandon();
    link_.reset();
    requests_.fail_all(reason);
    delivery_->end(in_order);
    store_.release();
    // reset() has done so, and what came after it is for the next session.
    if (ending_.why != ending::reset) session_->stanza_handlers.end_subscriptions(last.failure);
    session_->timers.stop();
    if (!gone) {
        if (why && !was_up) {
            report(plan_.how == run_plan::way::log_in ? reported.login_failure(login_.authenticated)
                                                      : reported.attach_failure());
        }
        if (why && was_up) {
            if (auto step = reported.session_failure()) report(std::move(*step));
        }
        report(reported.disconnected());
    }
    session_->status_watchers->close(feed_);
    login_.authenticated = false;
    login_.role.reset();
    state_ = std::move(last);
    session_->relieved->pulse();
    session_->changed->pulse();
}

void run::close(const std::exception_ptr& reason) {
    requests_.fail_all(reason);
    send_failure_ = reason;
    delivery_->abort(reason);
    store_.release();
    if (link_ && link_->out()) link_->out()->close();
    if (feed_) feed_->abort(reason);
    end(ending::closed);
}

/// What a login waits for is over: the session goes on, or the reason of its end is thrown.
void run::throw_unless_up() const {
    if (!over()) return;
    if (ending_.why == ending::closed) std::rethrow_exception(send_failure_);
    if (const auto& why = std::get<at_rest>(state_).failure) std::rethrow_exception(why);
    throw error(errc::disconnected, "disconnect() was called before the session was up");
}

phase run::where() const noexcept {
    if (over()) return phase::idle;
    if (end_requested() || is<concluding>()) return phase::ending;
    if (logging_in()) return phase::connecting;
    if (is<binding>()) return phase::binding;
    return is<established>() ? phase::established : phase::closing;
}

bool run::reconnecting() const noexcept {
    if (const auto* now = std::get_if<established>(&state_)) return now->owner_away;
    return was_established_ && !send_failure_ && (logging_in() || is<binding>());
}

bool run::connected() const noexcept {
    return where() == phase::established && !reconnecting();
}

std::string run::service() const {
    return route_.moved() ? route_.place().str() : plan_.service;
}

const login_result& run::login() const noexcept {
    return negotiator_ ? negotiator_->so_far() : login_;
}

std::string run::last_response_headers() const {
    if (const auto* last = std::get_if<at_rest>(&state_)) return last->response_headers;
    auto* const web = link_ && link_->wire() ? link_->wire()->http() : nullptr;
    return web ? web->last_response_headers() : std::string();
}

}  // namespace xmpp::detail
