#include "safe_text.hpp"

#include "utf8.hpp"

namespace chat {
namespace {

char32_t made_safe(char32_t code) noexcept {
    if (code < 0x20) return 0x2400 + code;  // the control pictures
    if (code == 0x7F) return 0x2421;
    const bool upper_control = code >= 0x80 && code < 0xA0;
    const bool direction_control =
        (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return upper_control || direction_control ? replacement_character : code;
}

}  // namespace

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

}  // namespace chat
