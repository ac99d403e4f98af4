#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// A plain TCP connection to a port of this machine, for what tests do beside the code under test.
/// Every call blocks; one that can't finish in time throws std::runtime_error.
class blocking_socket {
 public:
    explicit blocking_socket(std::uint16_t port,
                             std::chrono::seconds timeout = std::chrono::seconds(10));
    ~blocking_socket();
    blocking_socket(const blocking_socket&) = delete;
    blocking_socket& operator=(const blocking_socket&) = delete;

    void write(std::string_view bytes);
    /// Everything read since the connection began, once it contains one of `texts`.
    const std::string& read_until(std::initializer_list<std::string_view> texts);
    /// Everything up to the peer's end of the connection.
    const std::string& read_all();

 private:
    bool read_some();

    int socket_;
    std::string received_;
};

/// True if somebody listens there.
[[nodiscard]] bool accepts_connections(std::uint16_t port);

/// Ports that nobody uses now, all below the range from which the system takes the local end of
/// outgoing connections, so that none of those can take one before the server does.
[[nodiscard]] std::vector<std::uint16_t> free_ports(std::size_t count);

/// Sends one HTTP POST and returns the body of the answer; throws std::runtime_error with it if the
/// status is not 200.
std::string http_post(std::uint16_t port, std::string_view path, std::string_view json);

}  // namespace xmpp::test
