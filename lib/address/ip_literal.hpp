#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Four decimal numbers up to 255 without leading zeros, which some read as octal (RFC 3986 3.2.2).
bool is_ipv4_address(std::string_view text);

/// An IPv6 address between brackets, with or without a zone, in its normal form: the address as
/// RFC 5952 writes it, the zone after "%25" (RFC 6874 2; a mere "%" is understood, too). Nothing
/// when `text` is something else.
std::optional<std::string> normal_ipv6_literal(std::string_view text);

}  // namespace xmpp::detail
