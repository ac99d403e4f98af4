#pragma once

#include "support/fault_link.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace xmpp::test {

/// A port of 127.0.0.1 that leads to another one, over a path with the faults of real networks.
/// They are switched on and off at any time; normal() is the beginning.
///
/// It works on the context and the thread of the test, and in real time. While it lives, the
/// context has something to do. Destroying it cuts all connections.
class fault_proxy {
 public:
    fault_proxy(asio::io_context& context, std::uint16_t server_port);
    ~fault_proxy();
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;

    /// Where it listens: the same port for all its life.
    [[nodiscard]] std::uint16_t port() const noexcept;

    // ---- the connections that there are

    /// Resets them, at both ends. What has not been forwarded is lost.
    void cut();
    /// Forwards nothing that way any more, not even that a side has closed; the sockets stay open.
    /// What waits is forwarded after normal(). New connections are whole.
    void half_open(flow which);
    void half_open();  ///< both ways

    // ---- these and those to come

    /// Resets the connection over which the `bytes`th byte from now (1 is the next) goes that way,
    /// right behind it, and calls `then`, which may ask for the next cut.
    void cut_after(flow which, std::uint64_t bytes, std::function<void()> then = {});
    /// Every piece arrives so much later.
    void delay(std::chrono::milliseconds by);
    /// That much each way, on each connection.
    void throttle(std::uint64_t bytes_per_second);
    /// Each byte is sent alone.
    void one_byte_at_a_time(flow which);
    void one_byte_at_a_time();  ///< both ways

    // ---- those to come

    /// New connections are accepted and reset at once.
    void refuse();
    /// Nobody listens: the system refuses connections.
    void stop_listening();

    /// Ends every fault: what was held or delayed goes on, and new connections are served. Cuts
    /// that are due later, too, are called off.
    void normal();

    [[nodiscard]] std::size_t connections() const noexcept;  ///< that are open
    [[nodiscard]] std::size_t accepted() const noexcept;     ///< so far, without those refused
    [[nodiscard]] std::size_t cuts() const noexcept;         ///< connections that faults have reset
    [[nodiscard]] std::uint64_t forwarded(flow which) const noexcept;  ///< bytes so far

 private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace xmpp::test
