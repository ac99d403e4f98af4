#include "testing/server/accounts.hpp"

#include <utility>

namespace xmpp::detail::serving {

account& accounts::add(const jid& user, std::string password) {
    auto& added = by_name_[std::string(user.local())];
    added.password = std::move(password);
    return added;
}

void accounts::remove(std::string_view local) {
    if (const auto found = by_name_.find(local); found != by_name_.end()) by_name_.erase(found);
}

account* accounts::find(std::string_view local) noexcept {
    const auto found = by_name_.find(local);
    return found == by_name_.end() ? nullptr : &found->second;
}

}  // namespace xmpp::detail::serving
