// What a session over WebSocket does otherwise than one over TCP.
#include "scripted/elements.hpp"
#include "scripted/transport/websocket_session_test_case.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class websocket_session : public websocket_session_test {};

TEST_F(websocket_session, logs_in_over_wss) {
    configure(secure(), secure_websocket_service);
    peer.expect_header("to='example.org' from='juliet@example.org' version='1.0'");
    peer.send_header().features(plain_features).expect(plain_auth).send(success);
    peer.expect_header().send_header().features(bind_feature).expect(bind_request);
    peer.send(
        "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<jid>juliet@example.org/balcony</jid></bind></iq>");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(conn->secure());
}

TEST_F(websocket_session, a_relative_service_is_completed) {
    configure(settings().base_url("http://web.example:8080/app/").protocol("ws"), "ws?x=1:2");
    peer.next_connection("web.example", 8080).accept_login(juliet);
    EXPECT_EQ(conn->service(), "ws?x=1:2");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(conn->service(), "ws://web.example:8080/app/ws?x=1:2");
}

task<std::unique_ptr<byte_stream>> count_dial(int* dialled) {
    ++*dialled;
    co_return nullptr;
}

TEST_F(websocket_session, a_service_without_TLS_is_not_even_connected_to_where_TLS_is_required) {
    int dialled = 0;
    configure(
        settings()
            .tls(tls_mode::required)
            .headers({{"X-Key", "hushhush"}})
            .cookies({{"token", "hushhush"}})
            .dialer([&dialled](const std::string&, std::uint16_t) { return count_dial(&dialled); }),
        websocket_service);
    run_session();
    EXPECT_EQ(dialled, 0);
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
}

TEST_F(websocket_session, the_servers_close_is_answered_in_any_spelling) {
    peer.accept_login(juliet)
        .send("<f:close xmlns:f='urn:ietf:params:xml:ns:xmpp-framing' ></f:close>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
}

TEST_F(websocket_session, two_stanzas_in_one_message_are_both_handled) {
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.accept_login(juliet)
        // Ends in the middle of nothing, so that it leaves as one message.
        .send_raw("<message from='a@b'/><message from='a@b'/><x:y/>")
        .expect(stream_error("bad-namespace-prefix"))
        .expect_close();
    run_session();
    EXPECT_EQ(seen, 2);
}

TEST_F(websocket_session, a_frame_beyond_the_limit_comes_after_what_was_whole) {
    int seen = 0;
    configure(settings().max_stanza_bytes(1000), websocket_service);
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.accept_login(juliet)
        .send("<message from='a@b'><body>whole</body></message><message from='a@b'><body>" +
              std::string(2000, 'x') + "</body></message>")
        .expect(stream_error("policy-violation"))
        .expect_close();
    run_session();
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(path(), fmt::format("{} ERROR(policy-violation) DISCONNECTED(policy-violation)", up));
}

// An XMPP ping asks the XMPP server; a pong of WebSocket would come from the web server before it.
TEST_F(websocket_session, liveness_asks_the_XMPP_server) {
    peer.accept_login(juliet).expect(ping_request).send("<iq type='result' id='{id}'/>").stall();
    start();
    pass(61s);
    EXPECT_EQ(path(), up);
    pass(81s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(server-silent) DISCONNECTED(server-silent)", up));
}

TEST_F(websocket_session, a_keepalive_is_no_message_and_no_sign_of_life) {
    std::string raw;
    configure(settings().whitespace_keepalive(10s), websocket_service);
    peer.accept_login(juliet)
        .expect_nothing(55s)  // which reads, and so answers the pings
        .expect(ping_request)
        .stall();
    start();
    conn->on_raw_output([&raw](std::string_view bytes) { raw += bytes; });
    pass(59s);
    EXPECT_EQ(raw, "");
    pass(22s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(server-silent) DISCONNECTED(server-silent)", up));
}

}  // namespace
}  // namespace xmpp::test
