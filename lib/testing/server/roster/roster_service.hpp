#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/stanza.hpp>

#include "testing/server/local_domain.hpp"

/// \file
/// Roster management (RFC 6121 2).

namespace xmpp::detail::serving {

/// Tells the clients of `user` how the item is now: removed, when there is none. One that is not
/// listed is none of their business.
void push_item(local_domain& domain, const jid& user, const jid& contact);

/// A request of a client to its own account. \returns the payload of the result
/// \throws stanza_error
builder answer_roster(local_domain& domain, bound_session& sender, const stanza& request);

}  // namespace xmpp::detail::serving
