#pragma once

#include <xmpp/options.hpp>
#include <xmpp/testing/server.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace demo {

/// By which transport the clients of the demonstration reach its server.
enum class transport { tcp, websocket, bosh };

/// "tcp", "ws" or "bosh".
std::optional<transport> parse_transport(std::string_view name);

/// For people: "WebSocket".
std::string_view describe(transport how);

/// What a connection needs to reach the server that way: the service, and the rest.
std::string service_of(const xmpp::testing::server& server, transport how);
xmpp::options options_of(const xmpp::testing::server& server, transport how);

}  // namespace demo
