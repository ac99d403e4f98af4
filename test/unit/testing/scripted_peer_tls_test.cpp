#include <xmpp/error.hpp>

#include "scripted_peer_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::testing {
namespace {

using ::testing::HasSubstr;

class scripted_peer_tls : public scripted_peer_fixture {};

certificate example_certificate(const test_authority& authority) {
    return authority.issue(certificate_request::for_server("example.org"));
}

task<> upgrade(scripted_peer& peer, asio::io_context& context, std::string ca_pem) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.open("example.org");
    co_await client.header();
    co_await client.element();
    co_await client.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const auto proceed = co_await client.element();
    EXPECT_EQ(proceed->name(), "proceed");
    co_await client.secure(std::move(ca_pem), "example.org");
    co_await client.open("example.org");
    const bool closed = co_await client.closed();
    EXPECT_FALSE(closed);
}

TEST_F(scripted_peer_tls, upgrades_to_tls) {
    const test_authority authority;
    peer_.accept_tls(example_certificate(authority)).expect_header().end();
    run_client(upgrade(peer_, context_, authority.ca_pem()));
    run_until_idle(context_);
    EXPECT_EQ(peer_.problems(), "");
}

task<> begin_tls(scripted_peer& peer, asio::io_context& context, std::string ca_pem) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.secure(std::move(ca_pem), "example.org");
    co_await client.open("example.org");
    try {
        co_await client.closed();
    } catch (const std::system_error&) {
        // Cut by a peer that wanted something else: its problem.
    }
}

TEST_F(scripted_peer_tls, speaks_tls_from_the_first_byte) {
    const test_authority authority;
    peer_.tls_handshake(example_certificate(authority)).expect_header().end();
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    run_until_idle(context_);
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_tls, can_demand_that_the_client_breaks_tls_off) {
    const test_authority authority;
    const test_authority stranger("Stranger");
    peer_.expect_tls_failure(example_certificate(stranger));
    EXPECT_THROW(run_client(begin_tls(peer_, context_, authority.ca_pem())), error);
    run_until_idle(context_);
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_tls, notices_that_the_client_accepts_what_it_must_not) {
    const test_authority authority;
    peer_.expect_tls_failure(example_certificate(authority));
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    run_until_idle(context_);
    EXPECT_THAT(peer_.problems(), HasSubstr("the client accepted the certificate"));
}

TEST_F(scripted_peer_tls, lets_the_test_configure_tls) {
    const test_authority authority;
    bool configured = false;
    peer_.tls_handshake(example_certificate(authority), [&](ssl_ctx_st*) { configured = true; })
        .expect_header()
        .end();
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    EXPECT_EQ(peer_.problems(), "");
    EXPECT_TRUE(configured);
}

}  // namespace
}  // namespace xmpp::testing
