#include "transport/tcp/make_tcp_transport.hpp"

#include "transport/transport_settings.hpp"

#include <utility>

namespace xmpp::detail {

std::shared_ptr<tcp_transport> make_tcp_transport(server_link link, const options& settings,
                                                  tls_upgrade starttls, wire_observer& observer) {
    auto wire = std::make_shared<tcp_transport>(std::move(link.stream.bytes), limits_of(settings),
                                                std::move(starttls), observer);
    if (auto* socket = link.socket) {
        wire->on_established([socket] { socket->set_interactive(false); });
    }
    if (link.secure) {
        wire->already_secure(std::move(link.stream.description), std::move(link.stream.bindings));
    }
    return wire;
}

}  // namespace xmpp::detail
