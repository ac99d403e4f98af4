#pragma once

#include "net/socket/tcp_stream.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

namespace xmpp::detail {

/// Connects to addresses. All calls are made on one executor, and so are the calls back: later,
/// never from inside connect().
class connector {
 public:
    /// A connection in the making; destroying it gives it up, and nobody is called any more.
    class attempt {
     public:
        attempt() = default;
        attempt(const attempt&) = delete;
        attempt& operator=(const attempt&) = delete;
        virtual ~attempt() = default;
    };

    /// Gets a stream or says why there is none. May destroy the attempt.
    using function = std::function<void(std::error_code, std::unique_ptr<tcp_stream>)>;

    connector() = default;
    connector(const connector&) = delete;
    connector& operator=(const connector&) = delete;
    virtual ~connector() = default;

    virtual std::unique_ptr<attempt> connect(const std::string& address, std::uint16_t port,
                                             function done) = 0;
};

/// By TCP.
std::shared_ptr<connector> make_socket_connector(asio::any_io_executor executor);

}  // namespace xmpp::detail
