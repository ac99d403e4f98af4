#include "address/precis.hpp"

#include "address/bidi_rule.hpp"
#include "address/code_point_class.hpp"
#include "address/context_rules.hpp"
#include "address/unicode_text.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace xmpp::detail {
namespace {

using mapping = std::u16string (*)(std::u16string_view);

/// RFC 8264 7: a text that still changes after the fourth time is no good.
std::u16string stable_form(std::u16string text, mapping map, address_part part) {
    constexpr int max_rounds = 4;
    for (int round = 0; round < max_rounds; ++round) {
        auto mapped = map(text);
        if (mapped == text) return text;
        text = std::move(mapped);
    }
    refuse(part, "has no stable normal form");
}

std::u16string map_username(std::u16string_view text) {
    return nfc(lowercase(width_mapped(text)));
}

std::u16string map_opaque(std::u16string_view text) {
    return nfc(spaces_mapped(text));
}

enum class text_class : std::uint8_t { identifier, free_form };

void check_code_points(std::u32string_view text, text_class wanted, address_part part) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto [property, kind] = precis_class_of(text[at]);
        const auto code = static_cast<std::uint32_t>(text[at]);
        switch (property) {
            case precis_property::valid:
                continue;
            case precis_property::free_text:
                if (wanted == text_class::free_form) continue;
                break;
            case precis_property::joins_context:
            case precis_property::other_context:
                if (fits_context(text, at)) continue;
                refuse(part, fmt::format("holds U+{:04X}, {}, where its neighbours don't allow it",
                                         code, kind));
            case precis_property::disallowed:
            case precis_property::unassigned:
                break;
        }
        refuse(part, fmt::format("holds U+{:04X}, {}, which is not allowed there", code, kind));
    }
}

std::u16string decoded(std::string_view text, address_part part) {
    // No mapping shortens a text to less than a third; longer ones are not worth the work.
    constexpr std::size_t max_raw_bytes = 4 * max_part_bytes;
    if (text.size() > max_raw_bytes) check_length(part, text);
    auto utf16 = utf16_from(text);
    if (!utf16) refuse(part, "is not valid UTF-8");
    return std::move(*utf16);
}

}  // namespace

std::string username_case_mapped(std::string_view text, address_part part) {
    const auto mapped = stable_form(decoded(text, part), map_username, part);
    const auto code_points = code_points_of(mapped);
    check_code_points(code_points, text_class::identifier, part);
    if (!follows_bidi_rule(code_points)) {
        refuse(part, "mixes writing directions in a way that can be misread (RFC 5893)");
    }
    return utf8_from(mapped);
}

std::string opaque_string(std::string_view text, address_part part) {
    const auto mapped = stable_form(decoded(text, part), map_opaque, part);
    check_code_points(code_points_of(mapped), text_class::free_form, part);
    return utf8_from(mapped);
}

}  // namespace xmpp::detail
