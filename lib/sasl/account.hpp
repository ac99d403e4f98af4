#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>

#include "address/received_jid.hpp"

namespace xmpp::detail {

/// Whose session a login with `who` opens: the address that acts.
inline jid account_of(const credentials& who) {
    return who.authzid().empty() ? who.user().bare() : who.authzid().bare();
}

/// Is `told`, an address that the server gives us, one of `account`? The server says who we are
/// (RFC 6120 7.6), and may fold names more than we do; an account without a name, of somebody
/// anonymous say, gets one.
inline bool is_of_account(const jid& told, const jid& account) {
    if (account.local().empty()) return told.domain() == account.domain();
    return same_after_folding(told.bare(), account.bare());
}

}  // namespace xmpp::detail
