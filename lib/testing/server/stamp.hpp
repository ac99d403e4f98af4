#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "testing/server/session_table.hpp"

namespace xmpp::detail::serving {

/// The stanza as its recipient gets it: with the sender's true address (RFC 6120 8.1.2.1), and
/// with another recipient unless `to` is empty.
builder stamped(const stanza& original, const jid& from, const jid& to = {});

/// The answers to a client's stanza, from whom it was addressed to.
void answer_result(bound_session& sender, const stanza& request, builder payload);
/// Errors are not answered, nor are results (RFC 6120 8.3.1).
void answer_error(bound_session& sender, const stanza& request, const stanza_error& reason);

}  // namespace xmpp::detail::serving
