#include "transport/open_transport.hpp"

#include <utility>

namespace xmpp::detail {

task<std::shared_ptr<transport>> open_transport(transport_request wanted, wire_observer& observer) {
    if (!wanted.settings.worker().empty()) return open_shared(std::move(wanted), observer);
    switch (wanted.service.scheme) {
        case service_scheme::ws:
        case service_scheme::wss:
            return open_websocket_transport(std::move(wanted), observer);
        case service_scheme::http:
        case service_scheme::https:
            return open_bosh(std::move(wanted), observer);
        case service_scheme::component:
        case service_scheme::components:
            return open_component(std::move(wanted), observer);
        case service_scheme::shared:
            return open_shared(std::move(wanted), observer);
        case service_scheme::registered:
            return open_registered(std::move(wanted), observer);
        case service_scheme::discover:
        case service_scheme::xmpp:
        case service_scheme::xmpps:
            break;
    }
    return open_tcp(std::move(wanted), observer);
}

}  // namespace xmpp::detail
