#pragma once

#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "net/service_url.hpp"
#include "transport/transport.hpp"

#include <memory>
#include <string>

namespace xmpp::detail {

/// Opens the link that `service` names: finds the host, connects, encrypts where TLS comes first.
/// Without a service, the domain is asked for one in DNS.
///
/// `observer` must outlive the transport.
task<std::shared_ptr<transport>> open_transport(service_url service, std::string domain,
                                                options settings, wire_observer& observer);

/// The same for one kind of service each.
task<std::shared_ptr<transport>> open_tcp(service_url service, std::string domain, options settings,
                                          wire_observer& observer);
/// \throws error(errc::not_supported) in a build without libwslay
task<std::shared_ptr<transport>> open_websocket_transport(service_url service, std::string domain,
                                                          options settings,
                                                          wire_observer& observer);
/// \throws error(errc::not_supported) in a build without libcurl
task<std::shared_ptr<transport>> open_bosh(service_url service, std::string domain,
                                           options settings, wire_observer& observer);

}  // namespace xmpp::detail
