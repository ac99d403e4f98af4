#include "net/url/service_url.hpp"

#include <xmpp/error.hpp>

#include "net/url/url_text.hpp"

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
        url_case{"XMPP://example.org", service_scheme::xmpp, "example.org", 5222},
        url_case{"WSS://example.org/Path", service_scheme::wss, "example.org", 443, "/Path"},
        url_case{"Component://example.org", service_scheme::component, "example.org", 5347},
        url_case{"UNIX:/run/Broker", service_scheme::shared, "", 0, "/run/Broker"},
        url_case{"xmpp://[fe80::1%25eth0]:5222", service_scheme::xmpp, "fe80::1%eth0", 5222},
        url_case{"xmpp://[fe80::1%eth0]", service_scheme::xmpp, "fe80::1%eth0", 5222},
        url_case{"xmpp://[fe80::1%25en%2D1]", service_scheme::xmpp, "fe80::1%en-1", 5222},
        url_case{"xmpp://[fe80::1%25]", service_scheme::xmpp, "fe80::1%25", 5222},
        url_case{"https://[fe80::1%25eth0]/b", service_scheme::https, "fe80::1%eth0", 443, "/b"},
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

TEST(service_url, tells_servers_nothing_of_the_zone_of_an_address) {
    EXPECT_EQ(service_url::parse("ws://[fe80::1%25eth0]:8080/").authority(), "[fe80::1]:8080");
    EXPECT_EQ(service_url::parse("ws://[fe80::1%25eth0]/").authority(), "[fe80::1]");
}

TEST(service_url, has_the_zone_of_an_address_encoded) {
    EXPECT_EQ(service_url::parse("xmpp://[fe80::1%eth0]").str(), "xmpp://[fe80::1%25eth0]:5222");
}

TEST(host_and_port, may_have_a_zone_in_either_form) {
    for (const char* text : {"[fe80::1%25eth0]:443", "[fe80::1%eth0]:443"}) {
        const auto [host, port] = parse_authority(text, 1);
        EXPECT_EQ(host, "fe80::1%eth0") << text;
        EXPECT_EQ(port, 443) << text;
    }
    EXPECT_EQ(parse_authority("fe80::1%25eth0", 1).host, "fe80::1%eth0");
}

TEST(service_url, is_shown_without_what_may_be_secret) {
    EXPECT_EQ(without_secrets("https://example.org/b?token=hushhush"), "https://example.org/b?...");
    EXPECT_EQ(without_secrets("https://juliet:hushhush@example.org:1/b"),
              "https://example.org:1/b");
    EXPECT_EQ(without_secrets("https://example.org/a@b"), "https://example.org/a@b");
    EXPECT_EQ(without_secrets("/ws?token=hushhush"), "/ws?...");
}

TEST(service_url, shows_no_secret_when_it_is_refused) {
    for (const char* text : {"https://example.org/a b?token=hushhush", "gopher://h?hushhush",
                             "xmpp://juliet:hushhush@example.org"}) {
        try {
            (void)service_url::parse(text);
            ADD_FAILURE() << text;
        } catch (const error& refused) {
            EXPECT_EQ(refused.explanation().find("hushhush"), std::string_view::npos) << text;
        }
    }
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
                      "xmpp://host:5x", "xmpp://[::1", "xmpp://[fe80::1%]",
                      "xmpp://[fe80::1%25a%20b]", "xmpp://[fe80::1%25a%zz]",
                      "xmpp://[fe80::1%25a%2525]", "xmpp://[::1]x", "xmpp://[::1]:", "xmpp://ho st",
                      "xmpp://a/b", "xmpp://user@host", "xmpp://host\n", "ws://", "ws:///path",
                      "ws://host/a b", "https://host/#x", "wss://h/\n",
                      "http://user:password@host/", "http://host/ä"));

}  // namespace
}  // namespace xmpp::detail
