#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/stanza.hpp>

#include "testing/server/local_domain.hpp"

/// \file
/// The requests that a server answers itself, for the domain and for its accounts.

namespace xmpp::detail::serving {

/// Each returns the payload of the result. \throws stanza_error
builder answer_for_domain(local_domain& domain, const stanza& request);
/// The account is the sender's own.
builder answer_for_account(local_domain& domain, bound_session& sender, const stanza& request);

}  // namespace xmpp::detail::serving
