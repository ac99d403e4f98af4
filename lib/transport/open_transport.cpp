#include "transport/open_transport.hpp"

#include <xmpp/error.hpp>

#include "transport/option_scope.hpp"

#include <utility>

namespace xmpp::detail {

namespace {

/// What can't be encrypted later must be from the first byte: headers, cookies and the tokens of a
/// session over HTTP leave before a login could be refused.
void check_secrecy(const service_url& service, const options& settings) {
    if (!service.is_web() || service.direct_tls() || settings.tls() != tls_mode::required) return;
    throw error(errc::tls_unavailable,
                "this service is not encrypted, and options::tls requires that: use wss:// or "
                "https://");
}

}  // namespace

task<std::shared_ptr<transport>> open_transport(transport_request wanted, wire_observer& observer) {
    check_options(wanted.service, wanted.settings);  // again, as a redirect may lead elsewhere
    if (!wanted.settings.worker().empty()) return open_shared(std::move(wanted), observer);
    check_secrecy(wanted.service, wanted.settings);
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
