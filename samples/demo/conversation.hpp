#pragma once

#include <xmpp/testing/server.hpp>

#include "transport.hpp"

#include <asio/io_context.hpp>

namespace demo {

/// Romeo and Juliet log in at the server, by that transport, and talk; every status and every
/// message is printed. Runs the context until both have left, and stops the server then. Returns
/// true when they heard all that was said.
bool play_conversation(asio::io_context& context, xmpp::testing::server& server, transport how);

}  // namespace demo
