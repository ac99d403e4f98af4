#include "session/runs.hpp"

#include <xmpp/error.hpp>

#include "net/url/resolve_service.hpp"
#include "net/url/url_text.hpp"
#include "sasl/account.hpp"
#include "sasl/credentials_data.hpp"
#include "session/kept_sessions.hpp"
#include "transport/option_scope.hpp"
#include "xml/writer/escape.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

/// Components and users have services of their own.
void check_component(const credentials& who, const service_url& place, std::string_view service) {
    const bool component = credentials_data::of(who).kind == credentials_kind::component;
    const bool for_components = place.for_components();
    if (component && !for_components) {
        throw error(errc::invalid_options,
                    "credentials::component needs a service component://host[:port]");
    }
    if (for_components && !component) {
        throw error(
            errc::invalid_options,
            fmt::format("'{}' lets in components only: see credentials::component", service));
    }
}

void check(const bosh_session& existing) {
    if (existing.user.is_bare()) {
        throw error(errc::invalid_options, "a session to attach to has a full address");
    }
    if (existing.sid.empty() || existing.rid == 0 || existing.rid > bosh_session::max_rid) {
        throw error(errc::invalid_options, "a session to attach to has a sid and a request id");
    }
}

void check_for_http(const service_url& place, const std::string& service) {
    if (place.scheme == service_scheme::http || place.scheme == service_scheme::https) return;
    throw error(
        errc::invalid_service,
        fmt::format("'{}': only a session over HTTP can be attached to", without_secrets(service)));
}

std::string shown_service(const std::string& service, const service_url& place) {
    return is_relative_service(service) ? place.str() : service;
}

}  // namespace

runs::runs(asio::any_io_executor executor, std::string service, options settings,
           transport_opener opener)
    : service_(std::move(service)),
      session_(
          std::make_shared<session>(std::move(executor), std::move(settings), std::move(opener))),
      current_(std::make_shared<run>(session_)) {}

runs::~runs() = default;

std::string runs::service() const {
    return current_->over() ? service_ : current_->service();
}

const jid& runs::user() const {
    const auto& known = current_->login().user;
    if (user_ != known) user_ = known;
    return user_;
}

std::shared_ptr<status_feed> runs::connect(credentials who) {
    if (who.user().empty()) throw error(errc::invalid_jid, "the credentials name no domain");
    const auto& settings = session_->settings;
    auto place = resolve_service(service_, settings);  // complain now, not in a status
    check_component(who, place, service_);
    if (!is_sendable(settings.route())) {
        throw error(errc::invalid_options, "options::route is no text that XML can hold");
    }
    check_options(place, settings);
    run_plan plan;
    plan.service = shown_service(service_, place);
    plan.place = std::move(place);
    plan.account = account_of(who);
    plan.who = std::move(who);
    return when_idle(std::move(plan));
}

std::shared_ptr<status_feed> runs::attach(bosh_session existing) {
    return attach(std::move(existing), std::nullopt);
}

std::shared_ptr<status_feed> runs::attach(bosh_session existing, std::optional<store_lease> lease) {
    check(existing);
    const auto service = existing.service.empty() ? service_ : existing.service;
    auto place = resolve_service(service, session_->settings);
    check_for_http(place, service);
    check_options(place, session_->settings);
    run_plan plan;
    plan.how = run_plan::way::attach;
    plan.service = shown_service(service, place);
    plan.place = std::move(place);
    plan.account = existing.user.bare();
    // Nobody logs in.
    plan.who = credentials::anonymous(std::string(plan.account.domain()));
    plan.existing = std::move(existing);
    plan.lease = std::move(lease);
    return when_idle(std::move(plan));
}

std::shared_ptr<status_feed> runs::attach_shared() {
    auto place = resolve_service(service_, session_->settings);
    if (place.scheme != service_scheme::shared && session_->settings.worker().empty()) {
        throw error(errc::invalid_service,
                    "attach() without a session needs a broker: the service unix:/path, or "
                    "options::worker");
    }
    check_options(place, session_->settings);
    run_plan plan;
    plan.how = run_plan::way::attach_shared;
    plan.service = shown_service(service_, place);
    plan.place = std::move(place);
    plan.who = credentials::anonymous("shared.invalid");  // nobody logs in
    return when_idle(std::move(plan));
}

std::shared_ptr<status_feed> runs::restore(const jid& who) {
    require_idle();
    const auto& store = session_->settings.session_store();
    if (!store) {
        throw error(errc::invalid_options, "there is no options::session_store to restore from");
    }
    auto kept = kept_sessions(*store).find(who);
    if (!kept) {
        throw error(errc::no_session, who.empty() ? std::string("no session is kept")
                                                  : fmt::format("none is kept of {}", who.str()));
    }
    const auto account = kept->user.bare();
    auto lease = store_lease::take(*store, kept_sessions::key_of(account));
    if (!lease) {
        throw error(errc::no_session,
                    fmt::format("another connection has the one of {}", account.str()));
    }
    return attach(std::move(*kept), std::move(lease));
}

void runs::require_idle() const {
    if (current_->over()) return;
    throw error(errc::already_connected, "wait for DISCONNECTED before the next session");
}

/// Begins a session: now, or when the one before has ended, which reset() was called for.
std::shared_ptr<status_feed> runs::when_idle(run_plan plan) {
    if (next_) throw error(errc::already_connected, "another session is about to begin");
    if (!current_->allows_next()) require_idle();
    auto feed = std::make_shared<status_feed>(session_->executor);
    next_.emplace(next_run{std::move(plan), feed});
    if (current_->over()) begin_next();
    return feed;
}

void runs::begin_next() {
    if (!next_) return;
    auto next = std::move(*next_);
    next_.reset();
    current_ = std::make_shared<run>(session_, std::move(next.plan), std::move(next.feed));
    current_->begin([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->next_) post(self->session_->executor, [self] { self->begin_next(); });
    });
}

/// The session that waits for the end of the one before shall not begin.
void runs::forget_next() {
    if (!next_) return;
    const auto feed = next_->feed;
    next_.reset();
    session_->status_watchers->report(feed, status(status_code::disconnected));
    session_->status_watchers->close(feed);
    session_->changed->pulse();
}

void runs::set_service(std::string service) {
    if (!current_->over()) {
        throw error(errc::already_connected, "wait for DISCONNECTED before the service changes");
    }
    static_cast<void>(resolve_service(service, session_->settings));
    service_ = std::move(service);
}

void runs::reset() {
    current_->stop_counting();
    session_->forget_handlers();
    forget_next();
    current_->reset();
}

void runs::close() {
    const auto aborted = std::make_exception_ptr(std::system_error(asio::error::operation_aborted));
    current_->stop_counting();
    session_->forget_everybody(aborted);
    if (next_) next_->feed->abort(aborted);
    next_.reset();
    current_->close(aborted);
}

/// Gives a login up that is left before it is decided: cancelled, that is.
class runs::login_attempt {
 public:
    login_attempt(runs& target, std::shared_ptr<status_feed> feed)
        : target_(target), feed_(std::move(feed)) {}
    ~login_attempt() {
        if (decided_) return;
        if (target_.is_next(feed_)) {
            target_.forget_next();
        } else if (target_.current_->feed() == feed_) {
            target_.current_->give_up_login();
        }
    }
    login_attempt(const login_attempt&) = delete;
    login_attempt& operator=(const login_attempt&) = delete;
    void decided() noexcept { decided_ = true; }

 private:
    runs& target_;
    std::shared_ptr<status_feed> feed_;
    bool decided_ = false;
};

task<> runs::login(std::shared_ptr<runs> self, credentials who) {
    const auto feed = self->connect(std::move(who));
    login_attempt attempt(*self, feed);
    while (self->is_next(feed)) co_await self->session_->changed->wait();
    const auto begun = self->current_;
    if (begun->feed() != feed) {
        attempt.decided();
        throw error(errc::disconnected, "reset() was called before the session had begun");
    }
    while (begun->logging_in()) co_await self->session_->changed->wait();
    attempt.decided();
    begun->throw_unless_up();
}

task<> runs::bind(std::shared_ptr<runs> self, std::string resource) {
    const auto current = self->current_;
    co_await current->bind(std::move(resource));
}

task<> runs::disconnect(std::shared_ptr<runs> self, std::string reason) {
    self->forget_next();
    const auto current = self->current_;
    co_await current->disconnect(std::move(reason));
}

task<> runs::send(std::shared_ptr<runs> self, builder element) {
    const auto current = self->current_;
    current->require_accepting();
    if (current->congested()) co_await current->make_room();
    current->submit(std::move(element));
}

task<> runs::send_acked(std::shared_ptr<runs> self, builder element) {
    const auto current = self->current_;
    current->require_accepting();
    if (current->congested()) co_await current->make_room();
    if (!current->acknowledges()) {
        throw error(errc::not_supported, "the server does not acknowledge stanzas (XEP-0198)");
    }
    const auto number = current->submit(std::move(element));
    co_await current->acknowledged(number);
}

task<> runs::flush(std::shared_ptr<runs> self) {
    const auto current = self->current_;
    co_await current->flush();
}

task<bool> runs::drain(std::shared_ptr<runs> self, std::chrono::milliseconds limit,
                       std::string reason) {
    self->current_->require_accepting();
    self->forget_next();
    const auto current = self->current_;
    co_return co_await current->drain(limit, std::move(reason));
}

task<stanza> runs::request(std::shared_ptr<runs> self, stanza_kind kind, builder element,
                           std::chrono::milliseconds timeout) {
    const auto current = self->current_;
    co_return co_await current->request(kind, std::move(element), timeout);
}

void runs::enqueue(builder element) {
    current_->require_accepting();
    current_->submit(std::move(element));
}

handler_id runs::on_iq(std::string child_name, std::string ns, responders::function responder) {
    current_->add_responder(child_name, ns);
    const auto id = session_->stanza_handlers.next_id();
    session_->iq_responders.set(id, std::move(child_name), std::move(ns), std::move(responder));
    return id;
}

void runs::remove_handler(handler_id id) {
    session_->iq_responders.remove(id);
    session_->protocol_handlers.remove(id);
    session_->stanza_handlers.remove(id);
    session_->timers.remove(id);
    session_->status_watchers->remove(id);
}

}  // namespace xmpp::detail
