#include "address/domain_name.hpp"
#include "transport/open_link.hpp"
#include "transport/open_transport.hpp"
#include "transport/tcp/make_tcp_transport.hpp"

#include <asio/this_coro.hpp>

#include <optional>
#include <utility>

namespace xmpp::detail {

task<std::shared_ptr<transport>> open_tcp(transport_request wanted, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const auto& settings = wanted.settings;
    auto domain = domain_to_ascii(wanted.domain);  // what DNS, SNI and certificates know
    link_identity whom;
    whom.server_name = domain;
    whom.verify_name = settings.verify_name();
    whom.protocols.emplace_back("xmpp-client");  // XEP-0368 section 3
    const auto begin_tls = client_tls(executor, std::move(whom), settings);
    tls_upgrade starttls;
    if (settings.tls() != tls_mode::disabled) starttls = begin_tls(false);

    // Behind a proxy nobody is asked for the domain's services: that would tell DNS where we go.
    auto named = wanted.service;
    if (named.host.empty()) named.host = domain;
    if (named.port == 0) named.port = starttls_port;
    auto proxy = proxy_of(named, settings);
    if (proxy) wanted.service = std::move(named);
    auto link = co_await open_link(std::move(wanted.service), std::move(domain), settings,
                                   begin_tls, std::move(proxy), std::move(wanted.doubtful));
    std::shared_ptr<transport> opened =
        make_tcp_transport(std::move(link), settings, std::move(starttls), observer);
    co_return opened;
}

}  // namespace xmpp::detail
