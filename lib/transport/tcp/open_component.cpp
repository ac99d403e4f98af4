#include <xmpp/error.hpp>

#include "transport/open_link.hpp"
#include "transport/open_transport.hpp"
#include "transport/tcp/make_tcp_transport.hpp"
#include "transport/transport_settings.hpp"

#include <asio/this_coro.hpp>

#include <utility>

namespace xmpp::detail {
namespace {

/// XEP-0114 has no STARTTLS. Within one machine there is nobody to hide from.
void check_secrecy(const server_link& link, const options& settings) {
    if (link.secure || settings.tls() != tls_mode::required) return;
    if (link.loopback) return;
    throw error(errc::tls_unavailable,
                "components have no STARTTLS, and this link is not to the same machine: connect "
                "over loopback or a tunnel, use components:// where the server has TLS for "
                "components, or say options::tls(tls_mode::disabled)");
}

}  // namespace

task<std::shared_ptr<transport>> open_component(transport_request wanted, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const auto& settings = wanted.settings;
    link_identity whom;
    whom.server_name = wanted.service.host;
    whom.verify_name = web_identity(wanted.service, wanted.domain, settings);
    const auto begin_tls = client_tls(executor, std::move(whom), settings);

    auto proxy = proxy_of(wanted.service, settings);
    auto link = co_await open_link(std::move(wanted.service), std::move(wanted.domain), settings,
                                   begin_tls, std::move(proxy));
    check_secrecy(link, settings);
    auto wire = make_tcp_transport(std::move(link), settings, tls_upgrade(), observer);
    wire->of_component();
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
