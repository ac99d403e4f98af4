#pragma once

#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "transport/transport.hpp"
#include "transport/transport_request.hpp"

#include <memory>
#include <string>

namespace xmpp::detail {

/// Opens the link that the service names: finds the host, connects, encrypts where TLS comes first.
/// Without a service, the domain is asked for one in DNS.
///
/// `observer` must outlive the transport.
task<std::shared_ptr<transport>> open_transport(transport_request wanted, wire_observer& observer);

/// The same for one kind of service each.
task<std::shared_ptr<transport>> open_tcp(transport_request wanted, wire_observer& observer);
/// \throws error(errc::tls_unavailable) for a link that must be encrypted and is not
task<std::shared_ptr<transport>> open_component(transport_request wanted, wire_observer& observer);
/// \throws error(errc::not_supported) in a build without libwslay
task<std::shared_ptr<transport>> open_websocket_transport(transport_request wanted,
                                                          wire_observer& observer);
/// Over a channel of the program's own (options::register_transport).
/// \throws error(errc::callback_failed) for a program that opens nothing; what it throws
task<std::shared_ptr<transport>> open_registered(transport_request wanted, wire_observer& observer);
/// \throws error(errc::not_supported) in a build without libcurl
task<std::shared_ptr<transport>> open_bosh(transport_request wanted, wire_observer& observer);

task<std::shared_ptr<transport>> open_shared(transport_request wanted, wire_observer& observer);

}  // namespace xmpp::detail
