#include "transport/tcp/reach_server.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "address/domain_name.hpp"
#include "net/dial/dial.hpp"
#include "net/dial/discovery.hpp"
#include "net/dial/ip_text.hpp"
#include "net/dns/name_cache.hpp"
#include "net/proxy/proxy_tunnel.hpp"

#include <asio/error.hpp>
#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

constexpr std::chrono::seconds handshake_limit(10);

/// The one place that was named; none when the domain is to be asked.
discovered named_place(const service_url& service, const std::string& domain,
                       const options& settings, const std::optional<proxy_url>& proxy) {
    discovered named;
    if (proxy) {
        named.places.emplace_back(proxy->host, proxy->port, service.direct_tls());
        return named;
    }
    const auto port = service.port == 0 ? starttls_port : service.port;
    const bool direct_tls = service.direct_tls();
    if (!settings.connect_address().empty()) {
        auto [host, own_port] = parse_authority(settings.connect_address(), port);
        named.places.emplace_back(std::move(host), own_port, direct_tls);
    } else if (service.scheme != service_scheme::discover) {
        named.places.emplace_back(service.host.empty() ? domain : service.host, port, direct_tls);
    }
    return named;
}

dial_tools tools_of(const asio::any_io_executor& executor, const options& settings) {
    dial_tools tools;
    tools.names = make_resolver(executor, settings.time_source(), settings.name_servers());
    tools.sockets = make_socket_connector(executor);
    tools.time = settings.time_source();
    tools.attempt_delay = settings.connection_attempt_delay();
    return tools;
}

/// Another server may do better than one that failed like this.
bool is_servers_fault(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const protocol_error&) {
        return false;  // a proxy has answered: it would say the same at another address
    } catch (const error& thrown) {
        return thrown.code() != errc::invalid_options;
    } catch (...) {
        return false;  // cancelled, above all
    }
}

/// TLS on a fresh connection, in bounded time.
task<secured_stream> shake_hands(tls_upgrade upgrade, std::unique_ptr<byte_stream> plain,
                                 std::shared_ptr<clock> time) {
    const auto executor = co_await asio::this_coro::executor;
    auto* link = plain.get();  // as long as the upgrade is under way
    bool late = false;
    const auto limit = time->call_at(executor, time->now() + handshake_limit, [link, &late] {
        late = true;
        link->abort();
    });
    try {
        auto secured = co_await upgrade(std::move(plain));
        co_return secured;
    } catch (const std::system_error&) {
        if (!late) throw;
    }
    throw error(errc::tls_failure, "the server did not answer the TLS handshake within 10 s");
}

/// The next connection; when there is none any more, no address was of use.
task<dialled> next_connection(connection_race& dialling, const std::vector<endpoint>& places) {
    try {
        auto reached = co_await dialling.next();
        co_return reached;
    } catch (const error&) {
        for (const auto& place : places) forget_names(place.host());
        throw;
    }
}

}  // namespace

host_and_port target_behind_proxy(const service_url& service, const options& settings) {
    host_and_port target;
    target.host = service.host;
    target.port = service.port;
    if (!settings.connect_address().empty()) {
        target = parse_authority(settings.connect_address(), service.port);
    }
    if (!as_ip_address(target.host)) target.host = domain_to_ascii(target.host);
    return target;
}

task<server_link> reach_server(service_url service, std::string domain, options settings,
                               tls_start begin_tls, std::optional<proxy_url> proxy,
                               std::shared_ptr<doubtful_addresses> doubtful) {
    const auto executor = co_await asio::this_coro::executor;
    auto tools = tools_of(executor, settings);
    if (proxy) doubtful = nullptr;
    tools.doubtful = doubtful;
    auto found = named_place(service, domain, settings, proxy);
    if (found.places.empty()) {
        const bool with_direct_tls = settings.tls() != tls_mode::disabled;
        found = co_await discover(executor, domain, with_direct_tls, tools.names);
    }
    const auto places = found.places;
    connection_race dialling(executor, std::move(found.places), std::move(tools),
                             std::move(found.account));
    for (;;) {
        auto reached = co_await next_connection(dialling, places);
        if (doubtful) doubtful->reached(reached.address, reached.place.port());
        server_link link;
        link.socket = reached.stream.get();
        link.socket->set_interactive(true);
        link.loopback = !proxy && link.socket->is_loopback();
        link.stream.bytes = std::move(reached.stream);
        std::exception_ptr failure;
        try {
            if (proxy) {
                auto to_proxy = std::move(link.stream.bytes);
                auto target = target_behind_proxy(service, settings);
                link.stream.bytes =
                    co_await open_tunnel(std::move(to_proxy), *proxy, std::move(target));
            }
            if (!reached.place.direct_tls()) co_return link;
            auto plain = std::move(link.stream.bytes);
            auto upgrade = begin_tls(true);
            link.stream =
                co_await shake_hands(std::move(upgrade), std::move(plain), settings.time_source());
            link.secure = true;
            co_return link;
        } catch (...) {
            failure = std::current_exception();
        }
        if (!is_servers_fault(failure)) std::rethrow_exception(failure);
        dialling.refuse(reached.place, reached.address, failure);
    }
}

}  // namespace xmpp::detail
