#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "stream/management/unacked_stanzas.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail {

/// What stream management counts it as (XEP-0198 section 4): only messages, presence and requests.
/// `xml` is one element; its namespace may have a prefix.
stanza_kind kind_of(std::string_view xml);

/// Is it a stanza, whole and well-formed, whatever its size? Parses it.
bool can_be_sent(std::string_view xml);

/// An outgoing stanza of `user` without `from`, which the server knows better by now: there may be
/// another resource. With it where `user` is a whole domain, which speaks for many addresses.
std::string without_sender(const outgoing_stanza& original, const jid& user);

/// The same, as it goes into another stream than the one that it was made for: a message with the
/// time at which it was accepted (XEP-0203), unless it has one. No limit on what is received
/// applies to it.
std::string for_another_stream(const outgoing_stanza& original, const jid& user);

}  // namespace xmpp::detail
