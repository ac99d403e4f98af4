#include "testing/websocket_accept.hpp"

#include <xmpp/error.hpp>

#include "net/websocket/websocket_handshake.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::size_t max_message_bytes = std::size_t{16} << 20U;

[[noreturn]] void refuse(std::string_view what) {
    throw error(errc::bad_format, fmt::format("the client's WebSocket request {}", what));
}

}  // namespace

std::string websocket_answer(const http_head& request) {
    if (!request.start_line.ends_with(" HTTP/1.1")) refuse("is not HTTP/1.1");
    if (request.count("Host") != 1) refuse("names no host");
    if (!request.lists("Upgrade", "websocket")) refuse("asks for no WebSocket");
    if (!request.lists("Connection", "upgrade")) refuse("does not ask for an upgrade");
    if (request.value("Sec-WebSocket-Version") != "13") refuse("asks for another version");
    if (!request.lists("Sec-WebSocket-Protocol", "xmpp")) refuse("does not offer xmpp");
    const auto key = request.value("Sec-WebSocket-Key");
    if (key.size() != 24) refuse("has no key of 16 bytes");
    return fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n",
        websocket_accept(key));
}

task<std::unique_ptr<websocket_stream>> accept_websocket(asio::any_io_executor executor,
                                                         std::unique_ptr<byte_stream> lower) {
    http_head_reader request("GET ");
    std::string early;
    while (!request.complete()) {
        const auto received = co_await lower->read();
        if (received.empty()) {
            throw error(errc::connection_lost, "the client hung up during the WebSocket upgrade");
        }
        early = received.substr(request.feed(received));
    }
    const auto answer = websocket_answer(request.head());
    co_await lower->write(answer);
    co_return std::make_unique<websocket_stream>(executor, std::move(lower), websocket_role::server,
                                                 max_message_bytes, std::move(early));
}

}  // namespace xmpp::detail
