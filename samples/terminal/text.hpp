#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace terminal {

inline constexpr char32_t replacement_character = 0xFFFD;

struct decoded_character {
    char32_t code;      ///< replacement_character where the bytes are not UTF-8
    std::size_t bytes;  ///< how many bytes it takes, at least one
};

/// The first character of `text`, which must not be empty.
decoded_character decode_utf8(std::string_view text) noexcept;

/// How many bytes a character takes that begins with this byte; 1 for a byte that begins none.
std::size_t utf8_length(unsigned char first) noexcept;

/// A byte of a character of several bytes that is not its first.
constexpr bool continues_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80;
}

void append_utf8(std::string& out, char32_t code);

std::wstring to_wide(std::string_view utf8);
std::string to_utf8(std::wstring_view wide);

/// Text that somebody else has written, on one line and harmless for a terminal.
///
/// Control characters, which could move the cursor, change colours or fake a line, become pictures
/// of themselves (a line feed "␊", an escape "␛"). Those without a picture, those that turn the
/// writing direction around, and bytes that are not UTF-8 become U+FFFD.
std::string safe_text(std::string_view text);

/// The same for text of several lines; at least one.
std::vector<std::string> safe_lines(std::string_view text);

}  // namespace terminal
