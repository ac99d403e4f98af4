#include <xmpp/connection.hpp>
#include <xmpp/error.hpp>
#include <xmpp/testing/server.hpp>

#include "support/co_test.hpp"
#include "support/dns_responder.hpp"

#include <asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

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

CO_TEST(discovered_login, bad_input_B16_refuses_a_certificate_for_the_target_only) {
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

}  // namespace
}  // namespace xmpp::test
