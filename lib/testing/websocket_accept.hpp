#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/task.hpp>

#include "net/http/http_head.hpp"
#include "net/websocket/websocket_stream.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace xmpp::detail {

/// What a good server answers to that request (RFC 6455 4.2.2), with the subprotocol "xmpp".
/// \throws error(errc::bad_format) for a request that does not ask for that
std::string websocket_answer(const http_head& request);

/// Reads a request for a WebSocket and grants it.
/// \throws error(errc::bad_format) as above; errc::connection_lost when the client hangs up
task<std::unique_ptr<websocket_stream>> accept_websocket(asio::any_io_executor executor,
                                                         std::unique_ptr<byte_stream> lower);

}  // namespace xmpp::detail
