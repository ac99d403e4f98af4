#pragma once

#include <xmpp/byte_stream.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace xmpp::detail::serving {

/// Accepts TCP connections on a loopback port that the system picks.
class listener {
 public:
    using handler = std::function<void(std::unique_ptr<byte_stream>)>;

    /// Listens at once. \throws std::system_error
    listener(asio::any_io_executor executor, handler accepted);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    /// No call of the handler afterwards.
    ~listener();

    std::uint16_t port() const noexcept { return port_; }

 private:
    class state;
    std::shared_ptr<state> state_;
    std::uint16_t port_;
};

}  // namespace xmpp::detail::serving
