#include "address/unicode_text.hpp"

#include <xmpp/error.hpp>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace xmpp::detail {
namespace {

std::int32_t length_of(std::u16string_view text) {
    if (text.size() > std::numeric_limits<std::int32_t>::max()) {
        throw error(errc::invalid_jid, "a text of over two gigabytes");
    }
    return static_cast<std::int32_t>(text.size());
}

[[noreturn]] void icu_failed(UErrorCode status) {
    throw error(errc::not_supported,
                std::string("ICU can't process text beyond ASCII: ") + u_errorName(status));
}

/// Runs an ICU function that writes into a buffer, again with a larger one if it asks for that.
template <class Call>
std::u16string collect(std::size_t expected_size, Call call) {
    std::u16string result(expected_size, u'\0');
    for (;;) {
        UErrorCode status = U_ZERO_ERROR;
        const auto size = static_cast<std::size_t>(call(result.data(), length_of(result), &status));
        const bool fits = size <= result.size();
        result.resize(size);
        if (U_SUCCESS(status)) return result;
        if (status != U_BUFFER_OVERFLOW_ERROR || fits) icu_failed(status);
    }
}

const UNormalizer2* normalizer(const UNormalizer2* (*open)(UErrorCode*)) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* instance = open(&status);
    if (U_FAILURE(status)) icu_failed(status);
    return instance;
}

std::u16string normalized(std::u16string_view text, const UNormalizer2* (*open)(UErrorCode*)) {
    const auto* form = normalizer(open);
    return collect(text.size(), [&](char16_t* to, std::int32_t room, UErrorCode* status) {
        return unorm2_normalize(form, text.data(), length_of(text), to, room, status);
    });
}

bool has_another_width(UChar32 c) {
    const auto kind = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
    return kind == U_DT_WIDE || kind == U_DT_NARROW;
}

}  // namespace

std::optional<std::u16string> utf16_from(std::string_view utf8) {
    if (utf8.size() > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    std::u16string text(utf8.size(), u'\0');
    std::int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(text.data(), length_of(text), &size, utf8.data(),
                  static_cast<std::int32_t>(utf8.size()), &status);
    if (U_FAILURE(status)) return std::nullopt;
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string utf8_from(std::u16string_view utf16) {
    std::string text(utf16.size() * 3, '\0');
    std::int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &size, utf16.data(),
                length_of(utf16), &status);
    if (U_FAILURE(status)) icu_failed(status);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::u32string code_points_of(std::u16string_view utf16) {
    std::u32string text;
    text.reserve(utf16.size());
    for (std::size_t at = 0; at < utf16.size();) {
        UChar32 c = 0;
        U16_NEXT(utf16.data(), at, utf16.size(), c);
        text += static_cast<char32_t>(c);
    }
    return text;
}

std::u16string lowercase(std::u16string_view text) {
    constexpr const char* no_language = "";
    return collect(text.size(), [&](char16_t* to, std::int32_t room, UErrorCode* status) {
        return u_strToLower(to, room, text.data(), length_of(text), no_language, status);
    });
}

std::u16string nfc(std::u16string_view text) {
    return normalized(text, unorm2_getNFCInstance);
}

std::u16string nfkc(std::u16string_view text) {
    return normalized(text, unorm2_getNFKCInstance);
}

std::u16string nfkc_casefold(std::u16string_view text) {
    return normalized(text, unorm2_getNFKCCasefoldInstance);
}

std::u16string width_mapped(std::u16string_view text) {
    const auto* form = normalizer(unorm2_getNFKCInstance);
    std::u16string mapped;
    mapped.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = at;
        UChar32 c = 0;
        U16_NEXT(text.data(), at, text.size(), c);
        if (!has_another_width(c)) {
            mapped += text.substr(begin, at - begin);
            continue;
        }
        std::array<char16_t, 8> usual{};  // one or two code units, as the character database has it
        UErrorCode status = U_ZERO_ERROR;
        const auto size = unorm2_getRawDecomposition(form, c, usual.data(), usual.size(), &status);
        if (U_FAILURE(status) || size < 0) icu_failed(status);
        mapped.append(usual.data(), static_cast<std::size_t>(size));
    }
    return mapped;
}

std::u16string spaces_mapped(std::u16string_view text) {
    // None lies beyond U+FFFF, so that code units will do; halves of a pair are no spaces.
    const auto is_space = [](char16_t c) { return u_charType(c) == U_SPACE_SEPARATOR; };
    std::u16string mapped(text);
    std::replace_if(mapped.begin(), mapped.end(), is_space, u' ');
    return mapped;
}

}  // namespace xmpp::detail
