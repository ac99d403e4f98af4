#include "broker/role_table.hpp"

namespace xmpp::detail {

void role_table::join(client_id who, time_point now) {
    seen_[who] = now;
    if (!primary_) primary_ = who;
}

void role_table::leave(client_id who) {
    seen_.erase(who);
    if (primary_ == who) primary_ = freshest_but(who, time_point::min());
}

void role_table::seen(client_id who, time_point now) {
    const auto found = seen_.find(who);
    if (found != seen_.end()) found->second = now;
}

bool role_table::pass_on(time_point since) {
    if (!primary_) return false;
    const auto next = freshest_but(*primary_, since);
    if (next) primary_ = next;
    return next.has_value();
}

std::optional<client_id> role_table::freshest_but(client_id who, time_point since) const {
    std::optional<client_id> best;
    for (const auto& [id, when] : seen_) {
        if (id == who || when < since) continue;
        if (!best || when > seen_.at(*best)) best = id;
    }
    return best;
}

}  // namespace xmpp::detail
