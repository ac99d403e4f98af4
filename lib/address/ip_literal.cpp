#include "address/ip_literal.hpp"

#include "base/ascii.hpp"
#include "base/whole_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace xmpp::detail {
namespace {

constexpr std::size_t group_count = 8;
using groups = std::array<std::uint16_t, group_count>;

template <class Number>
std::optional<Number> number(std::string_view text, int base, std::size_t max_digits) {
    if (text.size() > max_digits) return std::nullopt;
    return whole_number<Number>(text, base);
}

std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view text) {
    std::array<std::uint8_t, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto dot = text.find('.');
        const bool is_last = i + 1 == bytes.size();
        if ((dot == std::string_view::npos) != is_last) return std::nullopt;
        const auto digits = text.substr(0, dot);
        const auto byte = number<std::uint8_t>(digits, 10, 3);
        if (!byte || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
        bytes[i] = *byte;
        text.remove_prefix(is_last ? text.size() : dot + 1);
    }
    return bytes;
}

/// Groups of one side of "::", or all of them; the number of those read, or nothing.
std::optional<std::size_t> parse_groups(std::string_view text, groups& into) {
    std::size_t count = 0;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const auto word = text.substr(0, colon);
        const bool is_last = colon == std::string_view::npos;
        const auto ipv4 = is_last ? parse_ipv4(word) : std::nullopt;
        const auto group = number<std::uint16_t>(word, 16, 4);
        if ((!ipv4 && !group) || count + (ipv4 ? 2 : 1) > into.size()) return std::nullopt;
        if (ipv4) {
            into[count++] = static_cast<std::uint16_t>((*ipv4)[0] << 8 | (*ipv4)[1]);
            into[count++] = static_cast<std::uint16_t>((*ipv4)[2] << 8 | (*ipv4)[3]);
        } else {
            into[count++] = *group;
        }
        if (is_last) break;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;  // a colon at the end
    }
    return count;
}

std::optional<groups> parse_ipv6(std::string_view text) {
    groups head{};
    const auto gap = text.find("::");
    const auto head_count = parse_groups(text.substr(0, gap), head);
    if (!head_count) return std::nullopt;
    if (gap == std::string_view::npos) {
        return *head_count == group_count ? std::optional(head) : std::nullopt;
    }
    groups tail{};
    const bool dotted_head = text.substr(0, gap).find('.') != std::string_view::npos;
    const auto tail_count = parse_groups(text.substr(gap + 2), tail);
    if (!tail_count || dotted_head || *head_count + *tail_count >= group_count) return std::nullopt;
    std::copy_n(tail.begin(), *tail_count, head.end() - static_cast<std::ptrdiff_t>(*tail_count));
    return head;
}

struct run {
    std::size_t begin = 0;
    std::size_t size = 0;
};

/// RFC 5952 4.2: the first of the longest runs of zeros, where it is worth a "::".
run longest_zeros(const groups& address) {
    run longest;
    run current;
    for (std::size_t i = 0; i < address.size(); ++i) {
        current = address[i] == 0 ? run{i + 1 - (current.size + 1), current.size + 1} : run{};
        if (current.size > longest.size) longest = current;
    }
    return longest.size > 1 ? longest : run{};
}

std::string to_text(const groups& address) {
    const auto zeros = longest_zeros(address);
    const bool maps_ipv4 = zeros.begin == 0 && zeros.size == 5 && address[5] == 0xFFFF;
    if (maps_ipv4) {
        return fmt::format("::ffff:{}.{}.{}.{}", address[6] >> 8, address[6] & 0xFF,
                           address[7] >> 8, address[7] & 0xFF);
    }
    std::string text;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (zeros.size > 0 && i == zeros.begin) {
            text += "::";
            i += zeros.size - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        fmt::format_to(std::back_inserter(text), "{:x}", address[i]);
    }
    return text;
}

bool is_zone(std::string_view text) {
    const auto fits = [](char c) {
        return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') ||
               std::string_view("-._~").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

bool is_ipv4_address(std::string_view text) {
    return parse_ipv4(text).has_value();
}

std::optional<std::string> normal_ipv6_literal(std::string_view text) {
    if (text.size() < 4 || text.front() != '[' || text.back() != ']') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    const auto percent = text.find('%');
    const auto address = parse_ipv6(text.substr(0, percent));
    if (!address) return std::nullopt;
    if (percent == std::string_view::npos) return fmt::format("[{}]", to_text(*address));

    auto zone = text.substr(percent + 1);
    if (zone.size() > 2 && zone.starts_with("25")) zone.remove_prefix(2);
    if (!is_zone(zone)) return std::nullopt;
    return fmt::format("[{}%25{}]", to_text(*address), zone);
}

}  // namespace xmpp::detail
