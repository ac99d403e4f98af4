// The logical session: links come and go (docs/reliability.md).
#include "base/spawn.hpp"
#include "scripted/managed_streams.hpp"
#include "scripted/session_test.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <map>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* up = "CONNECTING AUTHENTICATING CONNECTED";
constexpr const char* again = "RECONNECTING(connection-lost) AUTHENTICATING CONNECTED";
constexpr const char* juliet = "juliet@example.org/balcony";

class reconnecting : public session_test {
 protected:
    reconnecting() { configure(lasting()); }

    options lasting() const { return settings().reconnect(true).reconnect_backoff(1s, 1s); }

    /// The link is lost, and the client comes back.
    testing::scripted_peer& lose() { return cut().next_connection(); }
    /// Once the client has got what was sent to it.
    testing::scripted_peer& cut() { return peer.expect_nothing(1ms).cut(); }
    void start_and_lose() {
        start();
        pass(1ms);
    }
    void send(const std::string& text) { conn->enqueue(message("a@b").body(text)); }
    void send_acked(const std::string& text) {
        detail::spawn(context.get_executor(), conn->send_acked(message("a@b").body(text)),
                      [this, text](const std::exception_ptr& failure) { note(text, failure); });
    }
    void request(const std::string& id) {
        detail::spawn(context.get_executor(), ask(*conn, id),
                      [this, id](const std::exception_ptr& failure) { note(id, failure); });
    }
    static task<> ask(connection& conn, std::string id) {
        auto request = iq::get("example.org").id(id).c("ping", ns::ping);
        co_await conn.send_iq(std::move(request));
    }
    void note(const std::string& what, const std::exception_ptr& failure) {
        outcomes[what] = failure ? condition_of(failure) : "done";
    }

    std::map<std::string, std::string> outcomes;
};

TEST_F(reconnecting, contract_B35_a_lost_link_is_replaced) {
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

TEST_F(reconnecting, contract_B11_a_stream_is_resumed) {
    accept_managed(peer)
        .send("<message from='a@b'/>")
        .expect(chat("1"))
        .expect(chat("2"))
        .expect(chat("3"));
    offer_to_resume(lose())
        .expect(resume("one", "1"))
        .send(resumed("one", "1"))
        .expect(chat("2"))
        .expect(chat("3"))
        .expect(ack_request)
        .send(ack("3"))
        .expect(chat("4"));
    start();
    for (const char* text : {"1", "2", "3"}) send(text);
    pass(1002ms);
    EXPECT_EQ(path(), fmt::format("{} {}", up, again));
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->user(), jid(juliet));
    EXPECT_EQ(conn->health().resumptions, 1u);
    EXPECT_EQ(conn->health().stanzas_resent, 2u);
    send("4");
    run_until_idle();
}

TEST_F(reconnecting, bad_input_D12_requests_go_on_over_a_resumption) {
    accept_managed(peer).expect(
        "<iq type='get' id='q' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "1"))
        .send("<iq type='result' id='q' from='example.org'/>");
    start();
    request("q");
    pass(2s);
    EXPECT_EQ(outcomes["q"], "done");
}

TEST_F(reconnecting, requests_end_where_the_session_is_a_new_one) {
    peer.accept_login(juliet).expect(
        "<iq type='get' id='q' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    lose().accept_login(juliet).expect_nothing(1s);
    start();
    request("q");
    pass(3s);
    EXPECT_EQ(outcomes["q"], "disconnected");
}

TEST_F(reconnecting, what_is_sent_meanwhile_leaves_in_its_order_after_a_resumption) {
    accept_managed(peer).expect(chat("1"));
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(chat("2"))
        .expect("<presence><show>away</show></presence>")
        .expect(chat("3"))
        .expect(ack_request);
    start();
    send("1");
    pass(1ms);
    EXPECT_FALSE(conn->connected());
    send("2");
    conn->enqueue(presence().show("away"));
    send("3");
    pass(2s);
    EXPECT_TRUE(conn->resumed());
}

constexpr const char* failed_with_count =
    "<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
constexpr const char* failed =
    "<failed xmlns='urn:xmpp:sm:3'><item-not-found "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

std::string delayed_chat(const std::string& text) {
    return fmt::format(
        "<message to='a@b'><body>{}</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>",
        text);
}

TEST_F(reconnecting, bad_input_D11_what_a_refused_resumption_acknowledges_is_not_sent_again) {
    accept_managed(peer).expect(chat("1")).expect(ack_request).expect(chat("2")).expect(chat("3"));
    offer_to_resume(lose()).expect(resume("one", "0")).send(failed_with_count);
    accept_binding(peer)
        .expect(enable)
        .expect(delayed_chat("3"))
        .expect(ack_request)
        .send("<enabled xmlns='urn:xmpp:sm:3' id='two' resume='true'/>")
        .send(ack("1"));
    start();
    for (const char* text : {"1", "2", "3"}) send_acked(text);
    pass(2s);
    EXPECT_FALSE(conn->resumed());
    EXPECT_EQ(outcomes["1"], "done");
    EXPECT_EQ(outcomes["2"], "done");
    EXPECT_EQ(outcomes["3"], "done") << "the server said that it did not have it";
}

TEST_F(reconnecting, bad_input_D22_messages_go_into_a_new_session_with_their_time) {
    accept_managed(peer).expect(chat("1")).expect(ack_request);
    offer_to_resume(lose()).expect(resume("one", "0")).send(failed);
    accept_binding(peer)
        .expect(enable)
        .expect(
            "<message to='a@b'><body>1</body>"
            "<delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/></message>")
        .expect(delayed_chat("2"))
        .expect(
            "<message to='a@b'><body>old</body>"
            "<delay xmlns='urn:xmpp:delay' stamp='1999-01-01T00:00:00Z'/></message>")
        .expect(ack_request)
        .send(enabled)
        .send(ack("3"));
    start();
    send_acked("1");
    pass(1ms);
    send_acked("2");
    run_until_idle();
    conn->enqueue(
        message("a@b").body("old").c("delay", ns::delay).attr("stamp", "1999-01-01T00:00:00Z"));
    conn->enqueue(presence());
    pass(2s);
    EXPECT_EQ(outcomes["1"], "resent") << "nobody knows whether it has arrived before";
    EXPECT_EQ(outcomes["2"], "done") << "it was never sent before";
}

TEST_F(reconnecting, bad_input_D06_without_an_id_nothing_is_resumed) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' resume='true'/>");
    lose().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, bad_input_D07_with_no_time_nothing_is_resumed) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true' max='0'/>");
    lose().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, bad_input_D07_a_strange_time_is_no_obstacle) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='1' max='soon'/>");
    offer_to_resume(lose()).expect(resume("x", "0")).send(resumed("x", "0"));
    start();
    pass(2s);
    EXPECT_TRUE(conn->resumed());
}

TEST_F(reconnecting, bad_input_D09_another_stream_is_not_taken) {
    accept_managed(peer);
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("other", "0"))
        .expect("<stream:error>*</stream:error>")
        .expect_close();
    peer.next_connection().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(4s);
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, bad_input_D10_a_resumption_that_counts_too_much_ends_the_session) {
    accept_managed(peer).expect(chat("1"));
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "2"))
        .expect(
            "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/></stream:error>")
        .expect_close();
    start();
    send("1");
    pass(10s);
    EXPECT_EQ(steps.back().error, errc::handled_count_too_high);
    EXPECT_EQ(steps.back().code, status_code::disconnected);
}

TEST_F(reconnecting, bad_input_D08_goes_first_where_the_server_wants_it) {
    accept_managed(peer,
                   "<enabled xmlns='urn:xmpp:sm:3' id='one' resume='true' "
                   "location='[2001:db8::1]:9222'/>");
    cut().refuse_connection().next_connection("example.org", 5222);
    offer_to_resume(peer).expect(resume("one", "0")).send(resumed("one", "0"));
    start();
    pass(4s);
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->health().reconnects, 1u);
}

TEST_F(reconnecting, a_resumed_stream_that_the_server_finds_broken_is_given_up_for_a_new_session) {
    accept_managed(peer).expect(chat("1"));
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(ack_request)
        .send(
            "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close()
        .next_connection()
        .accept_login(juliet, sm_feature)
        .expect(enable)
        .expect(delayed_chat("1"))
        .expect(ack_request)
        .send(enabled)
        .send(
            "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    start();
    send("1");
    pass(10s);
    EXPECT_EQ(path(), fmt::format("{} {} RECONNECTING(not-well-formed) AUTHENTICATING CONNECTED "
                                  "ERROR(not-well-formed) DISCONNECTED(not-well-formed)",
                                  up, again))
        << "which is not done twice";
}

TEST_F(reconnecting, bad_input_D24_a_stream_that_was_closed_is_not_resumed) {
    accept_managed(peer).close_stream().expect_close();
    peer.next_connection().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_EQ(path(),
              fmt::format("{} RECONNECTING(closed-by-server) AUTHENTICATING CONNECTED", up));
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

TEST_F(reconnecting, contract_B37_a_session_that_was_replaced_is_over) {
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
