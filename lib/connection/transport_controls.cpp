#include <xmpp/transport_controls.hpp>

#include "session/runs.hpp"

#include <utility>

namespace xmpp {

std::optional<bosh_session> http_controls::export_session() const {
    return runs_->current()->tokens();
}

void http_controls::pause_requests(std::chrono::seconds time) {
    runs_->current()->pause_requests(time);
}

void http_controls::on_next_rid(std::function<void(std::uint64_t)> observer) {
    runs_->common().observers.next_rid = std::move(observer);
}

std::string http_controls::last_response_headers() const {
    return runs_->current()->last_response_headers();
}

std::optional<session_role> shared_controls::role() const {
    return runs_->current()->login().role;
}

void shared_controls::on_role_changed(std::function<void(session_role)> observer) {
    runs_->common().observers.role_changed = std::move(observer);
}

void shared_controls::relinquish() {
    runs_->current()->relinquish();
}

void shared_controls::on_foreign_stanza_sent(std::function<void(const element&)> observer) {
    runs_->common().observers.foreign_stanza_sent = std::move(observer);
}

}  // namespace xmpp
