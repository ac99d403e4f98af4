#include <xmpp/error.hpp>

#include "net/websocket/websocket_stream.hpp"
#include "transport/open_link.hpp"
#include "transport/open_transport.hpp"
#include "transport/transport_settings.hpp"
#include "transport/watched_stream.hpp"
#include "transport/websocket/websocket_transport.hpp"

#include <asio/this_coro.hpp>

#include <utility>
#include <vector>

namespace xmpp::detail {
// RFC 7395 3.1, over RFC 6455 4.1.
task<std::shared_ptr<transport>> open_websocket_transport(transport_request wanted,
                                                          wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    auto service = std::move(wanted.service);
    const auto& settings = wanted.settings;
    link_identity whom;
    whom.server_name = service.host;
    whom.verify_name = web_identity(service, wanted.domain, settings);
    whom.protocols.emplace_back("http/1.1");
    const auto begin_tls = client_tls(executor, std::move(whom), settings);
    websocket_request request;
    request.host = service.authority();
    request.target = service.target;
    request.headers = settings.headers();
    request.cookies = settings.cookies();

    auto proxy = proxy_of(service, settings);
    auto link = co_await open_link(std::move(service), std::move(wanted.domain), settings,
                                   begin_tls, std::move(proxy));
    auto watched = std::make_unique<watched_stream>(std::move(link.stream.bytes), observer);
    auto socket = co_await open_websocket(executor, std::move(watched), std::move(request),
                                          settings.max_stanza_bytes());
    // No channel bindings: a proxy may end the TLS of a web server, and then they prove nothing.
    auto wire =
        std::make_shared<websocket_transport>(std::move(socket), limits_of(settings), link.secure,
                                              std::vector<channel_binding_data>(), observer);
    wire->encrypted_by(std::move(link.stream.description));
    if (auto* tcp = link.socket) {
        wire->on_established([tcp] { tcp->set_interactive(false); });
    }
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
