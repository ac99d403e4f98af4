#include <xmpp/error.hpp>

#include "session/negotiation.hpp"
#include "session/outcome.hpp"
#include "session/phases.hpp"
#include "session/session.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

stanza_queue::limits queue_limits(const options& settings) {
    return {settings.receive_soft(), settings.receive_hard(), settings.receive_overflow()};
}

std::exception_ptr aborted() {
    return std::make_exception_ptr(std::system_error(asio::error::operation_aborted));
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
      iq_responders(executor_, settings_.receive_soft()),
      timers(executor_, settings_.time_source(), observers,
             [this] { return phase_ == phase::established; }),
      status_watchers(std::make_shared<status_observers>(executor_, observers)),
      changed_(executor_) {
    observers.show_secrets(settings_.raw_trace());
}

session::~session() = default;

std::shared_ptr<status_feed> session::connect(credentials who) {
    if (phase_ != phase::idle) {
        throw error(errc::already_connected, "wait for DISCONNECTED before the next connect()");
    }
    if (who.user().empty()) throw error(errc::invalid_jid, "the credentials name no domain");
    (void)service_url::parse(service_);  // complain now, not in a status

    ++epoch_;
    phase_ = phase::connecting;
    stop_ = stop::none;
    begun_ = false;
    said_goodbye_ = false;
    authenticated_ = false;
    account_ = who.authzid().empty() ? who.user().bare() : who.authzid().bare();
    user_ = jid();
    features_.reset();
    scram_keys_.reset();
    requested_resource_.reset();
    writer_failure_ = nullptr;
    outcome_ = nullptr;
    feed_ = std::make_shared<status_feed>(executor_);

    report(status(status_code::connecting));
    arm_connect_deadline();
    life_.start(executor_, live(shared_from_this(), std::move(who)),
                [](const std::exception_ptr&) {});
    return feed_;
}

// The life of a session, in the order of RFC 6120.
task<> session::live(std::shared_ptr<session> self, credentials who) {
    std::exception_ptr failure;
    self->begun_ = true;
    try {
        if (self->stop_ != stop::none) std::rethrow_exception(aborted());
        co_await self->establish(std::move(who));
        co_await self->run_stream();
    } catch (...) {
        failure = std::current_exception();
    }
    if (self->writer_failure_) failure = self->writer_failure_;
    if (self->stop_ == stop::none) co_await self->say_goodbye(failure);
    self->conclude(std::move(failure));
}

task<> session::establish(credentials who) {
    doing_ = "reaching the server";
    auto service = service_url::parse(service_);
    wire_ =
        co_await opener_(std::move(service), std::string(account_.domain()), settings_, observers);
    co_await negotiate(std::move(who));
    become_established();
}

// RFC 6120 4.3: the features decide what comes next, until nothing is left to negotiate.
task<> session::negotiate(credentials who) {
    const auto wire = wire_;
    std::string stream_id;
    std::uint8_t state = wire->secure() ? encrypted : nothing_yet;
    if (const auto how = wire->encryption(); !how.empty()) {
        observers.log(log_level::info, "encrypted: {}", how);
    }
    doing_ = "waiting for the stream features";
    features_ = co_await open_stream(*wire, header(), &stream_id);
    for (;;) {
        observers.log(log_level::debug, "stream features: {}", describe_features(*features_));
        switch (next_step(*features_, state, settings_.tls(), settings_.allow_legacy_auth())) {
            case negotiation_step::start_tls:
                doing_ = "negotiating TLS";
                co_await negotiate_tls(*wire);
                state |= encrypted;
                observers.log(log_level::info, "encrypted: {}", wire->encryption());
                features_ = co_await open_stream(*wire, header(), &stream_id);
                break;
            case negotiation_step::authenticate: {
                who = co_await credentials_to_use(std::move(who));
                auto chosen = choose_mechanism(*wire, *features_, who, settings_, observers);
                doing_ = "logging in";
                report(status(status_code::authenticating));
                scram_keys_ = co_await authenticate(*wire, std::move(chosen), observers);
                authenticated_ = true;
                state |= negotiation_state::authenticated;
                features_ = co_await open_stream(*wire, header());
                break;
            }
            case negotiation_step::authenticate_legacy:
                who = co_await credentials_to_use(std::move(who));
                check_legacy_login(who);
                doing_ = "logging in";
                report(status(status_code::authenticating));
                user_ = co_await authenticate_legacy(*wire, who, stream_id, settings_, observers);
                authenticated_ = true;
                state |= negotiation_state::authenticated | bound | session_open;
                break;
            case negotiation_step::bind: {
                auto resource = co_await resource_to_bind(who);
                doing_ = "binding a resource";
                user_ = co_await bind_resource(*wire, account_, std::move(resource));
                state |= bound;
                observers.log(log_level::info, "bound {}", user_.str());
                break;
            }
            case negotiation_step::open_session:
                co_await open_legacy_session(*wire);
                state |= session_open;
                break;
            case negotiation_step::done:
                co_return;
        }
    }
}

task<credentials> session::credentials_to_use(credentials who) {
    if (!settings_.credentials_provider()) co_return who;
    deadline_.reset();  // a person may be typing
    observers.log(log_level::debug, "asking the program for credentials");
    auto given = co_await provide_credentials(settings_, *features_, std::move(who));
    arm_connect_deadline();
    co_return given;
}

task<std::string> session::resource_to_bind(const credentials& who) {
    if (!settings_.explicit_resource_binding()) co_return std::string(who.resource());
    deadline_.reset();  // the program may take its time
    phase_ = phase::binding;
    report(status(status_code::bindrequired));
    changed_.pulse();
    while (!requested_resource_) co_await changed_.wait();
    phase_ = phase::connecting;
    arm_connect_deadline();
    co_return std::move(*requested_resource_);
}

void session::become_established() {
    deadline_.reset();
    phase_ = phase::established;
    start_writer();
    wire_->established();
    report(status(status_code::connected));
    changed_.pulse();
}

void session::arm_connect_deadline() {
    const auto& time = settings_.time_source();
    deadline_ = time->call_at(executor_, time->now() + settings_.connect_timeout(),
                              [this] { end(stop::connect_timeout); });
}

stream_header session::header() const {
    stream_header ours;
    ours.to = account_.domain();
    // RFC 6120 4.7.1: our address is nobody's business before the stream is encrypted.
    if (wire_->secure() && !account_.local().empty()) ours.from = account_.str();
    ours.language = settings_.language();
    return ours;
}

void session::end(stop reason) {
    if (phase_ == phase::idle || stop_ != stop::none) return;
    stop_ = reason;
    if (wire_) wire_->abort();
    // A coroutine that is cancelled before its first turn never runs, and nobody would conclude.
    if (begun_) life_.cancel();
}

/// What the session's end is to be called: a cancellation was ours, and had a reason.
std::exception_ptr session::explain(std::exception_ptr failure) const {
    switch (stop_) {
        case stop::none:
            break;
        case stop::connect_timeout:
            return std::make_exception_ptr(error(
                errc::connect_timeout, fmt::format("gave up after {} ms while {}",
                                                   settings_.connect_timeout().count(), doing_)));
        case stop::disconnect_timeout:
            return std::make_exception_ptr(
                error(errc::disconnect_timeout,
                      fmt::format("waited {} ms", settings_.disconnection_timeout().count())));
        default:
            return nullptr;
    }
    if (phase_ == phase::closing) return nullptr;  // however it ended, that is what we wanted
    if (!failure) return std::make_exception_ptr(error(errc::closed_by_server));
    return failure;
}

void session::conclude(std::exception_ptr failure) {
    const bool was_up = phase_ == phase::established || phase_ == phase::closing;
    outcome_ = explain(std::move(failure));
    const outcome why(outcome_);
    deadline_.reset();
    // A stream that was closed in good order is not cut: its last bytes are still on their way.
    if (wire_ && !said_goodbye_) wire_->abort();
    wire_.reset();
    phase_ = phase::ending;  // the log is told of it, and may call back
    observers.end_secret();

    const auto reason = session_over(why);
    if (outbox_) outbox_->close(reason);
    outbox_.reset();
    replies_.fail_all(reason);
    stanza_handlers.end_subscriptions(outcome_);
    if (stop_ != stop::closed) {
        if (outcome_ && !was_up) report(why.login_failure(authenticated_));
        if (outcome_ && was_up) {
            if (auto step = why.session_failure()) report(std::move(*step));
        }
        report(why.disconnected());
    }
    status_watchers->close(feed_);
    authenticated_ = false;
    phase_ = phase::idle;
    relieved_->pulse();
    changed_.pulse();
}

void session::report(status step) {
    observers.log(step.error ? log_level::warning : log_level::info, "{}", step);
    status_watchers->report(feed_, std::move(step));
}

void session::close() {
    // Nobody may be called back from here on.
    // An observer may be the one who destroys the connection: it goes when it has returned.
    auto observing =
        std::make_shared<trace_functions>(std::move(static_cast<trace_functions&>(observers)));
    static_cast<trace_functions&>(observers) = {};
    post(executor_, [observing] {});
    status_watchers->clear();
    timers.clear();
    iq_responders.clear();
    stanza_handlers.abort_subscriptions(aborted());
    stanza_handlers.clear();
    replies_.fail_all(aborted());
    if (outbox_) outbox_->close(aborted());
    if (feed_) feed_->abort(aborted());
    end(stop::closed);
}

void session::reset() {
    timers.clear();
    iq_responders.clear();
    stanza_handlers.end_subscriptions(nullptr);
    stanza_handlers.clear();
    end(stop::reset);
}

/// Gives a login up that is left before it is decided: cancelled, that is.
class session::attempt {
 public:
    explicit attempt(session& target) : target_(target) {}
    ~attempt() {
        if (!decided_) target_.end(stop::disconnected);
    }
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
    void decided() noexcept { decided_ = true; }

 private:
    session& target_;
    bool decided_ = false;
};

task<> session::login(std::shared_ptr<session> self, credentials who) {
    const auto feed = self->connect(std::move(who));
    const auto epoch = self->epoch_;
    attempt running(*self);
    while (self->epoch_ == epoch && self->phase_ == phase::connecting) {
        co_await self->changed_.wait();
    }
    running.decided();
    const bool same = self->epoch_ == epoch;
    if (same && self->phase_ != phase::idle) co_return;
    if (same && self->stop_ == stop::closed) std::rethrow_exception(aborted());
    if (same && self->outcome_) std::rethrow_exception(self->outcome_);
    throw error(errc::disconnected, "disconnect() was called before the session was up");
}

task<> session::bind(std::shared_ptr<session> self, std::string resource) {
    self->require(phase::binding);
    const auto epoch = self->epoch_;
    self->requested_resource_ = std::move(resource);
    self->changed_.pulse();
    while (self->epoch_ == epoch && self->phase_ != phase::established) {
        if (self->phase_ != phase::binding && self->phase_ != phase::connecting) break;
        co_await self->changed_.wait();
    }
    const bool same = self->epoch_ == epoch;
    if (same && self->phase_ == phase::established) co_return;
    if (same && self->stop_ == stop::closed) std::rethrow_exception(aborted());
    if (same && self->outcome_) std::rethrow_exception(self->outcome_);
    throw error(errc::disconnected, "disconnect() was called before the session was up");
}

// RFC 6120 4.4, preceded by the unavailable presence of RFC 6121 4.5.
task<> session::disconnect(std::shared_ptr<session> self, std::string reason) {
    if (self->phase_ == phase::idle) co_return;
    const auto epoch = self->epoch_;
    if (self->phase_ == phase::established) {
        self->phase_ = phase::closing;
        self->report(status(status_code::disconnecting, reason));
        self->leave(reason);
    } else if (self->phase_ == phase::connecting || self->phase_ == phase::binding) {
        self->report(status(status_code::disconnecting, reason));
        self->end(stop::disconnected);
    }
    while (self->epoch_ == epoch && self->phase_ != phase::idle) co_await self->changed_.wait();
    if (self->epoch_ == epoch && self->stop_ == stop::closed) std::rethrow_exception(aborted());
}

}  // namespace xmpp::detail
