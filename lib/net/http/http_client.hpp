#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include "net/tls/tls_settings.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// What a server has answered.
struct http_response {
    int status = 0;
    std::string headers;  // as received: the status line and one line a header
    std::string body;
};

/// Where requests go, and how.
struct http_settings {
    using pairs = std::vector<std::pair<std::string, std::string>>;

    std::string url;  // http or https; may hold user and password
    std::string content_type = "text/xml; charset=utf-8";
    pairs headers;      // sent besides; names and values
    pairs cookies;      // in the jar from the beginning
    std::string proxy;  // a URL; empty: as the environment says (http_proxy, no_proxy, ...)
    std::string user;   // of HTTP's own authentication
    std::string password;
    std::string connect_address;  // "host" or "host:port" to connect to in place of the URL's
    std::vector<std::string> name_servers;  // empty: the system's
    tls_settings tls;
    std::string verify_name;  // what the certificate must bear; empty: the URL's host
    std::size_t max_body_bytes = std::size_t{16} << 20U;
    std::size_t max_header_bytes = std::size_t{64} << 10U;
};

/// Posts to one URL. Connections are kept and used again, HTTP/2 where the server offers it over
/// TLS; cookies that the server sets are sent back. A redirect (307, 308) is followed within the
/// URL's origin. All calls are made on the executor.
class http_client {
 public:
    http_client() = default;
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;
    virtual ~http_client() = default;

    /// The answer, whatever its status. Several may wait at once.
    ///
    /// Cancelling ends the request at once. A request under way shares the client: who lets go of
    /// the client calls abort() before.
    /// \throws xmpp::error: host_not_found, connection_refused, connection_lost (also when there is
    ///         no answer within `limit`), tls_failure or a certificate_errc, unexpected_data for
    ///         what is not HTTP, stream_condition::policy_violation for an answer beyond the
    ///         limits, invalid_service for a redirect to elsewhere, too_many_redirects
    virtual task<http_response> post(std::shared_ptr<const std::string> body,
                                     std::chrono::milliseconds limit) = 0;

    /// Ends all requests with operation_aborted and closes the connections.
    virtual void abort() noexcept = 0;
};

/// \throws xmpp::error(errc::invalid_service) for a URL that can't be used,
///         xmpp::error(errc::invalid_options) for settings that can't be used: a line break in a
///         header or cookie, files that can't be read;
///         xmpp::error(errc::not_supported) in a build without libcurl
std::shared_ptr<http_client> make_http_client(asio::any_io_executor executor,
                                              http_settings settings, std::shared_ptr<clock> time);

}  // namespace xmpp::detail
