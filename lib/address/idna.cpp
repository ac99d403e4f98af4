#include "address/idna.hpp"

#include <xmpp/error.hpp>

#include "address/address_part.hpp"
#include "address/code_point_class.hpp"
#include "address/unicode_text.hpp"
#include "base/ascii.hpp"

#include <fmt/format.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

namespace xmpp::detail {
namespace {

std::string_view reason_of(std::uint32_t errors) {
    struct reason {
        std::uint32_t errors;
        std::string_view text;
    };
    static constexpr std::array reasons{
        reason{UIDNA_ERROR_EMPTY_LABEL, "there is nothing between two dots"},
        reason{UIDNA_ERROR_LABEL_TOO_LONG, "a label is longer than 63 bytes"},
        reason{UIDNA_ERROR_DOMAIN_NAME_TOO_LONG, "it is longer than 253 bytes"},
        reason{UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4,
               "a label has a hyphen where none may be"},
        reason{UIDNA_ERROR_LEADING_COMBINING_MARK, "a label begins with a combining mark"},
        reason{UIDNA_ERROR_DISALLOWED, "it holds a character that no name may hold"},
        reason{UIDNA_ERROR_PUNYCODE | UIDNA_ERROR_INVALID_ACE_LABEL,
               "a label beginning with xn-- does not encode a valid one"},
        reason{UIDNA_ERROR_LABEL_HAS_DOT, "a label beginning with xn-- encodes a dot"},
        reason{UIDNA_ERROR_BIDI, "it mixes writing directions in a way that can be misread"},
        reason{
            UIDNA_ERROR_CONTEXTJ | UIDNA_ERROR_CONTEXTO_PUNCTUATION | UIDNA_ERROR_CONTEXTO_DIGITS,
            "a character's neighbours don't allow it"},
    };
    for (const auto& known : reasons) {
        if (errors & known.errors) return known.text;
    }
    return "it breaks the rules of IDNA2008";
}

const UIDNA* processor() {
    struct closer {
        void operator()(UIDNA* p) const { uidna_close(p); }
    };
    // STD3 rules are left out as they would refuse the underscore; prepare_domain knows better.
    constexpr std::uint32_t options = UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                      UIDNA_CHECK_CONTEXTO | UIDNA_NONTRANSITIONAL_TO_ASCII |
                                      UIDNA_NONTRANSITIONAL_TO_UNICODE;
    static const std::unique_ptr<UIDNA, closer> shared = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<UIDNA, closer> opened(uidna_openUTS46(options, &status));
        if (U_FAILURE(status)) {
            throw error(errc::not_supported,
                        std::string("ICU has no IDNA data: ") + u_errorName(status));
        }
        return opened;
    }();
    return shared.get();
}

using conversion = decltype(&uidna_nameToUnicodeUTF8);

std::string convert(conversion to, std::string_view name) {
    if (name.size() > max_part_bytes) check_length(address_part::domain, name);
    std::string converted(name.size() * 2 + max_part_bytes, '\0');
    for (;;) {
        UIDNAInfo info = UIDNA_INFO_INITIALIZER;
        UErrorCode status = U_ZERO_ERROR;
        const auto size = static_cast<std::size_t>(
            to(processor(), name.data(), static_cast<std::int32_t>(name.size()), converted.data(),
               static_cast<std::int32_t>(converted.size()), &info, &status));
        if (info.errors != 0) refuse_domain(name, reason_of(info.errors));
        const bool fits = size <= converted.size();
        converted.resize(size);
        if (U_SUCCESS(status)) return converted;
        if (fits) refuse_domain(name, u_errorName(status));
    }
}

void check_code_points(std::string_view name) {
    for (const char32_t c : code_points_of(utf16_from(name).value_or(std::u16string()))) {
        if (c < 0x80 || may_stand_in_label(c)) continue;
        refuse_domain(name, fmt::format("U+{:04X}, {}, is not allowed in one",
                                        static_cast<std::uint32_t>(c), precis_class_of(c).kind));
    }
}

/// Labels that were A-labels already must be those that their U-labels have (RFC 5891 5.4).
void check_round_trip(std::string_view name, std::string_view ascii) {
    if (name.ends_with('.')) name.remove_suffix(1);
    const auto same = [](char a, char b) { return to_lower(a) == b; };
    if (is_ascii(name) && !std::equal(name.begin(), name.end(), ascii.begin(), ascii.end(), same)) {
        refuse_domain(name, reason_of(UIDNA_ERROR_PUNYCODE));
    }
}

}  // namespace

std::string idna_to_unicode(std::string_view name) {
    if (!utf16_from(name)) refuse(address_part::domain, "is not valid UTF-8");
    auto converted = convert(uidna_nameToUnicodeUTF8, name);
    if (converted.ends_with('.')) converted.pop_back();
    check_code_points(converted);
    check_round_trip(name, idna_to_ascii(converted));
    return converted;
}

std::string idna_to_ascii(std::string_view name) {
    return convert(uidna_nameToASCII_UTF8, name);
}

}  // namespace xmpp::detail
