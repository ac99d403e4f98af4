#include "net/url/resolve_service.hpp"

#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace xmpp::detail {
namespace {

std::string resolved(const std::string& service, const std::string& base,
                     const std::string& protocol = {}) {
    try {
        return resolve_service(service, options().base_url(base).protocol(protocol)).str();
    } catch (const error& refused) {
        return refused.code() == errc::invalid_service ? "invalid-service" : refused.what();
    }
}

TEST(resolve_service, leaves_whole_URLs_as_they_are) {
    EXPECT_EQ(resolved("", "https://web.example/", "ws"), "");
    EXPECT_EQ(resolved("xmpp://example.org", "https://web.example/", "ws"),
              "xmpp://example.org:5222");
    EXPECT_EQ(resolved("ws://example.org/a", "https://web.example/", "wss"),
              "ws://example.org:80/a");
}

TEST(resolve_service, keeps_the_host_of_the_base_for_a_path_from_the_root) {
    EXPECT_EQ(resolved("/ws", "https://web.example/app/index.html?x=1", "ws"),
              "wss://web.example:443/ws");
    EXPECT_EQ(resolved("/ws?a=b", "https://web.example:8443", "wss"),
              "wss://web.example:8443/ws?a=b");
}

TEST(resolve_service, puts_other_paths_behind_that_of_the_base) {
    EXPECT_EQ(resolved("ws", "https://web.example/app/index.html", "ws"),
              "wss://web.example:443/app/ws");
    EXPECT_EQ(resolved("ws/path", "https://web.example/app/", "ws"),
              "wss://web.example:443/app/ws/path");
    EXPECT_EQ(resolved("ws", "https://web.example", "ws"), "wss://web.example:443/ws");
    EXPECT_EQ(resolved("../ws/./b/..", "https://web.example/a/b/c", "ws"),
              "wss://web.example:443/a/ws/");
    EXPECT_EQ(resolved("../../../ws", "https://web.example/a/", "ws"), "wss://web.example:443/ws");
    EXPECT_EQ(resolved("?room=1", "https://web.example/a/b?x", "ws"),
              "wss://web.example:443/a/b?room=1");
}

TEST(resolve_service, is_never_less_secure_than_the_base) {
    EXPECT_EQ(resolved("/x", "https://w.example/", "ws"), "wss://w.example:443/x");
    EXPECT_EQ(resolved("/x", "https://w.example/", "http"), "https://w.example:443/x");
    EXPECT_EQ(resolved("/x", "wss://w.example/", "http"), "https://w.example:443/x");
    EXPECT_EQ(resolved("/x", "http://w.example/", "ws"), "ws://w.example:80/x");
    EXPECT_EQ(resolved("/x", "http://w.example/", "wss"), "wss://w.example:443/x");
    EXPECT_EQ(resolved("/x", "http://w.example:8080/", "https"), "https://w.example:8080/x");
}

TEST(resolve_service, speaks_as_the_base_where_no_protocol_is_named) {
    EXPECT_EQ(resolved("/x", "https://w.example/"), "https://w.example:443/x");
    EXPECT_EQ(resolved("/x", "ws://w.example/"), "ws://w.example:80/x");
    EXPECT_EQ(resolved("/x", "http://[::1]:81/"), "http://[::1]:81/x");
}

TEST(resolve_service, refuses_what_leads_nowhere) {
    EXPECT_EQ(resolved("/ws", ""), "invalid-service");
    EXPECT_EQ(resolved("/ws", "nonsense"), "invalid-service");
    EXPECT_EQ(resolved("/ws", "xmpp://example.org"), "invalid-service");
    EXPECT_EQ(resolved("/ws", "/base"), "invalid-service");
    EXPECT_EQ(resolved("//evil.example/ws", "https://web.example/", "ws"), "invalid-service");
    EXPECT_EQ(resolved("mailto:a", "https://web.example/", "ws"), "invalid-service");
    EXPECT_EQ(resolved("localhost:5280/ws", "https://web.example/", "ws"), "invalid-service");
    EXPECT_EQ(resolved("/ws", "https://web.example/", "wsx"), "invalid-service");
    EXPECT_EQ(resolved("/ws", "https://web.example/", "WS"), "wss://web.example:443/ws");
    EXPECT_EQ(resolved("/ws", "https://web.example/", "xmpp"), "invalid-service");
    EXPECT_EQ(resolved("/w s", "https://web.example/", "ws"), "invalid-service");
    EXPECT_EQ(resolved("/ws#top", "https://web.example/", "ws"), "invalid-service");
}

}  // namespace
}  // namespace xmpp::detail
