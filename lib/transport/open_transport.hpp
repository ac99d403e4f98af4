#pragma once

#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "net/service_url.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace xmpp::detail {

/// Opens the link that `service` names: finds the host, connects, encrypts where TLS comes first.
/// Without a service, TCP to the domain itself.
///
/// `observer` must outlive the transport.
task<std::shared_ptr<transport>> open_transport(service_url service, std::string domain,
                                                options settings, wire_observer& observer);

}  // namespace xmpp::detail
