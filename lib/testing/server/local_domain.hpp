#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "testing/server/accounts.hpp"
#include "testing/server/session_table.hpp"

#include <functional>
#include <string>

namespace xmpp::detail::serving {

/// What the server serves: its users, and who of them is there. The functions of routing.hpp and
/// below work on it, without any I/O of their own.
struct local_domain {
    std::string name;
    accounts users;
    session_table sessions;
    jid echo;  // sends messages back; empty: there is no such user
    /// Sees every stanza of a client first; false: it goes no further.
    std::function<bool(const stanza& stanza, const jid& from)> hook;

    bool is_local(const jid& address) const { return address.domain() == name; }
    /// Null for other domains, and where there is no such account.
    account* account_of(const jid& address) {
        return is_local(address) ? users.find(address.local()) : nullptr;
    }
};

}  // namespace xmpp::detail::serving
