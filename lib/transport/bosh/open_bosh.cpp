#include "net/http/http_client.hpp"
#include "transport/bosh/bosh_transport.hpp"
#include "transport/open_transport.hpp"
#include "transport/transport_settings.hpp"

#include <asio/this_coro.hpp>

#include <utility>

namespace xmpp::detail {
namespace {

http_settings http_settings_of(const service_url& service, const std::string& domain,
                               const options& settings) {
    http_settings http;
    http.url = service.str();
    http.content_type = settings.content_type();
    http.headers = settings.headers();
    http.cookies = settings.cookies();
    http.proxy = settings.proxy();
    http.connect_address = settings.connect_address();
    http.name_servers = settings.name_servers();
    http.tls = tls_settings_of(settings);
    http.verify_name = web_identity(service, domain, settings);
    return http;
}

bosh_settings bosh_settings_of(const options& settings, const transport_events& events) {
    bosh_settings bosh;
    bosh.wait = settings.bosh_wait();
    bosh.hold = settings.bosh_hold();
    bosh.window = settings.bosh_window();
    bosh.route = settings.route();
    bosh.acks = settings.bosh_acks();
    bosh.key_sequence = settings.bosh_keys();
    bosh.strip = settings.bosh_strip();
    bosh.retry.max_retries = settings.bosh_retries();
    bosh.limits = limits_of(settings);
    bosh.on_next_rid = events.next_rid;
    bosh.on_confirmed = events.confirmed;
    bosh.on_tokens = events.tokens_changed;
    bosh.on_failure = events.protocol_failed;
    return bosh;
}

}  // namespace

task<std::shared_ptr<transport>> open_bosh(transport_request wanted, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const auto& settings = wanted.settings;
    auto client =
        make_http_client(executor, http_settings_of(wanted.service, wanted.domain, settings),
                         settings.time_source());
    auto wire = std::make_shared<bosh_transport>(
        executor, std::move(client), wanted.service.direct_tls(),
        bosh_settings_of(settings, wanted.events), settings.time_source(), observer);
    if (wanted.first_rid) wire->begin_with(*wanted.first_rid);
    if (wanted.existing) co_await wire->attach(std::move(*wanted.existing));
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
