#include <xmpp/error.hpp>

#include "session/outcome.hpp"
#include "session/run.hpp"

#include <utility>

// Sessions that others own or go on with: those that programs share, and those over HTTP.
namespace xmpp::detail {

void run::take_role(session_role role) {
    login_.role = role;
    if (observers().role_changed) observers().role_changed(role);
}

/// Whoever owns the session sets up another link, and keeps what is sent meanwhile: the way to it
/// is open. Nothing can be asked of the server until then, so its silence says nothing.
void run::owner_lost_link(const shared_failure& why, int attempt) {
    auto* now = std::get_if<established>(&state_);
    if (!now) return;
    now->owner_away = true;
    link_->suspend_reading();
    report(outcome(failure(std::make_exception_ptr(why))).reconnecting(attempt, {}));
    session_->changed->pulse();
}

void run::owner_is_back(const joined_session& joined, bool resumed) {
    auto* now = std::get_if<established>(&state_);
    if (!now) return;
    now->owner_away = false;
    login_.resumed = resumed;
    ++session_->counts.reconnects;
    if (resumed) {
        ++session_->counts.resumptions;
    } else {
        requests_.begin_stream();
    }
    login_.user = joined.user;
    login_.account = joined.user.bare();
    login_.features = joined.features;
    delivery_->limit(limits().max_bytes);
    link_->resume_reading();
    report(status(joined.fresh ? status_code::connected : status_code::attached));
    delivery_->progress()->pulse();
    session_->changed->pulse();
}

void run::relinquish() {
    require(phase::established);
    if (auto* const owned = link_->wire()->shared()) owned->relinquish();
}

void run::add_responder(const std::string& child_name, const std::string& ns) {
    auto* const owned = link_ && link_->wire() ? link_->wire()->shared() : nullptr;
    if (owned) owned->add_responder(child_name, ns);
}

std::optional<bosh_session> run::tokens() const {
    if (!is<established>() || settings().bosh_keys()) return std::nullopt;
    auto* const web = link_->wire()->http();
    auto known = web ? web->tokens() : std::nullopt;
    if (!known) return std::nullopt;
    known->user = user();
    known->service = service();
    return known;
}

void run::pause_requests(std::chrono::seconds time) {
    require(phase::established);
    if (auto* const web = link_->wire()->http()) web->pause_requests(time);
}

/// An anonymous account has its name from the server.
void run::forget_kept() {
    store_.forget(login_.user.empty() ? login_.account : login_.user);
}

void run::keep(bool fresh) {
    if (!settings().keepalive()) return;
    if (const auto known = tokens()) store_.keep(*known, fresh);
}

}  // namespace xmpp::detail
