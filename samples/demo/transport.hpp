#pragma once

#include <xmpp/broker.hpp>
#include <xmpp/options.hpp>
#include <xmpp/testing/server.hpp>

#include <asio/io_context.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace demo {

/// By which transport the clients of the demonstration reach its server.
enum class transport { tcp, websocket, bosh, shared };

/// "tcp", "ws", "bosh" or "shared".
std::optional<transport> parse_transport(std::string_view name);

/// For people: "WebSocket".
std::string_view describe(transport how);

/// What a connection needs to reach the server that way. For a shared session there is a broker
/// behind it, on a socket in a folder of its own.
class way_in {
 public:
    way_in(asio::io_context& context, const xmpp::testing::server& server, transport how);
    ~way_in();
    way_in(const way_in&) = delete;
    way_in& operator=(const way_in&) = delete;

    const std::string& service() const noexcept { return service_; }
    const xmpp::options& settings() const noexcept { return settings_; }
    /// The server is going: the broker ends too.
    void close();

 private:
    void share(asio::io_context& context, const xmpp::testing::server& server);

    std::string service_;
    xmpp::options settings_;
    std::filesystem::path folder_;
    std::optional<xmpp::broker> broker_;
};

}  // namespace demo
