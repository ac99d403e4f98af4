#pragma once

#include <xmpp/testing/server.hpp>

#include "transport.hpp"

#include <asio/io_context.hpp>

namespace demo {

/// Romeo and Juliet log in at the server, that way, and talk; every status and every
/// message is printed. Over a shared session, a second program of Juliet's takes part. Runs the
/// context until both have left, and stops the server then. Returns true when they heard all that
/// was said.
bool play_conversation(asio::io_context& context, xmpp::testing::server& server, way_in& way,
                       transport how);

}  // namespace demo
