#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chat {

inline constexpr char32_t replacement_character = 0xFFFD;

struct decoded_character {
    char32_t code;      ///< replacement_character where the bytes are not UTF-8
    std::size_t bytes;  ///< how many bytes it takes, at least one
};

/// The first character of `text`, which must not be empty.
decoded_character decode_utf8(std::string_view text) noexcept;

/// How many bytes a character takes that begins with this byte; 1 for a byte that begins none.
std::size_t utf8_length(unsigned char first) noexcept;

void append_utf8(std::string& out, char32_t code);

std::wstring to_wide(std::string_view utf8);
std::string to_utf8(std::wstring_view wide);

}  // namespace chat
