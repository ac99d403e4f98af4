#include "transport/option_scope.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <array>

namespace xmpp::detail {
namespace {

constexpr std::uint8_t everywhere = 0xFF;
// A transport of the program's own is the program's to set up, by what it says here or otherwise.
constexpr std::uint8_t by_sockets =
    over_tcp | over_websocket | over_http | for_component | of_program;
constexpr std::uint8_t over_the_web = over_websocket | over_http | of_program;
constexpr std::uint8_t by_login = everywhere & ~for_component;
constexpr std::uint8_t in_process = everywhere & ~through_broker;

constexpr std::string_view own_way = "the connection would be made in another way than it says";
constexpr std::string_view own_trust =
    "TLS would be checked in another way than it says, if there is any";
constexpr std::string_view not_told = "nobody would get what it says";
constexpr std::string_view other_login = "the login would take place without it";
constexpr std::string_view not_kept = "the stream would not be kept";

// What is ignored outside its services tunes something that only they have: nothing is lost.
constexpr std::array scopes{
    option_scope{"connect_timeout"},
    option_scope{"disconnection_timeout"},
    option_scope{"iq_timeout"},
    option_scope{"liveness"},
    option_scope{"whitespace_keepalive", over_tcp | over_websocket | for_component},
    option_scope{"write_timeout"},
    option_scope{"tls"},
    option_scope{"ca_file"},
    option_scope{"ca_pem"},
    option_scope{"client_certificate"},
    option_scope{"verify_name"},
    option_scope{"configure_tls", by_sockets,
                 [](const options& all) { return all.configure_tls() != nullptr; }, own_trust},
    option_scope{"connect_address"},
    option_scope{"dialer", over_tcp | over_websocket | for_component | of_program,
                 [](const options& all) { return all.dialer() != nullptr; }, own_way},
    option_scope{"name_servers"},
    option_scope{"connection_attempt_delay"},
    option_scope{"max_redirects"},
    option_scope{"trust_redirects"},
    option_scope{"max_retries"},
    option_scope{"base_url"},
    option_scope{"protocol"},
    option_scope{"register_transport"},
    option_scope{"headers", over_the_web | through_broker,
                 [](const options& all) { return !all.headers().empty(); }, not_told},
    option_scope{"cookies", over_the_web | through_broker,
                 [](const options& all) { return !all.cookies().empty(); }, not_told},
    option_scope{"proxy"},
    option_scope{"content_type", over_http | through_broker},
    option_scope{"bosh_wait", over_http | through_broker},
    option_scope{"bosh_hold", over_http | through_broker},
    option_scope{"bosh_window", over_http | through_broker},
    option_scope{"bosh_retries", over_http | through_broker},
    option_scope{"bosh_acks", over_http | through_broker},
    option_scope{"bosh_keys", over_http | through_broker},
    option_scope{"bosh_strip", over_http},
    option_scope{"route", over_the_web | through_broker,
                 [](const options& all) { return !all.route().empty(); }, not_told},
    option_scope{"allow_plaintext_auth", by_login},
    option_scope{"mechanisms", by_login,
                 [](const options& all) { return !all.mechanisms().empty(); }, other_login},
    option_scope{"register_mechanism", (by_login & in_process),
                 [](const options& all) { return !all.registered_mechanisms().empty(); },
                 other_login},
    option_scope{"credentials_provider", (by_login & in_process),
                 [](const options& all) { return all.credentials_provider() != nullptr; },
                 other_login},
    option_scope{"pin_login", by_login},
    option_scope{"allow_legacy_auth", by_login},
    option_scope{"explicit_resource_binding", in_process,
                 [](const options& all) { return all.explicit_resource_binding(); }, other_login},
    option_scope{"language"},
    option_scope{"reconnect"},
    option_scope{"retry_first_connect"},
    option_scope{"reconnect_backoff"},
    option_scope{"stream_management"},
    option_scope{"max_unacked"},
    option_scope{"resumption_time"},
    option_scope{"max_unacked_stanzas"},
    option_scope{"room_rejoin_timeout"},
    option_scope{"acknowledge_handled"},
    option_scope{"session_store", (by_login & in_process),
                 [](const options& all) { return all.session_store() != nullptr; }, not_kept},
    option_scope{"keepalive", over_http},
    option_scope{"worker"},
    option_scope{"worker_program", through_broker},
    option_scope{"max_stanza_bytes"},
    option_scope{"max_depth"},
    option_scope{"max_attributes"},
    option_scope{"max_name_bytes"},
    option_scope{"max_attribute_bytes"},
    option_scope{"receive_queue"},
    option_scope{"receive_queue_bytes"},
    option_scope{"send_queue_bytes"},
    option_scope{"raw_trace"},
    option_scope{"time_source"},
};

std::string_view name_of(service_kind kind) noexcept {
    switch (kind) {
        case over_tcp:
            return "services over TCP";
        case over_websocket:
            return "services over WebSocket";
        case over_http:
            return "services over HTTP";
        case for_component:
            return "services for components";
        case through_broker:
            return "shared sessions";
        case of_program:
            break;
    }
    return "transports of the program's own";
}

}  // namespace

std::span<const option_scope> option_scopes() noexcept {
    return scopes;
}

service_kind kind_of(const service_url& service, const options& settings) noexcept {
    if (!settings.worker().empty()) return through_broker;
    switch (service.scheme) {
        case service_scheme::ws:
        case service_scheme::wss:
            return over_websocket;
        case service_scheme::http:
        case service_scheme::https:
            return over_http;
        case service_scheme::component:
        case service_scheme::components:
            return for_component;
        case service_scheme::shared:
            return through_broker;
        case service_scheme::registered:
            return of_program;
        case service_scheme::discover:
        case service_scheme::xmpp:
        case service_scheme::xmpps:
            break;
    }
    return over_tcp;
}

void check_options(const service_url& service, const options& settings) {
    const auto kind = kind_of(service, settings);
    for (const auto& scope : scopes) {
        const bool honoured = (scope.kinds & kind) != 0;
        if (honoured || !scope.is_set || !scope.is_set(settings)) continue;
        throw error(errc::invalid_options, fmt::format("options::{} can't be used with {}: {}",
                                                       scope.name, name_of(kind), scope.why));
    }
}

}  // namespace xmpp::detail
