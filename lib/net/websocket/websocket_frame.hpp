#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Appends a frame that is a whole message, or a control frame (RFC 6455 5.2). A masked one gets a
/// key of its own from OpenSSL's generator.
/// \throws xmpp::error(std::errc::io_error) when that can't be seeded; nothing was appended then
void append_websocket_frame(std::string& out, std::uint8_t opcode, std::string_view payload,
                            bool masked);

}  // namespace xmpp::detail
