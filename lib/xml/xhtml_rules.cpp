#include "xml/xhtml_rules.hpp"

#include "base/ascii.hpp"

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
constexpr std::array image_schemes{"http:"sv,
                                   "https:"sv,
                                   "cid:"sv,
                                   "data:image/gif;base64,"sv,
                                   "data:image/jpeg;base64,"sv,
                                   "data:image/png;base64,"sv,
                                   "data:image/webp;base64,"sv};
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

std::string harmless_style(std::string_view style) {
    std::string result;
    while (!style.empty()) {
        const auto end = std::min(style.find(';'), style.size());
        const auto declaration = style.substr(0, end);
        style.remove_prefix(std::min(end + 1, style.size()));
        const auto colon = declaration.find(':');
        if (colon == declaration.npos) continue;
        const auto property = trimmed(declaration.substr(0, colon), white_space);
        const auto value = trimmed(declaration.substr(colon + 1), white_space);
        if (!contains(properties, property) || !is_harmless_value(value)) continue;
        if (!result.empty()) result += "; ";
        result.append(property).append(": ").append(value);
    }
    return result;
}

bool is_length(std::string_view value) {
    if (value.ends_with('%')) value.remove_suffix(1);
    return !value.empty() && value.size() <= 5 && std::all_of(value.begin(), value.end(), is_digit);
}

std::optional<std::string> if_it(bool may_stay, std::string_view value) {
    if (!may_stay) return std::nullopt;
    return std::string(value);
}

}  // namespace

verdict judge(std::string_view element) noexcept {
    if (contains(kept, element)) return verdict::keep;
    return contains(dropped, element) ? verdict::drop : verdict::unwrap;
}

std::optional<std::string> attribute(std::string_view element, std::string_view name,
                                     std::string_view value) {
    if (name == "style" && contains(styled, element)) {
        auto style = harmless_style(value);
        if (style.empty()) return std::nullopt;
        return style;
    }
    if (element == "a" && name == "href") return if_it(is_address(value, link_schemes), value);
    if (element != "img") return std::nullopt;
    if (name == "src") return if_it(is_address(value, image_schemes), value);
    if (name == "width" || name == "height") return if_it(is_length(value), value);
    return if_it(name == "alt", value);
}

}  // namespace xmpp::detail::xhtml
