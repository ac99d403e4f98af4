#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// A length before what it is of: four bytes, the highest first.
inline constexpr std::size_t length_bytes = 4;

inline void append_length(std::string& out, std::size_t size) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(static_cast<std::uint32_t>(size) >> shift);
    }
}

/// Of bytes that begin with a length.
inline std::uint32_t read_length(std::string_view bytes) {
    std::uint32_t size = 0;
    for (const char byte : bytes.substr(0, length_bytes)) {
        size = size << 8 | static_cast<unsigned char>(byte);
    }
    return size;
}

}  // namespace xmpp::detail
