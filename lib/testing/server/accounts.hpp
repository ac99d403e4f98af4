#pragma once

#include "testing/server/roster/roster.hpp"

#include <map>
#include <string>
#include <string_view>

namespace xmpp::detail::serving {

struct account {
    std::string password;
    roster contacts;
    bool temporary = false;  // of an anonymous login; goes with its session
};

/// The users of a domain, by the local part of their addresses.
class accounts {
 public:
    /// Changes the password of one that is there.
    account& add(const jid& user, std::string password);
    void remove(std::string_view local);
    /// Null when there is none.
    account* find(std::string_view local) noexcept;

 private:
    std::map<std::string, account, std::less<>> by_name_;
};

}  // namespace xmpp::detail::serving
