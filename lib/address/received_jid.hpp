#pragma once

#include <xmpp/jid.hpp>

#include <optional>
#include <string_view>

/// Addresses as servers write them. Servers prepare names by rules of their own, mostly by the
/// older and more generous stringprep (RFC 6122), and their word counts for who somebody is.
namespace xmpp::detail {

/// The address, in its normal form where it has one. A local part or resource beyond ASCII that RFC
/// 7622 refuses is kept as it is written, if it has 1 to 1023 bytes of UTF-8 without control
/// characters; never equal to an address that jid::parse() takes.
/// \returns nothing where any other rule is broken
std::optional<jid> received_jid(std::string_view text);

/// Is it the same address? Text that is none is compared as text.
bool same_address(std::string_view text, const jid& address);
bool same_address(std::string_view a, std::string_view b);

/// The same address after the preparation of a server that folds more than RFC 7622 does: "straße"
/// and "strasse", a final sigma and another, a ligature and its letters. The domains must be equal.
bool same_after_folding(const jid& a, const jid& b);

}  // namespace xmpp::detail
