#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "session/unacked_stanzas.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail {

/// What stream management counts it as (XEP-0198 section 4): only messages, presence and requests.
/// `xml` is as a builder makes it.
stanza_kind kind_of(std::string_view xml) noexcept;

/// An outgoing stanza as it goes into its stream once more: without `from`, which the server knows
/// better by now.
std::string without_sender(const outgoing_stanza& original);

/// An outgoing stanza as it goes into a stream of `user` that is not the one that it was made for:
/// without `from`, which may name another resource, unless `user` is a whole domain; a message with
/// the time at which it was accepted (XEP-0203), unless it has one.
builder for_another_stream(const outgoing_stanza& original, const jid& user);

}  // namespace xmpp::detail
