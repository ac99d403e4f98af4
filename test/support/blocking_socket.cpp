#include "support/blocking_socket.hpp"

#include "support/throw_errno.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <random>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>

namespace xmpp::test {

namespace {

constexpr std::uint16_t lowest_port = 10000;
constexpr std::uint16_t highest_port = 32767;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int open_socket() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw_errno("socket");
    return socket;
}

bool bind_to(int socket, std::uint16_t port) {
    const auto address = loopback(port);
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool connect_to(int socket, std::uint16_t port) {
    const auto address = loopback(port);
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

blocking_socket::blocking_socket(std::uint16_t port, std::chrono::seconds timeout)
    : socket_(open_socket()) {
    const timeval limit{timeout.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (!connect_to(socket_, port)) {
        const int reason = errno;
        ::close(socket_);
        errno = reason;
        throw_errno(fmt::format("connect to port {}", port));
    }
}

blocking_socket::~blocking_socket() {
    ::close(socket_);
}

void blocking_socket::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) throw_errno("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool blocking_socket::read_some() {
    std::array<char, 4096> buffer;
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got < 0) throw_errno("recv, having received \"" + received_ + '"');
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

const std::string& blocking_socket::read_until(std::initializer_list<std::string_view> texts) {
    const auto arrived = [this](std::string_view text) {
        return received_.find(text) != std::string::npos;
    };
    while (std::none_of(texts.begin(), texts.end(), arrived)) {
        if (!read_some()) throw std::runtime_error("the peer closed after \"" + received_ + '"');
    }
    return received_;
}

const std::string& blocking_socket::read_all() {
    while (read_some()) continue;
    return received_;
}

bool accepts_connections(std::uint16_t port) {
    const int socket = open_socket();
    const bool connected = connect_to(socket, port);
    ::close(socket);
    return connected;
}

std::vector<std::uint16_t> free_ports(std::size_t count) {
    std::random_device entropy;
    std::uniform_int_distribution<int> any_port(lowest_port, highest_port);
    std::vector<std::uint16_t> ports;
    std::vector<int> held;  // until all are chosen, so that none is chosen twice
    while (ports.size() < count) {
        const auto port = static_cast<std::uint16_t>(any_port(entropy));
        const int socket = open_socket();
        held.push_back(socket);
        if (bind_to(socket, port)) ports.push_back(port);
    }
    for (const int socket : held) ::close(socket);
    return ports;
}

std::string http_post(std::uint16_t port, std::string_view path, std::string_view json) {
    blocking_socket connection(port);
    connection.write(
        fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                    path, json.size(), json));
    const auto& answer = connection.read_all();
    const auto status_begin = answer.find(' ');
    const auto body = answer.find("\r\n\r\n");
    if (body == std::string::npos || answer.compare(status_begin, 5, " 200 ") != 0) {
        throw std::runtime_error(fmt::format("POST {}: {}", path, answer));
    }
    return answer.substr(body + 4);
}

}  // namespace xmpp::test
