#include "text.hpp"

namespace terminal {
namespace {

static_assert(sizeof(wchar_t) == sizeof(char32_t));

char32_t made_safe(char32_t code) noexcept {
    if (code < 0x20) return 0x2400 + code;  // the control pictures
    if (code == 0x7F) return 0x2421;
    const bool upper_control = code >= 0x80 && code < 0xA0;
    const bool direction_control =
        (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return upper_control || direction_control ? replacement_character : code;
}

}  // namespace

std::size_t utf8_length(unsigned char first) noexcept {
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xF0 && first < 0xF5) return 4;
    return 1;
}

decoded_character decode_utf8(std::string_view text) noexcept {
    constexpr decoded_character invalid{replacement_character, 1};
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };

    const auto length = utf8_length(byte(0));
    if (length == 1) return byte(0) < 0x80 ? decoded_character{byte(0), 1} : invalid;
    if (text.size() < length) return invalid;

    char32_t code = byte(0) & (0xFFu >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) {
        if (!continues_character(text[at])) return invalid;
        code = (code << 6) | (byte(at) & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (overlong || surrogate || code > 0x10FFFF) return invalid;
    return {code, length};
}

void append_utf8(std::string& out, char32_t code) {
    const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | (code >> 6));
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | (code >> 12));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3F));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

std::wstring to_wide(std::string_view utf8) {
    std::wstring wide;
    while (!utf8.empty()) {
        const auto character = decode_utf8(utf8);
        wide += static_cast<wchar_t>(character.code);
        utf8.remove_prefix(character.bytes);
    }
    return wide;
}

std::string to_utf8(std::wstring_view wide) {
    std::string utf8;
    for (const auto character : wide) append_utf8(utf8, static_cast<char32_t>(character));
    return utf8;
}

std::string safe_text(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        append_utf8(safe, made_safe(character.code));
        text.remove_prefix(character.bytes);
    }
    return safe;
}

std::vector<std::string> safe_lines(std::string_view text) {
    std::vector<std::string> lines;
    for (;;) {
        const auto end = text.find('\n');
        lines.push_back(safe_text(text.substr(0, end)));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

}  // namespace terminal
