#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

/// Character classes that, unlike those of <cctype>, know no locale and take any char.
namespace xmpp::detail {

constexpr bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_ascii(std::string_view text) {
    unsigned char bits = 0;  // a loop without an early end is one that compilers vectorise
    for (const char c : text) bits |= static_cast<unsigned char>(c);
    return bits < 0x80;
}

inline void append_lowercase(std::string& to, std::string_view text) {
    const auto begin = static_cast<std::ptrdiff_t>(to.size());
    to += text;
    std::transform(to.begin() + begin, to.end(), to.begin() + begin, to_lower);
}

inline bool equal_in_any_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char left, char right) { return to_lower(left) == to_lower(right); });
}

/// Without the characters of `space` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view space) noexcept {
    const auto first = text.find_first_not_of(space);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace xmpp::detail
