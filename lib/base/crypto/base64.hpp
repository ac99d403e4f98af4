#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);
/// The same behind what is in `text`, whose capacity is used where it is enough.
void append_base64(std::string& text, std::string_view bytes);
constexpr std::size_t base64_size(std::size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

/// The bytes behind a canonical encoding, and nothing for any other text: white space, missing or
/// misplaced padding, the URL alphabet, bits left over in the last character, text behind the end.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace xmpp::detail
