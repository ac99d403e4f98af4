#pragma once

#include <xmpp/options.hpp>

#include "transport/tcp/reach_server.hpp"
#include "transport/tcp/tcp_transport.hpp"

#include <memory>

namespace xmpp::detail {

/// The stream over a link that was opened for it. `starttls` may be empty. `observer` must outlive
/// the transport.
std::shared_ptr<tcp_transport> make_tcp_transport(server_link link, const options& settings,
                                                  tls_upgrade starttls, wire_observer& observer);

}  // namespace xmpp::detail
