#pragma once

#include "net/http/http_head.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail {

/// Where to, and what else the request says.
struct websocket_request {
    std::string host;          // for the Host field: with the port unless it is the scheme's own
    std::string target = "/";  // path and query
    http_fields headers;       // the user's own
    http_fields cookies;
};

/// 16 bytes from OpenSSL's generator, in base64.
std::string make_websocket_key();

/// The client's opening handshake (RFC 6455 4.1), for the subprotocol "xmpp" (RFC 7395 3.1) and
/// without extensions: compression is never offered.
/// \throws error(errc::invalid_options) for headers and cookies that can't be sent, and for headers
///         that are the handshake's own business
std::string websocket_request_head(const websocket_request& request, std::string_view key);

/// What proves that the server has understood the key (RFC 6455 4.2.2).
std::string websocket_accept(std::string_view key);

/// Does the answer open the WebSocket?
/// \throws protocol_error(protocol::http) with errc::http_refused for another status than 101;
///         error(errc::bad_format) for an answer that breaks the handshake's rules
void check_websocket_answer(const http_head& answer, std::string_view key);

}  // namespace xmpp::detail
