#include "transport/open_transport.hpp"

#include "base/domain_name.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"
#include "transport/reach_server.hpp"
#include "transport/tcp_transport.hpp"

#include <asio/this_coro.hpp>

#include <utility>

namespace xmpp::detail {
namespace {

xml_limits limits_of(const options& settings) {
    xml_limits limits;
    limits.stanza_bytes = settings.max_stanza_bytes();
    limits.depth = settings.max_depth();
    limits.attributes = settings.max_attributes();
    limits.name_bytes = settings.max_name_bytes();
    limits.attribute_bytes = settings.max_attribute_bytes();
    return limits;
}

tls_settings tls_settings_of(const options& settings, bool direct) {
    tls_settings tls;
    tls.ca_file(settings.ca_file()).ca_pem(settings.ca_pem()).configure(settings.configure_tls());
    if (!settings.client_certificate().empty()) {
        tls.certificate_files(settings.client_certificate(), settings.client_key());
    }
    if (direct) tls.alpn({"xmpp-client"});  // XEP-0368 section 3
    return tls;
}

/// What an upgrade needs, kept until STARTTLS comes to it.
struct upgrade_parameters {
    asio::any_io_executor executor;
    std::shared_ptr<const tls_context> context;
    std::string domain;
    std::string verify_name;
};

task<secured_stream> upgrade(std::shared_ptr<upgrade_parameters> how,
                             std::unique_ptr<byte_stream> plain) {
    auto encrypted = std::make_unique<tls_stream>(how->executor, std::move(plain), how->context,
                                                  how->domain, how->verify_name);
    co_await encrypted->handshake();
    secured_stream secured;
    for (auto& [type, data] : encrypted->channel_bindings()) {
        secured.bindings.push_back({std::move(type), std::move(data)});
    }
    secured.description = encrypted->description();
    secured.bytes = std::move(encrypted);
    co_return secured;
}

/// Makes TLS contexts only where TLS may be spoken.
tls_start client_tls(asio::any_io_executor executor, std::string domain, const options& settings) {
    auto how = std::make_shared<upgrade_parameters>();
    how->executor = std::move(executor);
    how->domain = std::move(domain);
    how->verify_name = settings.verify_name();
    return [how, settings](bool direct) -> tls_upgrade {
        auto own = std::make_shared<upgrade_parameters>(*how);
        own->context = shared_tls_context(tls_settings_of(settings, direct));
        return [own](std::unique_ptr<byte_stream> plain) { return upgrade(own, std::move(plain)); };
    };
}

/// The program's own way to open a link.
task<server_link> call_dialer(service_url service, std::string domain, options settings) {
    host_and_port address{service.host.empty() ? std::move(domain) : service.host,
                          service.port == 0 ? starttls_port : service.port};
    if (!settings.connect_address().empty()) {
        address = parse_authority(settings.connect_address(), address.port);
    }
    server_link link;
    link.stream.bytes = co_await settings.dialer()(address.host, address.port);
    co_return link;
}

}  // namespace

task<std::shared_ptr<transport>> open_transport(service_url service, std::string domain,
                                                options settings, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const bool direct = service.scheme == service_scheme::xmpps;
    domain = domain_to_ascii(domain);  // what DNS, SNI and certificates know
    const auto begin_tls = client_tls(executor, domain, settings);
    tls_upgrade secure;  // made now: TLS settings that can't be used are no server's fault
    if (direct || settings.tls() != tls_mode::disabled) secure = begin_tls(direct);

    server_link link;
    if (settings.dialer()) {
        link = co_await call_dialer(std::move(service), std::move(domain), settings);
    } else {
        link = co_await reach_server(std::move(service), std::move(domain), settings, begin_tls);
    }
    auto wire = std::make_shared<tcp_transport>(std::move(link.stream.bytes), limits_of(settings),
                                                std::move(secure), observer);
    if (auto* socket = link.socket) {
        wire->on_established([socket] { socket->set_interactive(false); });
    }
    if (link.secure) {
        wire->already_secure(std::move(link.stream.bindings));
    } else if (direct) {
        co_await wire->secure_now();
    }
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
