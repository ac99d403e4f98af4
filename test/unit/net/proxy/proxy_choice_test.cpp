#include "net/proxy/proxy_choice.hpp"

#include <xmpp/error.hpp>

#include "unit/net/net_support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace xmpp::test {
namespace {

using detail::is_in_no_proxy;
using detail::proxy_for;
using detail::proxy_kind;
using detail::proxy_url;
using detail::service_url;

using variables = std::map<std::string, std::string>;

/// "http host:port", or "none".
std::string chosen(const std::string& service, const variables& set,
                   const std::string& option = {}) {
    const auto proxy = proxy_for(service_url::parse(service), option, [&set](const char* name) {
        const auto found = set.find(name);
        return found == set.end() ? std::string() : found->second;
    });
    if (!proxy) return "none";
    return (proxy->kind == proxy_kind::http ? "http " : "socks ") + proxy->host + ":" +
           std::to_string(proxy->port);
}

proxy_url parse(const std::string& text) {
    return proxy_url::parse(text, "a test");
}

TEST(proxy_url, is_taken_apart) {
    const auto whole = parse("socks5h://jul%3Aiet:se%40cret@proxy.example:1081/");
    EXPECT_EQ(whole.kind, proxy_kind::socks5);
    EXPECT_EQ(whole.host, "proxy.example");
    EXPECT_EQ(whole.port, 1081);
    EXPECT_EQ(whole.user, "jul:iet");
    EXPECT_EQ(whole.password, "se@cret");
    const auto short_one = parse("proxy.example");
    EXPECT_EQ(short_one.kind, proxy_kind::http);
    EXPECT_EQ(short_one.port, 1080);
    EXPECT_EQ(short_one.user, "");
    EXPECT_EQ(parse("HTTP://[::1]:3128").host, "::1");
    EXPECT_EQ(parse("socks5://user@h").password, "");
}

TEST(proxy_url, is_refused_without_showing_secrets) {
    for (const std::string text :
         {"https://user:hushhush@proxy", "socks4://user:hushhush@proxy",
          "ftp://user:hushhush@proxy", "http://user:hushhush@", "http://user:hushhush@h:99999",
          "http://user:hushhush%@h", "http://user:hushhush%4@h", "http://user:hushhush%zz@h",
          "http://user:hushhush@h ost"}) {
        std::string shown;
        try {
            parse(text);
        } catch (const error& refused) {
            EXPECT_EQ(refused.code(), errc::invalid_options) << text;
            shown = refused.what();
        }
        EXPECT_NE(shown.find("a test"), std::string::npos) << text;
        EXPECT_EQ(shown.find("hushhush"), std::string::npos) << shown;
    }
}

TEST(proxy_for, takes_the_option_before_the_environment) {
    EXPECT_EQ(chosen("wss://h/", {}), "none");
    EXPECT_EQ(chosen("wss://h/", {{"https_proxy", "e:1"}}, "socks5://o:2"), "socks o:2");
    EXPECT_EQ(chosen("wss://h/", {{"no_proxy", "h"}}, "socks5://o:2"), "none");
}

TEST(proxy_for, looks_at_the_variables_of_the_scheme_in_the_order_of_libcurl) {
    variables set{{"wss_proxy", "a:1"},   {"WSS_PROXY", "b:1"}, {"https_proxy", "c:1"},
                  {"HTTPS_PROXY", "d:1"}, {"all_proxy", "e:1"}, {"ALL_PROXY", "f:1"},
                  {"http_proxy", "x:1"},  {"ws_proxy", "y:1"}};
    for (const char* name :
         {"wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        EXPECT_EQ(chosen("wss://h/", set), "http " + set.at(name));
        set.erase(name);
    }
    EXPECT_EQ(chosen("wss://h/", set), "none");
}

TEST(proxy_for, takes_http_proxy_in_lower_case_only) {
    EXPECT_EQ(chosen("ws://h/", {{"HTTP_PROXY", "evil:1"}}), "none");
    EXPECT_EQ(chosen("ws://h/", {{"http_proxy", "good:1"}}), "http good:1");
    EXPECT_EQ(chosen("ws://h/", {{"https_proxy", "other:1"}}), "none");
    EXPECT_EQ(chosen("ws://h/", {{"ws_proxy", "a:1"}, {"http_proxy", "b:1"}}), "http a:1");
    EXPECT_EQ(chosen("ws://h/", {{"ALL_PROXY", "socks5://a"}}), "socks a:1080");
}

TEST(proxy_for, obeys_both_spellings_of_no_proxy) {
    EXPECT_EQ(chosen("wss://h/", {{"https_proxy", "p"}, {"no_proxy", "h"}}), "none");
    EXPECT_EQ(chosen("wss://h/", {{"https_proxy", "p"}, {"NO_PROXY", "h"}}), "none");
    EXPECT_EQ(chosen("wss://h/", {{"https_proxy", "p"}, {"no_proxy", "x"}, {"NO_PROXY", "h"}}),
              "http p:1080");
}

TEST(no_proxy, names_hosts_and_what_is_below_them) {
    EXPECT_TRUE(is_in_no_proxy("example.org", "*"));
    EXPECT_TRUE(is_in_no_proxy("example.org", "a.example, Example.ORG"));
    EXPECT_TRUE(is_in_no_proxy("chat.example.org", "example.org"));
    EXPECT_TRUE(is_in_no_proxy("chat.example.org.", "\t.example.org"));
    EXPECT_TRUE(is_in_no_proxy("example.org", ".example.org"));
    EXPECT_TRUE(is_in_no_proxy("example.org", "example.org."));
    EXPECT_FALSE(is_in_no_proxy("badexample.org", "example.org"));
    EXPECT_FALSE(is_in_no_proxy("org", "example.org"));
    EXPECT_FALSE(is_in_no_proxy("example.org", ""));
    EXPECT_FALSE(is_in_no_proxy("example.org", " ,. , "));
}

TEST(no_proxy, names_addresses_and_networks) {
    EXPECT_TRUE(is_in_no_proxy("10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(is_in_no_proxy("10.1.2.3", "x, 10.0.0.0/8"));
    EXPECT_TRUE(is_in_no_proxy("10.1.2.3", "10.1.2.0/23"));
    EXPECT_TRUE(is_in_no_proxy("10.1.2.3", "0.0.0.0/0"));
    EXPECT_FALSE(is_in_no_proxy("10.1.4.3", "10.1.2.0/23"));
    EXPECT_FALSE(is_in_no_proxy("10.1.2.3", "10.1.2.3/33"));
    EXPECT_FALSE(is_in_no_proxy("10.1.2.3", "10.1.2.3/"));
    EXPECT_FALSE(is_in_no_proxy("10.1.2.3", "2.3"));
    EXPECT_TRUE(is_in_no_proxy("::1", "[::1]"));
    EXPECT_TRUE(is_in_no_proxy("2001:db8::7", "2001:DB8::/32"));
    EXPECT_FALSE(is_in_no_proxy("2001:db9::7", "2001:db8::/32"));
    EXPECT_FALSE(is_in_no_proxy("::1", "127.0.0.1"));
}

}  // namespace
}  // namespace xmpp::test
