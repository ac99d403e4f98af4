#include <xmpp/connection.hpp>
#include <xmpp/error.hpp>
#include <xmpp/testing/server.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/socket/tcp_socket.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"
#include "support/co_test.hpp"
#include "support/dns_responder.hpp"
#include "testing/server/listener.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The service URL is empty, and the server is found in DNS: a real look-up at a name server of the
// test, and real TCP.

namespace xmpp::test {
namespace {

using ::testing::HasSubstr;

constexpr auto srv = dns_responder::type_srv;
constexpr auto a = dns_responder::type_a;
const std::string starttls_name = "_xmpp-client._tcp.example.test";
const std::string direct_tls_name = "_xmpps-client._tcp.example.test";

/// A port of this machine where nobody listens.
std::uint16_t closed_port(asio::io_context& context) {
    asio::ip::tcp::acceptor once(context, {asio::ip::address_v4::loopback(), 0});
    return once.local_endpoint().port();
}

/// An XMPP server, and a name server that knows its host.
class network {
 public:
    explicit network(asio::io_context& context,
                     testing::server_options settings = testing::server_options())
        : names(context), server(context.get_executor(), settings.user("juliet", "secret")) {
        server.start();
        names.answer("host.example.test", a, dns_reply().a("127.0.0.1"));
    }

    options client_options() const {
        return options().ca_pem(server.ca_pem()).name_servers({names.address()});
    }

    dns_responder names;
    testing::server server;
};

/// Logs in without a service URL; the failure, if any.
task<std::unique_ptr<error>> log_in(connection& conn) {
    const credentials who("juliet@example.test", "secret");
    std::unique_ptr<error> failure;
    try {
        co_await conn.login(who);
    } catch (const error& thrown) {
        failure = std::make_unique<error>(thrown);
    }
    if (!failure) co_await conn.disconnect();
    co_return failure;
}

task<std::unique_ptr<error>> log_in(asio::io_context& context, options settings) {
    connection conn(context.get_executor(), "", std::move(settings));
    auto failure = co_await log_in(conn);
    co_return failure;
}

std::string text_of(const std::unique_ptr<error>& failure) {
    return failure ? std::string(failure->explanation()) : "";
}

/// A proxy that hears what it is asked for, and hangs up.
task<> hear(std::unique_ptr<byte_stream> bytes, std::string* heard) {
    const auto received = co_await bytes->read();
    *heard += received;
}

CO_TEST(discovered_login, follows_a_record_to_starttls) {
    network net(context);
    net.names.answer(starttls_name, srv,
                     dns_reply().srv(5, 0, net.server.port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(direct_tls_name, srv), 1);
    EXPECT_EQ(net.names.times(starttls_name, srv), 1);
}

CO_TEST(discovered_login, follows_a_record_to_direct_tls) {
    network net(context);
    net.names.answer(direct_tls_name, srv,
                     dns_reply().srv(5, 0, net.server.direct_tls_port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
}

CO_TEST(discovered_login, goes_by_priority_over_both_services) {
    network net(context);
    net.names.answer(direct_tls_name, srv,
                     dns_reply().srv(20, 0, closed_port(context), "host.example.test"));
    net.names.answer(starttls_name, srv,
                     dns_reply().srv(10, 0, net.server.port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
}

CO_TEST(discovered_login, tries_the_next_record_after_direct_tls_failed) {
    network net(context);
    // TLS is not what that port expects first.
    net.names.answer(direct_tls_name, srv,
                     dns_reply().srv(5, 0, net.server.port(), "host.example.test"));
    net.names.answer(starttls_name, srv,
                     dns_reply().srv(10, 0, net.server.port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
}

CO_TEST(discovered_login, does_not_ask_for_direct_tls_where_tls_is_disabled) {
    network net(context, testing::server_options().tls(tls_mode::disabled));
    net.names.answer(starttls_name, srv,
                     dns_reply().srv(5, 0, net.server.port(), "host.example.test"));
    auto settings = net.client_options().tls(tls_mode::disabled).allow_plaintext_auth(true);
    const auto failure = co_await log_in(context, settings);
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(direct_tls_name, srv), 0);
}

CO_TEST(discovered_login, refuses_a_certificate_for_the_target_only) {
    const testing::test_authority authority;
    network net(context, testing::server_options().identity(authority.issue(
                             testing::certificate_request().dns("host.example.test"))));
    net.names.answer(direct_tls_name, srv,
                     dns_reply().srv(5, 0, net.server.direct_tls_port(), "host.example.test"));
    net.names.answer(starttls_name, srv,
                     dns_reply().srv(10, 0, closed_port(context), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options().ca_pem(authority.ca_pem()));
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    // The certificate tells more than the port where nobody listens.
    EXPECT_EQ(failure->code(), make_error_code(certificate_errc::name_mismatch));
    EXPECT_THAT(text_of(failure), HasSubstr("host.example.test"));
    EXPECT_THAT(text_of(failure), HasSubstr("Connection refused"));
}

CO_TEST(discovered_login, a_direct_tls_record_may_lead_to_plain_text) {
    network net(context);
    net.names.answer(direct_tls_name, srv,
                     dns_reply().srv(5, 0, net.server.port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    EXPECT_EQ(failure->code(), make_error_code(errc::tls_failure));
    EXPECT_THAT(text_of(failure), HasSubstr("TLS with 'host.example.test'"));
    EXPECT_THAT(text_of(failure), HasSubstr("DNS: " + direct_tls_name));
}

/// TLS for another protocol, once.
task<> serve_http(asio::ip::tcp::acceptor& acceptor, testing::certificate identity) {
    const auto executor = co_await asio::this_coro::executor;
    auto accepted = co_await acceptor.async_accept(asio::use_awaitable);
    const auto settings = detail::tls_settings(detail::tls_role::server)
                              .certificate_pem(identity.chain_pem(), identity.key_pem())
                              .alpn(std::vector<std::string>(1, "http/1.1"));
    detail::tls_stream stream(executor, detail::make_tcp_stream(std::move(accepted)),
                              detail::shared_tls_context(settings));
    co_await stream.handshake();
}

CO_TEST(discovered_login, passes_over_a_server_of_another_protocol) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request::for_server("example.test"));
    network net(context, testing::server_options().identity(identity));
    asio::ip::tcp::acceptor http(context, {asio::ip::address_v4::loopback(), 0});
    std::exception_ptr refused;
    detail::spawn(context.get_executor(), serve_http(http, identity),
                  [&](std::exception_ptr failure) { refused = std::move(failure); });
    net.names.answer(direct_tls_name, srv,
                     dns_reply()
                         .srv(5, 0, http.local_endpoint().port(), "host.example.test")
                         .srv(6, 0, net.server.direct_tls_port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options().ca_pem(authority.ca_pem()));
    EXPECT_EQ(text_of(failure), "");
    EXPECT_TRUE(refused);
}

CO_TEST(discovered_login, ends_where_the_domain_denies_the_service) {
    network net(context);
    net.names.answer(direct_tls_name, srv, dns_reply().srv(0, 0, 0, "."));
    net.names.answer(starttls_name, srv, dns_reply().srv(0, 0, 0, "."));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    EXPECT_EQ(failure->code(), make_error_code(errc::no_service));
    EXPECT_THAT(text_of(failure), HasSubstr(starttls_name));
    EXPECT_EQ(net.names.times("example.test", a), 0);
}

CO_TEST(discovered_login, turns_to_the_domain_when_there_is_no_record) {
    network net(context);
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    EXPECT_EQ(failure->code(), make_error_code(errc::host_not_found));
    EXPECT_EQ(text_of(failure), "DNS: " + direct_tls_name + ": no such name; " + starttls_name +
                                    ": no such name; so 'example.test' itself; looking up "
                                    "'example.test': no such name");
    EXPECT_EQ(net.names.times("example.test", a), 1);
}

CO_TEST(discovered_login, ends_with_the_name_servers_failure) {
    network net(context);
    net.names.answer(starttls_name, srv, dns_reply().code(2));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    EXPECT_EQ(failure->code(), make_error_code(errc::host_not_found));
    EXPECT_THAT(text_of(failure), HasSubstr("SERVFAIL"));
    EXPECT_EQ(net.names.times("example.test", a), 0);
}

CO_TEST(discovered_login, leaves_port_0_out) {
    network net(context);
    net.names.answer(starttls_name, srv,
                     dns_reply()
                         .srv(0, 0, 0, "host.example.test")
                         .srv(9, 0, net.server.port(), "host.example.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
}

CO_TEST(discovered_login, follows_a_target_that_is_an_alias) {
    network net(context);
    net.names.answer("alias.test", a, dns_reply().cname("host.example.test").a("127.0.0.1"));
    net.names.answer("alias.test", dns_responder::type_aaaa,
                     dns_reply().cname("host.example.test").aaaa("2001:db8::1"));
    net.names.answer(starttls_name, srv, dns_reply().srv(5, 0, net.server.port(), "alias.test"));
    const auto failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
}

CO_TEST(discovered_login, a_name_server_that_is_no_address_is_refused) {
    const auto settings = options().name_servers(std::vector<std::string>(1, "ns.example.org"));
    const auto failure = co_await log_in(context, settings);
    EXPECT_TRUE(failure);
    if (!failure) co_return;
    EXPECT_EQ(failure->code(), make_error_code(errc::invalid_options));
    EXPECT_THAT(text_of(failure), HasSubstr("ns.example.org"));
}

CO_TEST(discovered_login, asks_anew_after_no_address_was_of_use) {
    network net(context);
    const auto once = [&](std::uint16_t port) {
        return dns_reply().ttl(3'600).srv(5, 0, port, "host.example.test");
    };
    net.names.answer(starttls_name, srv, once(closed_port(context)));
    auto failure = co_await log_in(context, net.client_options());
    EXPECT_TRUE(failure);
    net.names.answer(starttls_name, srv, once(net.server.port()));
    failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(starttls_name, srv), 2);
    failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(starttls_name, srv), 2) << "what was of use is kept";
}

CO_TEST(discovered_login, asks_anew_after_the_server_was_another) {
    network net(context);
    // It answers, but its certificate is nobody's whom we trust.
    net.names.answer(starttls_name, srv,
                     dns_reply().ttl(3'600).srv(5, 0, net.server.port(), "host.example.test"));
    const auto untrusting = options().name_servers({net.names.address()});
    auto failure = co_await log_in(context, untrusting);
    EXPECT_TRUE(failure);
    failure = co_await log_in(context, net.client_options());
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(starttls_name, srv), 2);
}

CO_TEST(discovered_login, asks_anew_once_the_network_is_another) {
    network net(context);
    net.names.answer(starttls_name, srv,
                     dns_reply().ttl(3'600).srv(5, 0, net.server.port(), "host.example.test"));
    const auto executor = context.get_executor();
    connection conn(executor, "", net.client_options());
    auto failure = co_await log_in(conn);
    EXPECT_EQ(text_of(failure), "");
    conn.network_available();
    failure = co_await log_in(conn);
    EXPECT_EQ(text_of(failure), "");
    EXPECT_EQ(net.names.times(starttls_name, srv), 2);
}

CO_TEST(discovered_login, asks_dns_nothing_behind_a_proxy) {
    network net(context);
    const auto executor = context.get_executor();
    std::string heard;
    detail::event gone(executor);
    detail::serving::listener proxy(executor, [&](std::unique_ptr<byte_stream> bytes) {
        detail::spawn(executor, hear(std::move(bytes), &heard),
                      [&gone](const std::exception_ptr&) { gone.set(); });
    });
    auto settings = net.client_options();
    settings.proxy(fmt::format("http://127.0.0.1:{}", proxy.port()));
    const auto failure = co_await log_in(context, settings);
    EXPECT_TRUE(failure);
    co_await gone.wait();
    EXPECT_THAT(heard, HasSubstr("CONNECT example.test:5222 HTTP/1.1"));
    EXPECT_TRUE(net.names.questions().empty());
}

/// A login on virtual time, which a test moves while the network is real.
class discovered_login_in_time : public ::testing::Test {
 protected:
    void start(options settings) {
        conn = std::make_unique<connection>(context.get_executor(), "", settings.time_source(time));
        detail::spawn(context.get_executor(), note(*conn, failure, done),
                      [](const std::exception_ptr&) {});
    }

    static task<> note(connection& conn, std::unique_ptr<error>& failure, bool& done) {
        failure = co_await log_in(conn);
        done = true;
    }

    void run_till(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition() && std::chrono::steady_clock::now() < end) {
            context.restart();
            context.run_one_for(std::chrono::seconds(1));
        }
        ASSERT_TRUE(condition());
    }

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    std::unique_ptr<connection> conn;
    std::unique_ptr<error> failure;
    bool done = false;
};

TEST_F(discovered_login_in_time, gives_a_silent_name_server_ten_seconds_in_all) {
    dns_responder names(context);
    const auto silence = dns_reply().with(dns_reply::trouble::silence);
    for (const auto& name : {direct_tls_name, starttls_name}) names.answer(name, srv, silence);
    for (const auto type : {a, dns_responder::type_aaaa}) {
        names.answer("example.test", type, silence);
    }
    const auto begin = time->now();
    start(options().name_servers({names.address()}));
    run_till([&] { return names.questions().size() >= 2; });
    time->advance(std::chrono::seconds(5));
    run_till([&] { return names.times("example.test", a) == 1; });
    time->advance(std::chrono::seconds(5));
    run_till([&] { return done; });
    EXPECT_EQ(time->now() - begin, std::chrono::seconds(10));
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), make_error_code(errc::host_not_found));
    EXPECT_THAT(text_of(failure), HasSubstr(starttls_name + ": no answer from the name server"));
}

TEST_F(discovered_login_in_time, passes_over_a_server_that_is_silent_in_the_handshake) {
    network net(context);
    asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
    net.names.answer(direct_tls_name, srv,
                     dns_reply()
                         .srv(5, 0, silent.local_endpoint().port(), "host.example.test")
                         .srv(6, 0, net.server.direct_tls_port(), "host.example.test"));
    asio::ip::tcp::socket accepted(context);
    std::size_t hello = 0;
    char byte = 0;
    silent.async_accept(accepted, [&](std::error_code) {
        accepted.async_read_some(asio::buffer(&byte, 1),
                                 [&](std::error_code, std::size_t size) { hello = size; });
    });
    start(net.client_options());
    run_till([&] { return hello == 1; });
    time->advance(std::chrono::seconds(10));
    run_till([&] { return done; });
    EXPECT_EQ(text_of(failure), "");
}

TEST_F(discovered_login_in_time, ends_at_once_when_it_is_given_up) {
    dns_responder names(context);
    const auto silence = dns_reply().with(dns_reply::trouble::silence);
    for (const auto& name : {direct_tls_name, starttls_name}) names.answer(name, srv, silence);
    start(options().name_servers({names.address()}));
    run_till([&] { return names.questions().size() >= 2; });
    bool left = false;
    detail::spawn(context.get_executor(), conn->disconnect(),
                  [&](const std::exception_ptr&) { left = true; });
    run_till([&] { return left && done; });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), make_error_code(errc::disconnected));
    EXPECT_EQ(time->pending(), 0u);
}

}  // namespace
}  // namespace xmpp::test
