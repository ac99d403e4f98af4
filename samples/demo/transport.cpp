#include "transport.hpp"

#include <fmt/format.h>

namespace demo {

std::optional<transport> parse_transport(std::string_view name) {
    if (name == "tcp") return transport::tcp;
    if (name == "ws") return transport::websocket;
    if (name == "bosh") return transport::bosh;
    return std::nullopt;
}

std::string_view describe(transport how) {
    switch (how) {
        case transport::tcp:
            return "TCP";
        case transport::websocket:
            return "WebSocket";
        case transport::bosh:
            break;
    }
    return "HTTP (BOSH)";
}

std::string service_of(const xmpp::testing::server& server, transport how) {
    switch (how) {
        case transport::tcp:
            return fmt::format("xmpp://127.0.0.1:{}", server.port());
        case transport::websocket:
            return server.ws_url();
        case transport::bosh:
            break;
    }
    return server.http_url();
}

xmpp::options options_of(const xmpp::testing::server& server, transport how) {
    switch (how) {
        case transport::tcp:
            return server.client_options();
        case transport::websocket:
            return server.ws_client_options();
        case transport::bosh:
            break;
    }
    return server.http_client_options();
}

}  // namespace demo
