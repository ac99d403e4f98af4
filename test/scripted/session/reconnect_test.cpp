// The logical session: links come and go (docs/reliability.md).
#include "scripted/reconnecting.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <utility>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

TEST_F(reconnecting, a_lost_link_is_replaced) {
    peer.accept_login(juliet);
    lose().accept_login(juliet).expect(chat("there"));
    start();
    pass(2s);
    EXPECT_EQ(path(), fmt::format("{} {}", up, again));
    const auto& step = this->step(status_code::reconnecting);
    EXPECT_EQ(step.error, asio::error::connection_reset);
    EXPECT_EQ(step.attempt, 1);
    EXPECT_FALSE(conn->resumed());
    EXPECT_EQ(conn->health().reconnects, 1u);
    send("there");
    run_until_idle();
}

TEST_F(reconnecting, a_server_that_goes_down_is_waited_for) {
    accept_managed(peer)
        .send(
            "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close()
        .refuse_connection()
        .refuse_connection()
        .next_connection();
    offer_to_resume(peer).expect(resume("one", "0")).send(failed);
    accept_binding(peer).expect(enable);
    start();
    pass(10s);
    EXPECT_EQ(path(),
              fmt::format("{} RECONNECTING(system-shutdown) RECONNECTING(connection-refused) "
                          "RECONNECTING(connection-refused) AUTHENTICATING CONNECTED",
                          up));
    EXPECT_TRUE(conn->connected());
}

/// What a server sends, and the condition that it is told.
using unreadable_input = std::pair<const char*, const char*>;

class reconnecting_after : public reconnecting,
                           public ::testing::WithParamInterface<unreadable_input> {};

TEST_P(reconnecting_after, what_can_not_be_parsed_a_new_stream_goes_on) {
    const auto [broken, condition] = GetParam();
    accept_managed(peer)
        .send_raw(broken)
        .expect(stream_error(condition))
        .expect_close()
        .next_connection();
    accept_managed(peer).expect(chat("there"));
    start();
    pass(10s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING({}) AUTHENTICATING CONNECTED", up, condition));
    EXPECT_FALSE(conn->resumed());
    send("there");
    run_until_idle();
}

INSTANTIATE_TEST_SUITE_P(
    streams, reconnecting_after,
    ::testing::Values(
        unreadable_input("<message><a></b></message>", "not-well-formed"),
        unreadable_input("<message><p:a/></message>", "bad-namespace-prefix"),
        unreadable_input("<message><x xmlns='http://www.w3.org/XML/1998/namespace'/></message>",
                         "not-well-formed")));

TEST_F(reconnecting, gives_up_after_max_retries) {
    configure(lasting().max_retries(2));
    peer.accept_login(juliet);
    cut().refuse_connection().refuse_connection();
    start();
    pass(10s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) "
                                  "RECONNECTING(connection-refused) CONNFAIL(connection-refused) "
                                  "DISCONNECTED(connection-refused)",
                                  up));
}

TEST_F(reconnecting, bad_credentials_are_not_tried_again) {
    peer.accept_login(juliet);
    offer(lose(), plain_features)
        .expect(plain_auth)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .expect_close();
    start();
    pass(10s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) AUTHENTICATING "
                                  "AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)",
                                  up));
}

TEST_F(reconnecting, a_session_that_was_replaced_is_over) {
    peer.accept_login(juliet)
        .send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

TEST_F(reconnecting, silence_is_noticed_and_the_stream_resumed) {
    accept_managed(peer).expect(ack_request).stall();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(resumed("one", "0"));
    start();
    pass(79s);
    EXPECT_EQ(path(), up);
    pass(3s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(server-silent) AUTHENTICATING CONNECTED", up));
}

TEST_F(reconnecting, an_attempt_has_the_time_of_a_login) {
    configure(lasting().connect_timeout(5s));
    peer.accept_login(juliet);
    lose().stall();
    peer.next_connection().accept_login(juliet);
    start();
    pass(8s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) RECONNECTING(connect-timeout) "
                                  "AUTHENTICATING CONNECTED",
                                  up));
}

TEST_F(reconnecting, the_network_that_is_back_ends_the_wait) {
    configure(lasting().reconnect_backoff(1h, 1h));
    peer.accept_login(juliet);
    lose().accept_login(juliet);
    start_and_lose();
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost)", up));
    conn->network_available();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} {}", up, again));
}

TEST_F(reconnecting, the_network_that_is_back_makes_a_session_ask) {
    peer.accept_login(juliet).expect(ping_request);
    start();
    conn->network_available();
    run_until_idle();
}

TEST_F(reconnecting, disconnect_ends_the_wait) {
    configure(lasting().reconnect_backoff(1h, 1h));
    peer.accept_login(juliet);
    cut();
    start_and_lose();
    run(conn->disconnect("enough"));
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) DISCONNECTING(enough) "
                                  "DISCONNECTED",
                                  up));
}

TEST_F(reconnecting, destroying_the_connection_ends_the_wait) {
    accept_managed(peer);
    cut();
    start_and_lose();
    send_acked("1");
    request("2");
    run_until_idle();
    conn.reset();
    run_until_idle();
    EXPECT_EQ(outcomes.size(), 2u);
}

TEST_F(reconnecting, a_first_connect_is_tried_again_only_where_that_is_wanted) {
    peer.refuse_connection();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(connection-refused) DISCONNECTED(connection-refused)");
    configure(lasting().retry_first_connect(true));
    peer.refuse_connection().next_connection().accept_login(juliet);
    steps.clear();
    start();
    pass(2s);
    EXPECT_EQ(path(), "CONNECTING RECONNECTING(connection-refused) AUTHENTICATING CONNECTED");
}

TEST_F(reconnecting, handlers_subscriptions_and_responders_live_on) {
    peer.accept_login(juliet).send("<message from='a@b'><body>1</body></message>");
    lose()
        .accept_login(juliet)
        .send(
            "<message from='a@b'><body>2</body></message>"
            "<iq type='get' id='v' from='a@b'><query xmlns='jabber:iq:version'/></iq>")
        .expect("<iq type='result' id='v' to='a@b'/>");
    int handled = 0;
    conn->add_handler(match().name("message"), [&handled](const stanza&) { return ++handled > 0; });
    conn->on_iq("query", "jabber:iq:version", [](stanza) -> task<builder> { co_return builder(); });
    start();
    pass(2s);
    EXPECT_EQ(handled, 2);
}

/// As docs/reliability.md has it.
TEST_F(reconnecting, metrics_are_exported_by_a_timed_handler) {
    peer.accept_login(juliet).send("<message from='a@b'><body>1</body></message>");
    peer.expect_nothing(1s).cut();
    peer.next_connection().accept_login(juliet).send(
        "<message from='a@b'><body>2</body></message>");
    std::vector<health> exported;
    conn->add_timed_handler(100ms, [&] {
        exported.push_back(conn->health());
        return true;
    });
    start();
    pass(3s);
    ASSERT_FALSE(exported.empty());
    EXPECT_EQ(exported.front().stanzas_received, 1u);
    EXPECT_EQ(exported.front().reconnects, 0u);
    EXPECT_EQ(exported.back().stanzas_received, 2u);
    EXPECT_EQ(exported.back().reconnects, 1u);
}

TEST_F(reconnecting, more_than_the_limit_does_not_wait_for_a_link) {
    configure(lasting().send_queue_bytes(100, 200));
    peer.accept_login(juliet);
    cut();
    start_and_lose();
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost)", up));
    send(std::string(100, 'x'));
    EXPECT_THROW(send(std::string(100, 'x')), error);
}

}  // namespace
}  // namespace xmpp::test
