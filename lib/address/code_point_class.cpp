#include "address/code_point_class.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <optional>

namespace xmpp::detail {
namespace {

constexpr precis_class letter{precis_property::valid, "a letter or digit"};

UChar32 icu(char32_t c) {
    return static_cast<UChar32>(c);
}

bool in(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

bool has(char32_t c, UProperty property) {
    return u_hasBinaryProperty(icu(c), property);
}

/// RFC 8264 9.6 and RFC 5892 2.6, which have the same table.
std::optional<precis_class> exception_of(char32_t c) {
    switch (c) {
        case 0x00DF:  // LATIN SMALL LETTER SHARP S
        case 0x03C2:  // GREEK SMALL LETTER FINAL SIGMA
        case 0x06FD:  // ARABIC SIGN SINDHI AMPERSAND
        case 0x06FE:  // ARABIC SIGN SINDHI POSTPOSITION MEN
        case 0x0F0B:  // TIBETAN MARK INTERSYLLABIC TSHEG
        case 0x3007:  // IDEOGRAPHIC NUMBER ZERO
            return letter;
        case 0x00B7:  // MIDDLE DOT
        case 0x0375:  // GREEK LOWER NUMERAL SIGN (KERAIA)
        case 0x05F3:  // HEBREW PUNCTUATION GERESH
        case 0x05F4:  // HEBREW PUNCTUATION GERSHAYIM
        case 0x30FB:  // KATAKANA MIDDLE DOT
            return precis_class{precis_property::other_context, "punctuation"};
        case 0x0640:  // ARABIC TATWEEL
        case 0x07FA:  // NKO LAJANYALAN
        case 0x302E:  // HANGUL SINGLE DOT TONE MARK
        case 0x302F:  // HANGUL DOUBLE DOT TONE MARK
        case 0x303B:  // VERTICAL IDEOGRAPHIC ITERATION MARK
            return precis_class{precis_property::disallowed, "a mark without meaning of its own"};
        default:
            break;
    }
    if (in(c, 0x0660, 0x0669) || in(c, 0x06F0, 0x06F9)) {  // both kinds of Arabic digits
        return precis_class{precis_property::other_context, "a digit"};
    }
    if (in(c, 0x3031, 0x3035)) {  // VERTICAL KANA REPEAT MARKs
        return precis_class{precis_property::disallowed, "a mark without meaning of its own"};
    }
    return std::nullopt;
}

bool is_old_hangul_jamo(char32_t c) {
    const auto kind = u_getIntPropertyValue(icu(c), UCHAR_HANGUL_SYLLABLE_TYPE);
    return kind == U_HST_LEADING_JAMO || kind == U_HST_VOWEL_JAMO || kind == U_HST_TRAILING_JAMO;
}

/// HasCompat (RFC 8264 9.17): NFKC changes the code point.
bool has_compatible_form(char32_t c) {
    return u_getIntPropertyValue(icu(c), UCHAR_NFKC_QUICK_CHECK) == UNORM_NO;
}

bool has_category(char32_t c, std::uint32_t mask) {
    return (U_MASK(u_charType(icu(c))) & mask) != 0;
}

constexpr std::uint32_t letter_digits = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK |
                                        U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
constexpr std::uint32_t other_letter_digits =
    U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK;

bool is_unassigned(char32_t c) {
    return has_category(c, U_GC_CN_MASK) && !has(c, UCHAR_NONCHARACTER_CODE_POINT);
}

bool is_in_ignorable_block(char32_t c) {  // RFC 5892 2.4
    switch (ublock_getCode(icu(c))) {
        case UBLOCK_COMBINING_MARKS_FOR_SYMBOLS:
        case UBLOCK_MUSICAL_SYMBOLS:
        case UBLOCK_ANCIENT_GREEK_MUSICAL_NOTATION:
            return true;
        default:
            return false;
    }
}

}  // namespace

// The first category that holds decides; the order is the RFC's.
precis_class precis_class_of(char32_t c) {
    using enum precis_property;
    if (const auto exception = exception_of(c)) return *exception;
    if (is_unassigned(c)) return {unassigned, "not assigned to a character"};
    if (in(c, 0x21, 0x7E)) return letter;
    if (has(c, UCHAR_JOIN_CONTROL)) return {joins_context, "a joining control"};
    if (is_old_hangul_jamo(c)) return {disallowed, "a piece of a Hangul syllable"};
    if (has(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return {disallowed, "an invisible character"};
    if (has(c, UCHAR_NONCHARACTER_CODE_POINT)) return {disallowed, "not a character"};
    if (has_category(c, U_GC_CC_MASK)) return {disallowed, "a control character"};
    if (has_compatible_form(c)) return {free_text, "a variant of other characters"};
    if (has_category(c, letter_digits)) return letter;
    if (has_category(c, other_letter_digits)) return {free_text, "a special letter or number"};
    if (has_category(c, U_GC_ZS_MASK)) return {free_text, "a space"};
    if (has_category(c, U_GC_S_MASK)) return {free_text, "a symbol"};
    if (has_category(c, U_GC_P_MASK)) return {free_text, "punctuation"};
    return {disallowed, "for private use, or for formatting only"};
}

bool may_stand_in_label(char32_t c) {
    if (const auto exception = exception_of(c)) {
        return exception->property != precis_property::disallowed;
    }
    if (is_unassigned(c)) return false;
    if (c == U'-' || in(c, U'0', U'9') || in(c, U'a', U'z')) return true;
    if (has(c, UCHAR_JOIN_CONTROL)) return true;
    // Folding also drops what is ignorable by default, which has no place in a label either.
    if (has(c, UCHAR_CHANGES_WHEN_NFKC_CASEFOLDED) || has(c, UCHAR_WHITE_SPACE) ||
        has(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || has(c, UCHAR_NONCHARACTER_CODE_POINT)) {
        return false;
    }
    return !is_in_ignorable_block(c) && !is_old_hangul_jamo(c) && has_category(c, letter_digits);
}

}  // namespace xmpp::detail
