#include <xmpp/error.hpp>

#include "net/url/resolve_service.hpp"
#include "net/url/url_text.hpp"
#include "session/kept_sessions.hpp"
#include "session/outcome.hpp"
#include "session/session.hpp"
#include "transport/option_scope.hpp"

#include <fmt/format.h>

#include <utility>

// Sessions that exist already, and what it takes to go on with one.
namespace xmpp::detail {
namespace {

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

}  // namespace

std::shared_ptr<status_feed> session::attach(bosh_session existing) {
    check(existing);
    const auto service = existing.service.empty() ? service_ : existing.service;
    auto place = resolve_service(service, settings_);
    check_for_http(place, service);
    check_options(place, settings_);
    return when_idle([this, service, place = std::move(place), existing = std::move(existing)] {
        begin(service, place, existing.user.bare());
        existing_ = existing;
        start(credentials::anonymous(std::string(account_.domain())));  // nobody logs in
    });
}

std::shared_ptr<status_feed> session::restore(const jid& who) {
    require_idle();
    const auto& store = settings_.session_store();
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
    auto feed = attach(std::move(*kept));
    http_lease_ = std::move(lease);
    restored_ = true;
    return feed;
}

std::shared_ptr<status_feed> session::attach_shared() {
    auto place = resolve_service(service_, settings_);
    if (place.scheme != service_scheme::shared && settings_.worker().empty()) {
        throw error(errc::invalid_service,
                    "attach() without a session needs a broker: the service unix:/path, or "
                    "options::worker");
    }
    check_options(place, settings_);
    return when_idle([this, place = std::move(place)] {
        begin(service_, place, jid());
        attaching_shared_ = true;
        start(credentials::anonymous("shared.invalid"));  // nobody logs in
    });
}

void session::take_role(session_role role) {
    role_ = role;
    if (observers.role_changed) observers.role_changed(role);
}

void session::join(const joined_session& joined) {
    user_ = joined.user;
    account_ = user_.bare();
    if (joined.role) take_role(*joined.role);
    features_ = joined.features;
    authenticated_ = true;
    become_established(joined.fresh ? status_code::connected : status_code::attached);
}

/// Whoever owns the session sets up another link, and keeps what is sent meanwhile: the way to it
/// is open. Nothing can be asked of the server until then, so its silence says nothing.
void session::owner_lost_link(const shared_failure& why, int attempt) {
    if (phase_ != phase::established) return;
    reconnecting_ = true;
    link_->suspend_reading();
    report(outcome(std::make_exception_ptr(why)).reconnecting(attempt, {}));
    changed_->pulse();
}

void session::owner_is_back(const joined_session& joined, bool resumed) {
    if (phase_ != phase::established) return;
    reconnecting_ = false;
    resumed_ = resumed;
    ++reconnects_;
    if (resumed_) ++resumptions_;
    if (!resumed_) end_requests_of_before();
    user_ = joined.user;
    account_ = user_.bare();
    features_ = joined.features;
    delivery_->limit(limits().max_bytes);
    link_->resume_reading();
    report(status(joined.fresh ? status_code::connected : status_code::attached));
    delivery_->progress()->pulse();
    changed_->pulse();
}

std::optional<bosh_session> session::tokens() const {
    if (phase_ != phase::established || settings_.bosh_keys()) return std::nullopt;
    auto known = link_->wire()->tokens();
    if (!known) return std::nullopt;
    known->user = user_;
    known->service = service();
    return known;
}

void session::pause_requests(std::chrono::seconds time) {
    require(phase::established);
    link_->wire()->pause_requests(time);
}

std::string session::last_response_headers() const {
    if (!link_ || !link_->wire()) return response_headers_;
    return link_->wire()->last_response_headers();
}

/// Puts what the session goes on with into the store.
void session::keep(bool fresh) {
    if (!settings_.keepalive() || !settings_.session_store()) return;
    const auto known = tokens();
    if (!known || !may_keep(fresh)) return;
    try {
        kept_sessions(*settings_.session_store()).keep(*known, fresh);
    } catch (const std::exception& failure) {
        observers.log(log_level::error, "the session can't be kept: {}", failure.what());
    }
}

void session::forget_kept() {
    if (!http_lease_ || !settings_.keepalive() || !settings_.session_store()) return;
    try {
        // An anonymous account has its name from the server.
        const auto& who = user_.empty() ? account_ : user_;
        kept_sessions(*settings_.session_store()).forget(who);
    } catch (const std::exception& failure) {
        observers.log(log_level::error, "a kept session can't be erased: {}", failure.what());
    }
}

transport_events session::events() {
    const std::weak_ptr<session> weak = weak_from_this();
    transport_events to;
    to.protocol_failed = [weak](const protocol_error& failure) {
        if (const auto self = weak.lock()) self->protocol_failed(failure);
    };
    to.tokens_changed = [weak] {
        if (const auto self = weak.lock()) self->keep(false);
    };
    to.next_rid = [weak](std::uint64_t rid) {
        const auto self = weak.lock();
        if (!self) return;
        self->next_rid_ = rid;
        if (self->observers.next_rid) self->observers.next_rid(rid);
    };
    to.confirmed = [weak](std::uint64_t given) {
        if (const auto self = weak.lock()) self->delivery_->confirmed(given);
    };
    to.authenticating = [weak] {
        if (const auto self = weak.lock()) self->report(status(status_code::authenticating));
    };
    to.role_changed = [weak](session_role role) {
        if (const auto self = weak.lock()) self->take_role(role);
    };
    to.foreign_stanza_sent = [weak](const stanza& sent) {
        const auto self = weak.lock();
        if (self && self->observers.foreign_stanza_sent) {
            self->observers.foreign_stanza_sent(sent.root());
        }
    };
    to.link_lost = [weak](const shared_failure& why, int attempt) {
        if (const auto self = weak.lock()) self->owner_lost_link(why, attempt);
    };
    to.link_back = [weak](const joined_session& joined, bool resumed) {
        if (const auto self = weak.lock()) self->owner_is_back(joined, resumed);
    };
    return to;
}

}  // namespace xmpp::detail
