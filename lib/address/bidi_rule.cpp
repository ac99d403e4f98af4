#include "address/bidi_rule.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>

namespace xmpp::detail {
namespace {

using directions = std::uint32_t;  // a set of bidirectional classes

directions direction_of(char32_t c) {
    return U_MASK(u_charDirection(static_cast<UChar32>(c)));
}

constexpr directions right = U_MASK(U_RIGHT_TO_LEFT) | U_MASK(U_RIGHT_TO_LEFT_ARABIC);
constexpr directions arabic_number = U_MASK(U_ARABIC_NUMBER);
constexpr directions european_number = U_MASK(U_EUROPEAN_NUMBER);
constexpr directions mark = U_MASK(U_DIR_NON_SPACING_MARK);
constexpr directions anywhere = european_number | U_MASK(U_EUROPEAN_NUMBER_SEPARATOR) |
                                U_MASK(U_COMMON_NUMBER_SEPARATOR) |
                                U_MASK(U_EUROPEAN_NUMBER_TERMINATOR) | U_MASK(U_OTHER_NEUTRAL) |
                                U_MASK(U_BOUNDARY_NEUTRAL) | mark;

}  // namespace

bool follows_bidi_rule(std::u32string_view text) {
    directions all = 0;
    directions last = 0;  // but for the marks after it
    for (const char32_t c : text) {
        const auto direction = direction_of(c);
        all |= direction;
        if (direction != mark) last = direction;
    }
    if ((all & (right | arabic_number)) == 0) return true;

    // A text that begins otherwise may hold nothing that runs from right to left.
    const bool begins_right = (direction_of(text.front()) & right) != 0;
    const bool has_others = (all & ~(right | arabic_number | anywhere)) != 0;
    const bool ends_well = (last & (right | european_number | arabic_number)) != 0;
    const bool mixes_numbers = (all & european_number) && (all & arabic_number);
    return begins_right && !has_others && ends_well && !mixes_numbers;
}

}  // namespace xmpp::detail
