#include "net/websocket/websocket_frame.hpp"

#include "base/crypto/random_pool.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace xmpp::detail {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::size_t key_size = 4;

using mask_key = std::array<unsigned char, key_size>;

/// The length in as few bytes as it takes, as the protocol wants it.
void append_length(std::string& out, std::uint64_t size, std::uint8_t mask) {
    int more_bytes = 0;
    std::uint64_t first = size;
    if (size > 0xFFFF) {
        first = 127;
        more_bytes = 8;
    } else if (size > 125) {
        first = 126;
        more_bytes = 2;
    }
    out += static_cast<char>(first | mask);
    for (int shift = 8 * (more_bytes - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
    }
}

/// Eight bytes at a time: this touches every byte that is sent.
void mask(char* bytes, std::size_t size, const mask_key& key) {
    std::uint64_t twice = 0;
    std::memcpy(&twice, key.data(), key_size);
    std::memcpy(reinterpret_cast<char*>(&twice) + key_size, key.data(), key_size);
    for (; size >= sizeof(twice); size -= sizeof(twice), bytes += sizeof(twice)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof(word));
        word ^= twice;
        std::memcpy(bytes, &word, sizeof(word));
    }
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ key[i % key_size]);
    }
}

}  // namespace

void append_websocket_frame(std::string& out, std::uint8_t opcode, std::string_view payload,
                            bool masked) {
    mask_key key{};
    if (masked) pooled_random_bytes(key);
    out += static_cast<char>(final_bit | opcode);
    append_length(out, payload.size(), masked ? mask_bit : 0);
    if (masked) out.append(reinterpret_cast<const char*>(key.data()), key.size());
    const auto begin = out.size();
    out += payload;
    if (masked) mask(out.data() + begin, payload.size(), key);
}

}  // namespace xmpp::detail
