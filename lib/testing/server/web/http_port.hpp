#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include "net/tls/tls_context.hpp"
#include "testing/server/listener.hpp"
#include "xml/parser/limits.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail::serving {

/// A port for XMPP over HTTP. Sessions become byte streams, which are given to `serve`.
class http_port {
 public:
    using stream_server = std::function<void(std::unique_ptr<byte_stream>)>;

    /// Listens at once. Without an `identity`, in clear. \throws std::system_error
    http_port(asio::any_io_executor executor, std::shared_ptr<clock> time,
              std::shared_ptr<const tls_context> identity, const xml_limits& limits,
              stream_server serve);
    http_port(const http_port&) = delete;
    http_port& operator=(const http_port&) = delete;
    /// Drops all connections.
    ~http_port();

    /// Accepts no more connections; those that are there stay.
    void stop_listening() { listener_.reset(); }
    /// 0 when it does not listen.
    std::uint16_t port() const noexcept { return listener_ ? listener_->port() : 0; }

 private:
    struct state;
    static task<> serve_connection(std::shared_ptr<state> self, std::unique_ptr<byte_stream> bytes);
    static task<std::optional<std::string>> answer(std::shared_ptr<state> self, std::string posted);

    std::shared_ptr<state> state_;
    std::unique_ptr<listener> listener_;
};

}  // namespace xmpp::detail::serving
