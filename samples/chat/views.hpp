#pragma once

#include <xmpp/stanza.hpp>

#include "roster.hpp"
#include "terminal/palette.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace chat {

/// A contact's name, safe for a terminal.
std::string show_name(const contact& who);
/// Who a stanza is from: the contact, or what it says itself.
std::string show_sender(const xmpp::stanza& received, const roster& contacts);

/// A message as it is shown; empty for one without text. Safe for a terminal.
std::string show_message(const xmpp::stanza& message, const roster& contacts,
                         const terminal::palette& colours);

/// A message of our own, as it was typed.
std::string show_own_message(std::string_view text, const contact& to,
                             const terminal::palette& colours);

/// Presence that has changed, or a request to see ours.
std::string show_presence(const xmpp::stanza& presence, const contact& who,
                          const terminal::palette& colours);

/// The contacts, one a line.
std::string show_roster(const roster& contacts, const terminal::palette& colours);

/// Why a message came back: "item-not-found (There is no such user)".
std::string show_bounce(const xmpp::stanza& error);

/// Why something failed; what a peer has said about it included.
std::string show_failure(const std::exception& failure);

/// Markup as it is shown in a trace: on one line, safe for a terminal, with coloured tags. Takes
/// pieces too, such as a stream header without its end.
std::string paint_xml(std::string_view xml, const terminal::palette& colours);

}  // namespace chat
