#include "counting_relay.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace xmpp::bench {
namespace {

int connect_to(std::uint16_t port) {
    const int made = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("the relay can't reach the server");
    }
    return made;
}

/// \returns the number of bytes passed on; 0 when the connection has ended
std::size_t pass_on(int from, int to) {
    std::array<char, 65536> buffer;
    const auto received = ::recv(from, buffer.data(), buffer.size(), 0);
    if (received <= 0) return 0;
    const auto size = static_cast<std::size_t>(received);
    for (std::size_t sent = 0; sent < size;) {
        const auto more = ::send(to, buffer.data() + sent, size - sent, MSG_NOSIGNAL);
        if (more <= 0) return 0;
        sent += static_cast<std::size_t>(more);
    }
    return size;
}

}  // namespace

counting_relay::counting_relay(std::uint16_t to) : to_(to), thread_(&counting_relay::serve, this) {}

counting_relay::~counting_relay() {
    stop();
    thread_.join();
    for (auto& each : connections_) each.join();
}

void counting_relay::serve() {
    for (int client = accept(); client >= 0; client = accept()) {
        connections_.emplace_back(&counting_relay::relay, this, client);
    }
}

void counting_relay::relay(int client) {
    const int server = connect_to(to_);
    for (const int each : {client, server}) {
        const int on = 1;
        ::setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    for (bool open = true; open && ::poll(ends.data(), ends.size(), -1) > 0;) {
        for (const int side : {0, 1}) {
            if (!open || ends.at(side).revents == 0) continue;
            const auto passed = pass_on(ends.at(side).fd, ends.at(1 - side).fd);
            bytes_ += passed;
            open = passed > 0;
        }
    }
    ::close(client);
    ::close(server);
}

}  // namespace xmpp::bench
