#include "net/service_url.hpp"

#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace xmpp::detail {
namespace {

TEST(service_url, is_discovered_when_empty) {
    EXPECT_EQ(service_url::parse("").scheme, service_scheme::discover);
}

struct url_case {
    const char* text;
    service_scheme scheme;
    const char* host;
    std::uint16_t port;
    const char* target = "";
};

class good_urls : public ::testing::TestWithParam<url_case> {};

TEST_P(good_urls, are_taken_apart) {
    const auto& row = GetParam();
    const auto url = service_url::parse(row.text);
    EXPECT_EQ(url.scheme, row.scheme);
    EXPECT_EQ(url.host, row.host);
    EXPECT_EQ(url.port, row.port);
    EXPECT_EQ(url.target, row.target);
    EXPECT_EQ(service_url::parse(url.str()).str(), url.str());
}

INSTANTIATE_TEST_SUITE_P(
    rows, good_urls,
    ::testing::Values(
        url_case{"xmpp://example.org", service_scheme::xmpp, "example.org", 5222},
        url_case{"xmpp://example.org:15222/", service_scheme::xmpp, "example.org", 15222},
        url_case{"xmpps://example.org", service_scheme::xmpps, "example.org", 5223},
        url_case{"xmpp://[::1]:5222", service_scheme::xmpp, "::1", 5222},
        url_case{"xmpps://[2001:db8::1]", service_scheme::xmpps, "2001:db8::1", 5223},
        url_case{"xmpp://127.0.0.1:1", service_scheme::xmpp, "127.0.0.1", 1},
        url_case{"ws://example.org", service_scheme::ws, "example.org", 80, "/"},
        url_case{"wss://example.org/xmpp?a=b", service_scheme::wss, "example.org", 443,
                 "/xmpp?a=b"},
        url_case{"wss://[::1]:5443?a", service_scheme::wss, "::1", 5443, "/?a"},
        url_case{"http://example.org:5280/http-bind", service_scheme::http, "example.org", 5280,
                 "/http-bind"},
        url_case{"https://example.org/", service_scheme::https, "example.org", 443, "/"},
        url_case{"component://localhost", service_scheme::component, "localhost", 5347},
        url_case{"component://[::1]:8888", service_scheme::component, "::1", 8888},
        url_case{"components://example.org", service_scheme::components, "example.org", 5347}));

TEST(service_url, names_the_port_where_it_is_not_the_schemes_own) {
    EXPECT_EQ(service_url::parse("wss://example.org:443/x").authority(), "example.org");
    EXPECT_EQ(service_url::parse("ws://example.org:443/x").authority(), "example.org:443");
    EXPECT_EQ(service_url::parse("http://[::1]:8080/").authority(), "[::1]:8080");
}

class bad_urls : public ::testing::TestWithParam<const char*> {};

TEST_P(bad_urls, are_refused) {
    try {
        (void)service_url::parse(GetParam());
        FAIL();
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::invalid_service);
        EXPECT_FALSE(refused.explanation().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    rows, bad_urls,
    ::testing::Values("example.org", "http//x", "gopher://x", "xmpp://", "xmpp://:5222",
                      "xmpp://host:", "xmpp://host:0", "xmpp://host:65536", "xmpp://host:-1",
                      "xmpp://host:5x", "xmpp://[::1", "xmpp://[::1]x",
                      "xmpp://[::1]:", "xmpp://ho st", "xmpp://a/b", "xmpp://user@host",
                      "xmpp://host\n", "ws://", "ws:///path", "ws://host/a b", "https://host/#x",
                      "wss://h/\n", "http://user:password@host/", "http://host/ä"));

}  // namespace
}  // namespace xmpp::detail
