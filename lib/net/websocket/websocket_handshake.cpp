#include "net/websocket/websocket_handshake.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/ascii.hpp"
#include "base/crypto/base64.hpp"
#include "base/crypto/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xmpp::detail {
namespace {

constexpr std::size_t key_bytes = 16;
constexpr std::string_view subprotocol = "xmpp";
constexpr std::string_view websocket_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr int switching_protocols = 101;

std::string lower(std::string_view text) {
    std::string result;
    append_lowercase(result, text);
    return result;
}

void check_users_header(std::string_view name) {
    constexpr std::array<std::string_view, 8> ours{
        "host",           "upgrade",           "connection", "cookie",
        "content-length", "transfer-encoding", "trailer",    "te"};
    const auto in_lower_case = lower(name);
    const bool reserved = in_lower_case.starts_with("sec-websocket-") ||
                          std::find(ours.begin(), ours.end(), in_lower_case) != ours.end();
    if (!reserved) return;
    throw error(errc::invalid_options,
                fmt::format("header {} belongs to the WebSocket handshake itself{}", name,
                            in_lower_case == "cookie" ? "; use options::cookies" : ""));
}

[[noreturn]] void refuse_handshake(std::string_view what) {
    throw error(errc::bad_format, fmt::format("the server's WebSocket handshake {}", what));
}

/// What the status means for whoever configured the URL.
std::string_view advice(int status) noexcept {
    if (status >= 300 && status < 400) return "; connect to the new place instead";
    if (status == 401 || status == 403) return "; it wants other headers or cookies";
    if (status == 404 || status == 405 || status == 426 || status == 200) {
        return "; is the path of the service URL right?";
    }
    if (status >= 500) return "; try again later";
    return "";
}

[[noreturn]] void refused(const http_head& answer, const http_status& status) {
    std::string text = fmt::format("the WebSocket upgrade was answered with HTTP status {}{}",
                                   status.code, advice(status.code));
    if (const auto place = answer.value("Location"); !place.empty()) {
        text += fmt::format(" (Location: {})", place);
    }
    const auto condition = condition_name(errc::http_refused);
    throw protocol_error(
        protocol::http, status.code,
        error(errc::http_refused, std::string(condition), status.reason, std::move(text)));
}

}  // namespace

std::string make_websocket_key() {
    return base64_encode(random_bytes(key_bytes));
}

std::string websocket_request_head(const websocket_request& request, std::string_view key) {
    http_request_head head("GET", request.target);
    head.add("Host", request.host)
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Key", key)
        .add("Sec-WebSocket-Version", "13")
        .add("Sec-WebSocket-Protocol", subprotocol);
    for (const auto& [name, value] : request.headers) {
        check_users_header(name);
        head.add(name, value);
    }
    head.add_cookies(request.cookies);
    return std::move(head).take();
}

std::string websocket_accept(std::string_view key) {
    return base64_encode(digest(hash::sha1, fmt::format("{}{}", key, websocket_guid)));
}

void check_websocket_answer(const http_head& answer, std::string_view key) {
    const auto status = parse_http_status(answer.start_line);
    if (status.code != switching_protocols) refused(answer, status);
    if (answer.count("Upgrade") != 1 || !equal_in_any_case(answer.value("Upgrade"), "websocket")) {
        refuse_handshake("does not upgrade to WebSocket");
    }
    if (!answer.lists("Connection", "upgrade")) refuse_handshake("does not upgrade the connection");
    if (answer.count("Sec-WebSocket-Accept") != 1 ||
        answer.value("Sec-WebSocket-Accept") != websocket_accept(key)) {
        refuse_handshake("proves nothing: its Sec-WebSocket-Accept does not fit our key");
    }
    if (answer.count("Sec-WebSocket-Extensions") != 0) {
        refuse_handshake("turns on an extension that nobody asked for");
    }
    if (answer.count("Sec-WebSocket-Protocol") != 1 ||
        answer.value("Sec-WebSocket-Protocol") != subprotocol) {
        refuse_handshake(
            "does not agree to the subprotocol xmpp; this may be a WebSocket for something "
            "else");
    }
}

}  // namespace xmpp::detail
