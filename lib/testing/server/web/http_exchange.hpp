#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/task.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail::serving {

/// Makes the answer to what was posted; nothing when the connection is to be cut instead.
using http_answerer = std::function<task<std::optional<std::string>>(std::string posted)>;

/// Serves one connection of HTTP/1.1 (RFC 9112): POST requests with a Content-Length, one after the
/// other, until the client hangs up. All answers are XML and have status 200.
/// \throws xmpp::error(errc::bad_format) for any other request; what the stream throws
task<> serve_http(std::shared_ptr<byte_stream> bytes, http_answerer answer);

}  // namespace xmpp::detail::serving
