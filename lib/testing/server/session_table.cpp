#include "testing/server/session_table.hpp"

#include <algorithm>
#include <utility>

namespace xmpp::detail::serving {

session_ptr session_table::bind(const session_ptr& session) {
    auto& place = by_account_[session->address.bare()][std::string(session->address.resource())];
    return std::exchange(place, session);
}

bool session_table::unbind(const bound_session& session) {
    const auto account = by_account_.find(session.address.bare());
    if (account == by_account_.end()) return false;
    auto& resources = account->second;
    const auto found = resources.find(session.address.resource());
    if (found == resources.end() || found->second.get() != &session) return false;
    resources.erase(found);
    if (resources.empty()) by_account_.erase(account);
    return true;
}

session_ptr session_table::find(const jid& full) const {
    const auto account = by_account_.find(full.bare());
    if (account == by_account_.end()) return nullptr;
    const auto found = account->second.find(full.resource());
    return found == account->second.end() ? nullptr : found->second;
}

std::vector<session_ptr> session_table::of(const jid& bare) const {
    std::vector<session_ptr> found;
    if (const auto account = by_account_.find(bare.bare()); account != by_account_.end()) {
        for (const auto& [resource, session] : account->second) found.push_back(session);
    }
    return found;
}

std::vector<session_ptr> session_table::available(const jid& bare) const {
    auto found = of(bare);
    std::erase_if(found, [](const session_ptr& s) { return !s->available(); });
    return found;
}

std::vector<session_ptr> session_table::most_available(const jid& bare) const {
    auto found = available(bare);
    int highest = 0;
    for (const auto& session : found) highest = std::max(highest, session->priority);
    std::erase_if(found, [&](const session_ptr& s) { return s->priority != highest; });
    return found;
}

std::vector<session_ptr> session_table::interested(const jid& bare) const {
    auto found = of(bare);
    std::erase_if(found, [](const session_ptr& s) { return !s->wants_roster; });
    return found;
}

std::vector<session_ptr> session_table::all() const {
    std::vector<session_ptr> found;
    for (const auto& [account, resources] : by_account_) {
        for (const auto& [resource, session] : resources) found.push_back(session);
    }
    return found;
}

}  // namespace xmpp::detail::serving
