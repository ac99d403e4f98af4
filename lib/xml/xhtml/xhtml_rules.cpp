#include "xml/xhtml/xhtml_rules.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xmpp::detail::xhtml {
namespace {

using namespace std::string_view_literals;

constexpr auto white_space = " \t\r\n"sv;
constexpr std::array kept{"a"sv,  "blockquote"sv, "br"sv, "cite"sv, "em"sv,     "img"sv,
                          "li"sv, "ol"sv,         "p"sv,  "span"sv, "strong"sv, "ul"sv};
// What they contain is not meant to be read.
constexpr std::array dropped{"applet"sv, "head"sv,  "iframe"sv,   "noscript"sv, "object"sv,
                             "script"sv, "style"sv, "template"sv, "title"sv};
constexpr std::array styled{"a"sv,  "blockquote"sv, "cite"sv, "img"sv, "li"sv,
                            "ol"sv, "p"sv,          "span"sv, "ul"sv};
constexpr std::array properties{
    "background-color"sv, "color"sv,       "font-family"sv,  "font-size"sv,  "font-style"sv,
    "font-weight"sv,      "margin-left"sv, "margin-right"sv, "text-align"sv, "text-decoration"sv};
constexpr std::array link_schemes{"http:"sv, "https:"sv, "mailto:"sv, "xmpp:"sv};
constexpr std::array image_schemes{"cid:"sv, "data:image/gif;base64,"sv,
                                   "data:image/jpeg;base64,"sv, "data:image/png;base64,"sv,
                                   "data:image/webp;base64,"sv};
constexpr std::array remote_image_schemes{"http:"sv, "https:"sv};
constexpr std::array colour_functions{"rgb("sv, "rgba("sv, "hsl("sv, "hsla("sv};

bool contains(const auto& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool begins_with_any(std::string_view text, const auto& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(), [text](std::string_view prefix) {
        return equal_in_any_case(text.substr(0, prefix.size()), prefix);
    });
}

bool is_address(std::string_view value, const auto& schemes) {
    return begins_with_any(value, schemes) && std::none_of(value.begin(), value.end(), is_control);
}

/// Words, numbers, lists, quoted names and colours; no escapes, no comments, no calls of anything
/// but a colour.
bool is_harmless_value(std::string_view value) {
    constexpr std::string_view punctuation = " #%,.'\"-+!";
    auto plain = value;
    if (begins_with_any(value, colour_functions) && value.ends_with(')')) {
        plain = value.substr(value.find('(') + 1);
        plain.remove_suffix(1);
    }
    return !plain.empty() && std::all_of(plain.begin(), plain.end(), [&](char c) {
        return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
               punctuation.find(c) != punctuation.npos || !is_ascii(c);
    });
}

std::optional<std::string> if_it(bool may_stay, std::string_view value) {
    if (!may_stay) return std::nullopt;
    return std::string(value);
}

/// A length: a decimal number without sign, and a unit.
struct length {
    double number = 0;
    std::string_view unit;
};

std::optional<length> length_of(std::string_view value) {
    constexpr std::size_t most_digits = 8;
    const auto end = std::min(value.find_first_not_of("0123456789."), value.size());
    const auto digits = value.substr(0, end);
    if (digits.empty() || digits.size() > most_digits || digits == "." ||
        std::count(digits.begin(), digits.end(), '.') > 1) {
        return std::nullopt;
    }
    length found;
    double place = 1;
    bool whole = true;
    for (const char c : digits) {
        if (c == '.') {
            whole = false;
        } else if (whole) {
            found.number = found.number * 10 + (c - '0');
        } else {
            found.number += (c - '0') * (place /= 10);
        }
    }
    found.unit = value.substr(end);
    return found;
}

struct bounds {
    std::string_view unit;
    double least;
    double most;
};

constexpr std::array margins{bounds{"px", 0, 100}, bounds{"pt", 0, 75}, bounds{"em", 0, 6},
                             bounds{"rem", 0, 6},  bounds{"ex", 0, 12}, bounds{"%", 0, 25}};
constexpr std::array fixed_fonts{bounds{"px", 8, 36}, bounds{"pt", 6, 27}};
constexpr std::array font_words{"xx-small"sv, "x-small"sv, "small"sv,   "medium"sv,
                                "large"sv,    "x-large"sv, "xx-large"sv};
/// Those of ex and % in terms of rem.
struct relative_unit {
    std::string_view unit;
    double of_page;
};
constexpr std::array relative_fonts{relative_unit{"rem", 1}, relative_unit{"em", 1},
                                    relative_unit{"ex", 0.5}, relative_unit{"%", 0.01}};
constexpr double smallest_font = 0.5;
constexpr double largest_font = 2;

bool is_within(const length& size, const auto& all) {
    return std::any_of(all.begin(), all.end(), [&](const bounds& each) {
        return equal_in_any_case(each.unit, size.unit) && size.number >= each.least &&
               size.number <= each.most;
    });
}

std::optional<std::string> margin(std::string_view value) {
    const auto size = length_of(value);
    const bool nothing = size && size->number == 0 && size->unit.empty();
    return if_it(value == "auto" || nothing || (size && is_within(*size, margins)), value);
}

/// A size of its own: one in terms of the element around would grow with each element.
std::optional<std::string> font_size(std::string_view value) {
    if (value == "larger") return "large";
    if (value == "smaller") return "small";
    if (contains(font_words, value)) return std::string(value);
    const auto size = length_of(value);
    if (!size) return std::nullopt;
    if (is_within(*size, fixed_fonts)) return std::string(value);
    for (const auto& each : relative_fonts) {
        if (!equal_in_any_case(each.unit, size->unit)) continue;
        const auto of_page = size->number * each.of_page;
        if (of_page < smallest_font || of_page > largest_font) return std::nullopt;
        return fmt::format("{:.4g}rem", of_page);
    }
    return std::nullopt;
}

/// The value that a property may have.
std::optional<std::string> harmless_value(std::string_view property, std::string_view value) {
    if (!contains(properties, property) || !is_harmless_value(value)) return std::nullopt;
    if (property.starts_with("margin")) return margin(value);
    if (property == "font-size") return font_size(value);
    return std::string(value);
}

std::string harmless_style(std::string_view style) {
    std::string result;
    while (!style.empty()) {
        const auto end = std::min(style.find(';'), style.size());
        const auto declaration = style.substr(0, end);
        style.remove_prefix(std::min(end + 1, style.size()));
        const auto colon = declaration.find(':');
        if (colon == declaration.npos) continue;
        const auto property = trimmed(declaration.substr(0, colon), white_space);
        const auto value =
            harmless_value(property, trimmed(declaration.substr(colon + 1), white_space));
        if (!value) continue;
        if (!result.empty()) result += "; ";
        result.append(property).append(": ").append(*value);
    }
    return result;
}

/// Of an image: pixels, or a part of what there is room for.
bool is_image_size(std::string_view value) {
    constexpr double most_pixels = 2'000;
    const auto size = length_of(value);
    if (!size || value.find('.') != value.npos) return false;
    if (size->unit == "%") return size->number <= 100;
    return size->unit.empty() && size->number <= most_pixels;
}

}  // namespace

verdict judge(std::string_view element) noexcept {
    if (contains(kept, element)) return verdict::keep;
    return contains(dropped, element) ? verdict::drop : verdict::unwrap;
}

std::optional<std::string> attribute(std::string_view element, std::string_view name,
                                     std::string_view value, html_images images) {
    if (name == "style" && contains(styled, element)) {
        auto style = harmless_style(value);
        if (style.empty()) return std::nullopt;
        return style;
    }
    if (element == "a" && name == "href") return if_it(is_address(value, link_schemes), value);
    if (element != "img") return std::nullopt;
    if (name == "src") {
        const bool remote =
            images == html_images::remote && is_address(value, remote_image_schemes);
        return if_it(remote || is_address(value, image_schemes), value);
    }
    if (name == "width" || name == "height") return if_it(is_image_size(value), value);
    return if_it(name == "alt", value);
}

}  // namespace xmpp::detail::xhtml
