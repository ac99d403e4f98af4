#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/task.hpp>

#include "net/http/http_head.hpp"
#include "net/url/proxy_url.hpp"
#include "net/url/service_url.hpp"

#include <memory>
#include <string>

namespace xmpp::detail {

/// The request for a connection to `target` (RFC 9110 9.3.6), with Basic authentication (RFC 7617)
/// where the proxy's URL has a user.
std::string connect_request_head(const proxy_url& proxy, const host_and_port& target);

/// Is the connection there? \param had_login whether the request said who asks
/// \throws protocol_error(protocol::http) with errc::http_refused for a status that is no success;
///         error(errc::bad_format) for what is no status
void check_connect_answer(const http_head& answer, bool had_login);

/// Asks the proxy at the other end of `to_proxy` for a connection to `target`. \returns that
/// connection, on which nothing was read yet
/// \throws what the functions above, http_head_reader and socks5_client throw; for a proxy that
///         hangs up meanwhile errc::connection_lost; errc::unexpected_data for one that says
///         something of its own behind its answer
task<std::unique_ptr<byte_stream>> open_tunnel(std::unique_ptr<byte_stream> to_proxy,
                                               proxy_url proxy, host_and_port target);

}  // namespace xmpp::detail
