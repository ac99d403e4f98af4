#include "transport/open_link.hpp"

#include <xmpp/error.hpp>

#include "net/proxy/proxy_choice.hpp"
#include "net/proxy/proxy_tunnel.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"
#include "transport/transport_settings.hpp"

#include <utility>

namespace xmpp::detail {
namespace {

/// What an upgrade needs, kept until STARTTLS comes to it.
struct upgrade_parameters {
    asio::any_io_executor executor;
    std::shared_ptr<const tls_context> context;
    link_identity whom;
};

task<secured_stream> upgrade(std::shared_ptr<upgrade_parameters> how,
                             std::unique_ptr<byte_stream> plain) {
    auto encrypted = std::make_unique<tls_stream>(how->executor, std::move(plain), how->context,
                                                  how->whom.server_name, how->whom.verify_name);
    co_await encrypted->handshake();
    secured_stream secured;
    for (auto& [type, data] : encrypted->channel_bindings()) {
        secured.bindings.push_back({std::move(type), std::move(data)});
    }
    secured.description = encrypted->description();
    secured.bytes = std::move(encrypted);
    co_return secured;
}

task<std::unique_ptr<byte_stream>> dial(dialer_function dialer, std::string host,
                                        std::uint16_t port) {
    auto opened = co_await dialer(std::move(host), port);
    if (!opened) throw error(errc::callback_failed, "options::dialer opened no stream");
    co_return opened;
}

/// The program's own way to open a link.
task<server_link> call_dialer(service_url service, std::string domain, options settings,
                              std::optional<proxy_url> proxy) {
    server_link link;
    if (proxy) {
        auto to_proxy = co_await dial(settings.dialer(), proxy->host, proxy->port);
        auto target = target_behind_proxy(service, settings);
        link.stream.bytes =
            co_await open_tunnel(std::move(to_proxy), std::move(*proxy), std::move(target));
        co_return link;
    }
    host_and_port address{service.host.empty() ? std::move(domain) : service.host,
                          service.port == 0 ? starttls_port : service.port};
    if (!settings.connect_address().empty()) {
        address = parse_authority(settings.connect_address(), address.port);
    }
    link.stream.bytes = co_await dial(settings.dialer(), address.host, address.port);
    co_return link;
}

}  // namespace

tls_start client_tls(asio::any_io_executor executor, link_identity whom, const options& settings) {
    auto how = std::make_shared<upgrade_parameters>();
    how->executor = std::move(executor);
    how->whom = std::move(whom);
    return [how, settings](bool direct) -> tls_upgrade {
        auto own = std::make_shared<upgrade_parameters>(*how);
        auto tls = tls_settings_of(settings);
        if (direct) tls.alpn(how->whom.protocols);
        own->context = shared_tls_context(tls);
        return [own](std::unique_ptr<byte_stream> plain) { return upgrade(own, std::move(plain)); };
    };
}

std::optional<proxy_url> proxy_of(const service_url& service, const options& settings) {
    const bool from_environment = service.is_web() && !settings.dialer();
    if (settings.proxy().empty() && !from_environment) return std::nullopt;
    return proxy_for(service, settings.proxy(), environment_of_process);
}

task<server_link> open_link(service_url service, std::string domain, options settings,
                            tls_start begin_tls, std::optional<proxy_url> proxy,
                            std::shared_ptr<doubtful_addresses> doubtful) {
    const bool direct = service.direct_tls();
    tls_upgrade secure;  // made now: TLS settings that can't be used are no server's fault
    if (direct) secure = begin_tls(true);
    if (!settings.dialer()) {
        auto reached =
            co_await reach_server(std::move(service), std::move(domain), std::move(settings),
                                  std::move(begin_tls), std::move(proxy), std::move(doubtful));
        co_return reached;
    }
    auto link = co_await call_dialer(std::move(service), std::move(domain), std::move(settings),
                                     std::move(proxy));
    if (direct) {
        auto plain = std::move(link.stream.bytes);
        link.stream = co_await secure(std::move(plain));
        link.secure = true;
    }
    co_return link;
}

}  // namespace xmpp::detail
