#include "transport/open_transport.hpp"

#include "base/domain_name.hpp"
#include "net/dial.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"
#include "transport/tcp_transport.hpp"

#include <asio/this_coro.hpp>

#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

constexpr std::uint16_t default_port = 5222;  // RFC 6120 3.2.2

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

host_and_port address_of(const service_url& service, const std::string& domain,
                         const options& settings) {
    host_and_port address{service.host.empty() ? domain : service.host,
                          service.port == 0 ? default_port : service.port};
    if (settings.connect_address().empty()) return address;
    return parse_authority(settings.connect_address(), address.port);
}

}  // namespace

task<std::shared_ptr<transport>> open_transport(service_url service, std::string domain,
                                                options settings, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const bool direct = service.scheme == service_scheme::xmpps;
    domain = domain_to_ascii(domain);  // what DNS, SNI and certificates know
    const auto address = address_of(service, domain, settings);

    tls_upgrade secure;
    if (direct || settings.tls() != tls_mode::disabled) {
        auto how = std::make_shared<upgrade_parameters>();
        how->executor = executor;
        how->context = shared_tls_context(tls_settings_of(settings, direct));
        how->domain = std::move(domain);
        how->verify_name = settings.verify_name();
        secure = [how](std::unique_ptr<byte_stream> plain) {
            return upgrade(how, std::move(plain));
        };
    }

    std::unique_ptr<byte_stream> bytes;
    std::function<void()> favour_throughput;
    if (settings.dialer()) {
        bytes = co_await settings.dialer()(address.host, address.port);
    } else {
        std::vector<endpoint> endpoints;
        endpoints.emplace_back(address.host, address.port);
        auto names = make_system_resolver(executor);
        auto tcp = co_await dial(std::move(endpoints), std::move(names));
        tcp->set_interactive(true);
        favour_throughput = [socket = tcp.get()] { socket->set_interactive(false); };
        bytes = std::move(tcp);
    }
    auto wire = std::make_shared<tcp_transport>(std::move(bytes), limits_of(settings),
                                                std::move(secure), observer);
    wire->on_established(std::move(favour_throughput));
    if (direct) co_await wire->secure_now();
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
