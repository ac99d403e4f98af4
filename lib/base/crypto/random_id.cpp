#include <xmpp/make_id.hpp>

#include "base/crypto/crypto.hpp"
#include "base/crypto/random_pool.hpp"

#include <array>
#include <cstddef>

namespace xmpp::detail {

std::string random_id() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    constexpr std::size_t length = 15;

    std::array<unsigned char, length> bytes;
    pooled_random_bytes(bytes);
    std::string id(length, '\0');
    for (std::size_t i = 0; i < length; ++i) id[i] = alphabet[bytes[i] & 63];
    return id;
}

}  // namespace xmpp::detail

namespace xmpp {

std::string make_id(std::string_view suffix) {
    auto id = detail::random_id();
    if (!suffix.empty()) {
        id += ':';
        id += suffix;
    }
    return id;
}

}  // namespace xmpp
