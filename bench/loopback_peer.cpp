#include "loopback_peer.hpp"

#include "stanzas.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace xmpp::bench {
namespace {

constexpr std::size_t piece = 64 * 1024;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// \returns false at the end of the connection
bool read_some(int socket, std::string& into) {
    const auto before = into.size();
    into.resize(before + piece);
    const auto count = ::recv(socket, into.data() + before, piece, 0);
    into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return count > 0;
}

void write_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::size_t messages_in(std::string_view text) {
    constexpr std::string_view end = "</message>";
    std::size_t count = 0;
    for (auto at = text.find(end); at != text.npos; at = text.find(end, at + end.size())) ++count;
    return count;
}

/// What one connection has sent of its next request.
struct http_stream {
    int socket;
    std::string received;
};

/// Takes one whole request off the front; its body in `body`.
bool take_request(std::string& received, std::string& body) {
    constexpr std::string_view length = "Content-Length: ";
    const auto head_end = received.find("\r\n\r\n");
    if (head_end == received.npos) return false;
    const auto size = std::stoul(received.substr(received.find(length) + length.size(), 12));
    const auto end = head_end + 4 + size;
    if (received.size() < end) return false;
    body = received.substr(head_end + 4, size);
    received.erase(0, end);
    return true;
}

void answer(int socket, std::string_view attributes, std::string_view content) {
    std::string body = "<body xmlns='http://jabber.org/protocol/httpbind'";
    body.append(attributes).append(">").append(content).append("</body>");
    write_all(socket,
              "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
              "Content-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace

loopback_peer::loopback_peer() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (listening_ < 0 || ::bind(listening_, generic, size) != 0 || ::listen(listening_, 8) != 0 ||
        ::getsockname(listening_, generic, &size) != 0) {
        fail("listening on the loopback interface");
    }
    port_ = ntohs(address.sin_port);
}

loopback_peer::~loopback_peer() {
    ::close(listening_);
}

void loopback_peer::stop() noexcept {
    ::shutdown(listening_, SHUT_RDWR);
}

int loopback_peer::accept() {
    const int socket = ::accept(listening_, nullptr, nullptr);
    const int on = 1;
    if (socket >= 0) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

stream_peer::stream_peer() : thread_([this] { serve(); }) {}

stream_peer::~stream_peer() {
    stop();
    thread_.join();
}

void stream_peer::serve() {
    const int socket = accept();
    if (socket < 0) return;
    std::string received;
    read_some(socket, received);
    write_all(socket, stream_header());
    received.clear();
    while (read_some(socket, received)) {
        const auto count = messages_in(received);
        std::string back;
        for (std::size_t i = 0; i < count; ++i) back += chat_message();
        write_all(socket, back);
        const auto last = received.rfind("</message>");
        if (last != received.npos) received.erase(0, last + 10);
    }
    ::close(socket);
}

http_peer::http_peer() : thread_([this] { serve(); }) {}

http_peer::~http_peer() {
    stop();
    thread_.join();
}

void http_peer::serve() {
    std::vector<http_stream> streams;
    std::vector<int> held;
    bool created = false;
    streams.push_back({accept(), {}});
    while (!streams.empty() && streams.front().socket >= 0) {
        std::vector<pollfd> waiting;
        for (const auto& each : streams) waiting.push_back({each.socket, POLLIN, 0});
        waiting.push_back({listening(), POLLIN, 0});
        if (::poll(waiting.data(), waiting.size(), -1) < 0) break;
        if (waiting.back().revents != 0) {
            const int socket = accept();
            if (socket < 0) break;
            streams.push_back({socket, {}});
        }
        bool ended = false;
        for (std::size_t i = 0; i + 1 < waiting.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            auto& stream = streams[i];
            if (!read_some(stream.socket, stream.received)) ended = true;
            std::string body;
            while (take_request(stream.received, body)) {
                if (!created) {
                    created = true;
                    answer(stream.socket, " sid='s' requests='2' hold='1' wait='60'", {});
                    continue;
                }
                held.push_back(stream.socket);
                std::string back;
                for (std::size_t n = messages_in(body); n > 0; --n) back += chat_message();
                if (held.size() > 1 || !back.empty()) {
                    answer(held.front(), {}, back);
                    held.erase(held.begin());
                }
            }
        }
        if (ended) break;
    }
    for (const auto& each : streams) ::close(each.socket);
}

}  // namespace xmpp::bench
