#pragma once

#include <string_view>

namespace xmpp::detail {

/// The Bidi Rule of RFC 5893 2: text written from right to left can't be misread for other text.
/// True for text without a right-to-left character. Only in builds with ICU.
bool follows_bidi_rule(std::u32string_view text);

}  // namespace xmpp::detail
