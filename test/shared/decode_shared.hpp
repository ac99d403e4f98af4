#pragma once

#include <xmpp/error.hpp>

#include "transport/shared/shared_protocol.hpp"

#include <cstddef>
#include <string_view>

namespace xmpp::test {

/// What a broker or a program does with bytes from the socket, for fuzzers: must end without
/// anything but an xmpp::error, and what was read must be written the same.
inline void decode_shared(const unsigned char* data, std::size_t size) {
    try {
        detail::shared::frame_reader reader(1u << 20);
        reader.feed(std::string_view(reinterpret_cast<const char*>(data), size));
        while (auto message = reader.next()) {
            const auto again = detail::shared::encode(*message);
            if (detail::shared::encode(detail::shared::decode(again.substr(4))) != again) {
                __builtin_trap();
            }
        }
    } catch (const error&) {
    }
}

}  // namespace xmpp::test
