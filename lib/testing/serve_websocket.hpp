#pragma once

#include <xmpp/byte_stream.hpp>

#include <asio/any_io_executor.hpp>

#include <memory>

namespace xmpp::detail {

/// Whether this build speaks WebSocket.
bool can_serve_websocket() noexcept;

/// A websocket_server_stream over `lower`.
/// \throws error(errc::not_supported) in a build without libwslay
std::unique_ptr<byte_stream> serve_websocket(const asio::any_io_executor& executor,
                                             std::unique_ptr<byte_stream> lower);

}  // namespace xmpp::detail
