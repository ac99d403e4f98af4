#include "transport/open_transport.hpp"

#include <utility>

namespace xmpp::detail {

task<std::shared_ptr<transport>> open_transport(service_url service, std::string domain,
                                                options settings, wire_observer& observer) {
    switch (service.scheme) {
        case service_scheme::ws:
        case service_scheme::wss:
            return open_websocket_transport(std::move(service), std::move(domain),
                                            std::move(settings), observer);
        case service_scheme::http:
        case service_scheme::https:
            return open_bosh(std::move(service), std::move(domain), std::move(settings), observer);
        case service_scheme::discover:
        case service_scheme::xmpp:
        case service_scheme::xmpps:
            break;
    }
    return open_tcp(std::move(service), std::move(domain), std::move(settings), observer);
}

}  // namespace xmpp::detail
