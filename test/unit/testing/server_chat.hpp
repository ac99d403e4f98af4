#pragma once

#include <xmpp/connection.hpp>
#include <xmpp/testing/server.hpp>

namespace xmpp::testing {

/// A server with juliet ("secret"), romeo ("sesame") and a contact named echo.
server_options play();

/// Two clients of it write to each other, ask each other, and leave.
task<> chat(connection& juliet, connection& romeo);

}  // namespace xmpp::testing
