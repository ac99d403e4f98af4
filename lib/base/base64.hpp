#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);

/// The bytes behind a canonical encoding, and nothing for any other text: white space, missing or
/// misplaced padding, the URL alphabet, bits left over in the last character, text behind the end.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace xmpp::detail
