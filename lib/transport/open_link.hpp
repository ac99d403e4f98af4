#pragma once

#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "net/url/service_url.hpp"
#include "transport/tcp/reach_server.hpp"

#include <asio/any_io_executor.hpp>

#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

/// Whom the other end of a link must prove to be, and what is spoken over it.
struct link_identity {
    std::string server_name;             // for SNI
    std::string verify_name;             // what the certificate must bear; empty: the server name
    std::vector<std::string> protocols;  // ALPN, where TLS comes first
};

/// The client's part of TLS for all links of a transport. Contexts are made where TLS is spoken.
tls_start client_tls(asio::any_io_executor executor, link_identity whom, const options& settings);

/// The proxy on the way to a service: that of the options; without one, for web services, that of
/// the environment, unless a dialer knows its own ways.
/// \throws xmpp::error(errc::invalid_options) for a URL that can't be used
std::optional<proxy_url> proxy_of(const service_url& service, const options& settings);

/// Opens the bytes to a service, by options::dialer or over TCP, encrypted where the service has
/// TLS from the first byte; by way of the proxy, if one is given.
/// Addresses in `doubtful` come last, and the one that is reached is told to it.
/// \throws xmpp::error(errc::invalid_options) for TLS settings that can't be used, before all else;
///         see reach_server()
task<server_link> open_link(service_url service, std::string domain, options settings,
                            tls_start begin_tls, std::optional<proxy_url> proxy = std::nullopt,
                            std::shared_ptr<doubtful_addresses> doubtful = {});

}  // namespace xmpp::detail
