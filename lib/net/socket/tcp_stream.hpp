#pragma once

#include <xmpp/byte_stream.hpp>

#include <memory>
#include <string>

namespace xmpp::detail {

/// A connected TCP socket. Made by dial(), or of an accepted socket by make_tcp_stream()
/// (net/tcp_socket.hpp).
///
/// Failures are xmpp::error with the system's code and the peer's address in the explanation. A
/// cancelled write leaves an unknown part of its bytes sent: abort() the stream then.
class tcp_stream final : public byte_stream {
 public:
    struct state;
    explicit tcp_stream(std::shared_ptr<state> connected);
    ~tcp_stream() override;

    task<std::string_view> read() override;
    task<> write(std::string_view bytes) override;
    task<> close() override;
    void abort() noexcept override;

    /// While on, incoming segments are acknowledged at once (Linux; elsewhere without effect). A
    /// login is a chain of small requests and answers: against a server that writes small pieces
    /// without TCP_NODELAY each link costs 40 ms otherwise.
    void set_interactive(bool on);

    /// "127.0.0.1:5222", "[::1]:5222"; for logs.
    const std::string& peer() const noexcept;
    /// The peer is on this machine: nobody is on the way.
    bool is_loopback() const noexcept;

 private:
    std::shared_ptr<state>
        state_;  // also held by what waits: abort() and destroy in one go is fine
};

}  // namespace xmpp::detail
