#include "address/context_rules.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <optional>

namespace xmpp::detail {
namespace {

using text_view = std::u32string_view;

std::optional<char32_t> before(text_view text, std::size_t at) {
    if (at == 0) return std::nullopt;
    return text[at - 1];
}

std::optional<char32_t> after(text_view text, std::size_t at) {
    if (at + 1 == text.size()) return std::nullopt;
    return text[at + 1];
}

bool is_virama(char32_t c) {
    constexpr std::uint8_t virama = 9;
    return u_getCombiningClass(static_cast<UChar32>(c)) == virama;
}

bool has_script(char32_t c, UScriptCode script) {
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(static_cast<UChar32>(c), &status) == script && U_SUCCESS(status);
}

std::int32_t joining_type(char32_t c) {
    return u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_JOINING_TYPE);
}

/// A.1: the letters on both sides would join if nothing stood between them.
bool breaks_a_cursive_connection(text_view text, std::size_t at) {
    const auto transparent = [](char32_t c) { return joining_type(c) == U_JT_TRANSPARENT; };
    const auto left = std::find_if_not(
        text.rbegin() + static_cast<std::ptrdiff_t>(text.size() - at), text.rend(), transparent);
    const auto right = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                        text.end(), transparent);
    if (left == text.rend() || right == text.end()) return false;
    const auto l = joining_type(*left);
    const auto r = joining_type(*right);
    return (l == U_JT_LEFT_JOINING || l == U_JT_DUAL_JOINING) &&
           (r == U_JT_RIGHT_JOINING || r == U_JT_DUAL_JOINING);
}

bool is_japanese(char32_t c) {
    return has_script(c, USCRIPT_HIRAGANA) || has_script(c, USCRIPT_KATAKANA) ||
           has_script(c, USCRIPT_HAN);
}

bool is_arabic_digit(char32_t c) {
    return c >= 0x0660 && c <= 0x0669;
}
bool is_extended_arabic_digit(char32_t c) {
    return c >= 0x06F0 && c <= 0x06F9;
}

}  // namespace

bool fits_context(text_view text, std::size_t at) {
    const auto c = text[at];
    const auto previous = before(text, at);
    const auto next = after(text, at);
    switch (c) {
        case 0x200C:  // A.1 ZERO WIDTH NON-JOINER
            return (previous && is_virama(*previous)) || breaks_a_cursive_connection(text, at);
        case 0x200D:  // A.2 ZERO WIDTH JOINER
            return previous && is_virama(*previous);
        case 0x00B7:  // A.3 MIDDLE DOT, as in Catalan
            return previous == U'l' && next == U'l';
        case 0x0375:  // A.4 GREEK LOWER NUMERAL SIGN
            return next && has_script(*next, USCRIPT_GREEK);
        case 0x05F3:  // A.5 HEBREW PUNCTUATION GERESH
        case 0x05F4:  // A.6 HEBREW PUNCTUATION GERSHAYIM
            return previous && has_script(*previous, USCRIPT_HEBREW);
        case 0x30FB:  // A.7 KATAKANA MIDDLE DOT
            return std::any_of(text.begin(), text.end(), is_japanese);
        default:
            break;
    }
    // A.8 and A.9: the two kinds of digits look alike, so they don't mix.
    if (is_arabic_digit(c)) return std::none_of(text.begin(), text.end(), is_extended_arabic_digit);
    if (is_extended_arabic_digit(c)) return std::none_of(text.begin(), text.end(), is_arabic_digit);
    return false;
}

}  // namespace xmpp::detail
