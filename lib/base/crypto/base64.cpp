#include "base/crypto/base64.hpp"

#include <array>
#include <cstdint>

namespace xmpp::detail {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint32_t no_digit = 64;

constexpr auto digits = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
    return table;
}();

std::uint32_t byte(char c) {
    return static_cast<unsigned char>(c);
}
std::uint32_t digit(char c) {
    return digits[static_cast<unsigned char>(c)];
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    append_base64(text, bytes);
    return text;
}

void append_base64(std::string& text, std::string_view bytes) {
    const auto before = text.size();
    text.append(base64_size(bytes.size()), '=');
    auto* out = text.data() + before;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const auto group = byte(bytes[i]) << 16 | byte(bytes[i + 1]) << 8 | byte(bytes[i + 2]);
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = alphabet[group >> 6 & 63];
        *out++ = alphabet[group & 63];
    }
    const auto rest = bytes.size() - i;
    if (rest == 0) return;
    const auto group = byte(bytes[i]) << 16 | (rest == 2 ? byte(bytes[i + 1]) << 8 : 0);
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    if (rest == 2) *out = alphabet[group >> 6 & 63];
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;

    std::string bytes(text.size() / 4 * 3 - padding, '\0');
    auto out = bytes.begin();
    const auto whole = text.size() - (padding == 0 ? 0 : 4);
    for (std::size_t i = 0; i < whole; i += 4) {
        const auto a = digit(text[i]), b = digit(text[i + 1]);
        const auto c = digit(text[i + 2]), d = digit(text[i + 3]);
        if ((a | b | c | d) & no_digit) return std::nullopt;
        *out++ = static_cast<char>(a << 2 | b >> 4);
        *out++ = static_cast<char>(b << 4 | c >> 2);
        *out++ = static_cast<char>(c << 6 | d);
    }
    if (padding == 0) return bytes;

    const auto a = digit(text[whole]), b = digit(text[whole + 1]);
    const auto c = padding == 1 ? digit(text[whole + 2]) : 0;
    if ((a | b | c) & no_digit) return std::nullopt;
    const auto unused_bits = padding == 1 ? c & 3 : b & 15;
    if (unused_bits != 0) return std::nullopt;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    if (padding == 1) *out = static_cast<char>(b << 4 | c >> 2);
    return bytes;
}

}  // namespace xmpp::detail
