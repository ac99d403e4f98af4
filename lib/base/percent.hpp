#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Without percent-encoding (RFC 3986 2.1); nothing where a '%' is not followed by two hexadecimal
/// digits. What is not encoded stays as it is.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace xmpp::detail
