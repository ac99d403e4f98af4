#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>

namespace xmpp::detail {

/// Whose session a login with `who` opens: the address that acts.
inline jid account_of(const credentials& who) {
    return who.authzid().empty() ? who.user().bare() : who.authzid().bare();
}

}  // namespace xmpp::detail
