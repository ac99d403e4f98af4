#pragma once

#include "net/socket/tcp_stream.hpp"

#include <asio/ip/tcp.hpp>

#include <memory>
#include <string>

/// \file
/// The expensive half of tcp_stream.hpp, for those who make sockets.

namespace xmpp::detail {

/// Sets the options that every stream has (non-blocking, no delay, keep-alive) and wraps the
/// connected socket.
std::unique_ptr<tcp_stream> make_tcp_stream(asio::ip::tcp::socket connected);

/// "127.0.0.1:5222", "[::1]:5222".
std::string to_text(const asio::ip::tcp::endpoint& address);

}  // namespace xmpp::detail
