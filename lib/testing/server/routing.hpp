#pragma once

#include <xmpp/stanza.hpp>

#include "testing/server/local_domain.hpp"

/// \file
/// What a server does with a client's stanza (RFC 6120 10, RFC 6121 8). Bounces are sent to the
/// client.

namespace xmpp::detail::serving {

/// \throws xmpp::error with the stream_condition that the stream is to be ended with
void route(local_domain& domain, bound_session& sender, const stanza& received);

void route_message(local_domain& domain, bound_session& sender, const stanza& message);
void route_presence(local_domain& domain, bound_session& sender, const stanza& presence);
void route_iq(local_domain& domain, bound_session& sender, const stanza& iq);

/// The client is gone, or says so: what everybody who saw it is told.
void become_unavailable(local_domain& domain, bound_session& session);

}  // namespace xmpp::detail::serving
