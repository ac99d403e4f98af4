// see-other-uri over WebSocket (RFC 7395 3.6.1): what is followed, and where it leads.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/transport/websocket_session_test_case.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

constexpr const char* to_other_uri = "REDIRECT(see-other-uri) AUTHENTICATING CONNECTED";

class websocket_redirect : public websocket_session_test {
 protected:
    /// Sent elsewhere in place of features.
    testing::scripted_peer& sent_to(std::string_view uri) {
        return peer.expect_header().send_header().send(close_with_uri(uri)).expect_close();
    }
};

TEST_F(websocket_redirect, before_the_features_is_followed) {
    sent_to("ws://other.example.org:8080/chat?x=1")
        .next_connection("other.example.org", 8080)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_uri));
    EXPECT_EQ(conn->service(), "ws://other.example.org:8080/chat?x=1");
    const auto& step = this->step(status_code::redirect);
    EXPECT_FALSE(step.error) << "nothing went wrong";
    ASSERT_TRUE(step.detail);
    EXPECT_EQ(step.detail->root().name(), "close");
    peer.cut();
    run_until_idle();
    EXPECT_EQ(conn->service(), websocket_service) << "the next session begins at the original";
}

TEST_F(websocket_redirect, in_place_of_the_servers_open_is_followed) {
    peer.expect_header()
        .send_raw(close_with_uri("ws://other.example.org/"))
        .expect_close()
        .next_connection("other.example.org", 80)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_uri));
}

TEST_F(websocket_redirect, a_stream_error_in_place_of_the_servers_open_is_followed) {
    peer.expect_header()
        .send_raw(
            "<error xmlns='http://etherx.jabber.org/streams'><see-other-host "
            "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.example.org</see-other-host>"
            "</error>")
        .expect_close()
        .next_connection("other.example.org", 80)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), "CONNECTING REDIRECT(see-other-host) AUTHENTICATING CONNECTED");
    EXPECT_EQ(conn->service(), "ws://other.example.org:80/xmpp-websocket");
}

TEST_F(websocket_redirect, of_an_established_session_keeps_handlers) {
    peer.accept_login(juliet)
        .send(close_with_uri("ws://other.example.org/ws"))
        .expect_close()
        .next_connection("other.example.org", 80)
        .accept_login(juliet)
        .send("<message from='a@b'><body>1</body></message>");
    int handled = 0;
    int subscribed = 0;
    conn->add_handler(match().name("message"), [&handled](const stanza&) { return ++handled > 0; });
    detail::spawn(context.get_executor(),
                  count_messages(conn->stanzas(match().name("message")), &subscribed),
                  [](const std::exception_ptr&) {});
    start();
    EXPECT_EQ(path(), fmt::format("{} {}", up, to_other_uri));
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(subscribed, 1);
}

TEST_F(websocket_redirect, a_limit_of_zero_follows_none) {
    configure(settings().max_redirects(0), websocket_service);
    sent_to("ws://other.example.org/");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(see-other-uri) DISCONNECTED(see-other-uri)");
    EXPECT_EQ(steps.back().error, errc::closed_by_server);
    EXPECT_NE(steps.back().text.find("ws://other.example.org/"), std::string::npos);
}

TEST_F(websocket_redirect, a_limit_of_zero_makes_it_the_error_of_an_established_session) {
    configure(settings().max_redirects(0), websocket_service);
    peer.accept_login(juliet).send(close_with_uri("ws://other.example.org/")).expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(see-other-uri) DISCONNECTED(see-other-uri)", up));
}

TEST_F(websocket_redirect, in_a_loop_ends_at_the_limit) {
    configure(settings().max_redirects(3), websocket_service);
    for (int i = 0; i < 3; ++i) {
        sent_to(i % 2 == 0 ? "ws://a.example/" : "ws://b.example/").next_connection();
    }
    sent_to("ws://b.example/");
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-uri) REDIRECT(see-other-uri) REDIRECT(see-other-uri) "
              "CONNFAIL(too-many-redirects) DISCONNECTED(too-many-redirects)");
}

struct bad_target {
    const char* name;
    const char* uri;
};

void PrintTo(const bad_target& row, std::ostream* out) {
    *out << row.name;
}

class websocket_redirect_target : public websocket_redirect,
                                  public ::testing::WithParamInterface<bad_target> {};

TEST_P(websocket_redirect_target, is_refused_before_connected) {
    sent_to(GetParam().uri);
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(bad-format) DISCONNECTED(bad-format)");
    EXPECT_EQ(steps.back().error, errc::bad_format);
    ASSERT_TRUE(steps.back().detail);
}

TEST_P(websocket_redirect_target, is_an_error_of_an_established_session) {
    peer.accept_login(juliet).send(close_with_uri(GetParam().uri)).expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(bad-format) DISCONNECTED(bad-format)", up));
}

INSTANTIATE_TEST_SUITE_P(
    uris, websocket_redirect_target,
    ::testing::Values(bad_target{"tcp", "xmpp://other.example.org"},
                      bad_target{"unknown", "gopher://other.example.org/"},
                      bad_target{"relative", "/elsewhere"}, bad_target{"no_host", "ws:///path"},
                      bad_target{"user", "ws://user:secret@other.example.org/"},
                      bad_target{"port", "ws://other.example.org:99999/"},
                      bad_target{"fragment", "ws://other.example.org/#top"},
                      bad_target{"space", "ws://other.example.org/a b"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(websocket_redirect, over_an_unencrypted_link_is_not_believed) {
    configure(settings().tls(tls_mode::optional), websocket_service);
    sent_to("wss://evil.example/");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(untrusted-redirect) DISCONNECTED(untrusted-redirect)");
    EXPECT_EQ(steps.back().error, errc::untrusted_redirect);
}

TEST_F(websocket_redirect, from_wss_leads_to_wss) {
    configure(secure().verify_name("example.org"), secure_websocket_service);
    sent_to("wss://other.example.org/")
        .next_connection("other.example.org", 443)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_uri));
    EXPECT_TRUE(conn->secure());
}

TEST_F(websocket_redirect, the_certificate_must_bear_the_name_in_the_uri) {
    configure(secure(), secure_websocket_service);
    sent_to("wss://other.example.net/").next_connection("other.example.net", 443);
    peer.then([](testing::scripted_peer& self) -> task<> {
        try {
            co_await self.receive();
        } catch (const std::exception&) {
            co_return;  // the handshake fails
        }
        throw std::runtime_error("the client accepted the certificate of another host");
    });
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-uri) CONNFAIL(name-mismatch) "
              "DISCONNECTED(name-mismatch)");
}

class websocket_downgrade : public websocket_redirect,
                            public ::testing::WithParamInterface<tls_mode> {};

TEST_P(websocket_downgrade, from_wss_is_refused) {
    configure(secure().tls(GetParam()), secure_websocket_service);
    sent_to("ws://example.org/xmpp-websocket");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(untrusted-redirect) DISCONNECTED(untrusted-redirect)");
}

TEST_P(websocket_downgrade, of_an_established_session_is_an_error) {
    configure(secure().tls(GetParam()), secure_websocket_service);
    peer.accept_login(juliet).send(close_with_uri("http://example.org/bosh")).expect_close();
    run_session();
    EXPECT_EQ(path(),
              fmt::format("{} ERROR(untrusted-redirect) DISCONNECTED(untrusted-redirect)", up));
}

INSTANTIATE_TEST_SUITE_P(modes, websocket_downgrade,
                         ::testing::Values(tls_mode::required, tls_mode::optional,
                                           tls_mode::disabled));

}  // namespace
}  // namespace xmpp::test
