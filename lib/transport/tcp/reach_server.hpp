#pragma once

#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "net/dial/doubtful_addresses.hpp"
#include "net/socket/tcp_stream.hpp"
#include "net/url/proxy_url.hpp"
#include "net/url/service_url.hpp"
#include "transport/tcp/tcp_transport.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// A link to the server by TCP.
struct server_link {
    secured_stream stream;
    tcp_stream* socket = nullptr;  // at the bottom of the stream, and as long-lived
    bool secure = false;           // TLS is on it already
    bool loopback = false;         // the server is on this machine
};

/// How the client's part of TLS begins, with TLS from the first byte or after STARTTLS.
using tls_start = std::function<tls_upgrade(bool direct)>;

/// Where a proxy shall lead to.
host_and_port target_behind_proxy(const service_url& service, const options& settings);

/// Finds the server of a service and connects to it, by what options say of addresses, name servers
/// and delays. Without a service, the domain is asked for one in DNS.
///
/// With a proxy, that is what is connected to, and then asked for a connection to the place that
/// the service or options::connect_address names, whose name is left to the proxy to look up.
///
/// Where TLS comes first, its handshake belongs to the attempt: a server that fails at it, or takes
/// more than 10 seconds, is as good as none, and the next is tried.
/// Addresses in `doubtful` (null: none) come last, and the one that is reached is told to it; that
/// of a proxy is none of the server.
/// \throws xmpp::error as discover(), connection_race::next()
task<server_link> reach_server(service_url service, std::string domain, options settings,
                               tls_start begin_tls, std::optional<proxy_url> proxy,
                               std::shared_ptr<doubtful_addresses> doubtful);

}  // namespace xmpp::detail
