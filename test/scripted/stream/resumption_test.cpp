// A stream that goes on over another link, or can not (XEP-0198 5), and what becomes of what was
// sent.
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

#include <string>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

TEST_F(reconnecting, a_stream_is_resumed) {
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

TEST_F(reconnecting, requests_go_on_over_a_resumption) {
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

TEST_F(reconnecting, what_a_refused_resumption_acknowledges_is_not_sent_again) {
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

TEST_F(reconnecting, messages_go_into_a_new_session_with_their_time) {
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

TEST_F(reconnecting, without_an_id_nothing_is_resumed) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' resume='true'/>");
    lose().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, with_no_time_nothing_is_resumed) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true' max='0'/>");
    lose().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, a_strange_time_is_no_obstacle) {
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='1' max='soon'/>");
    offer_to_resume(lose()).expect(resume("x", "0")).send(resumed("x", "0"));
    start();
    pass(2s);
    EXPECT_TRUE(conn->resumed());
}

TEST_F(reconnecting, another_stream_is_not_taken) {
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

TEST_F(reconnecting, a_resumption_that_counts_too_much_ends_that_stream_only) {
    accept_managed(peer).expect(chat("1")).expect(ack_request);
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "2"))
        .expect(
            "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/></stream:error>")
        .expect_close()
        .next_connection();
    accept_managed(peer, "<enabled xmlns='urn:xmpp:sm:3' id='two' resume='true'/>")
        .expect(delayed_chat("1"))
        .expect(ack_request)
        .send(ack("1"));
    start();
    send_acked("1");
    pass(10s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) AUTHENTICATING "
                                  "RECONNECTING(handled-count-too-high) AUTHENTICATING CONNECTED",
                                  up));
    EXPECT_FALSE(conn->resumed());
    EXPECT_EQ(outcomes["1"], "resent");
}

TEST_F(reconnecting, a_resumption_that_counts_nonsense_ends_that_stream_only) {
    accept_managed(peer).expect(chat("1"));
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(resumed("one", "many"))
        .expect("<stream:error>*</stream:error>")
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .expect(delayed_chat("1"));
    start();
    send("1");
    pass(10s);
    EXPECT_TRUE(conn->connected());
}

TEST_F(reconnecting, a_refused_resumption_that_counts_too_much_ends_that_stream_only) {
    accept_managed(peer).expect(chat("1"));
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(failed_with_count)
        .expect("<stream:error>*</stream:error>")
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .expect(delayed_chat("1"));
    start();
    send("1");
    pass(10s);
    EXPECT_TRUE(conn->connected());
}

TEST_F(reconnecting, an_acknowledgement_that_counts_too_much_ends_that_stream_only) {
    accept_managed(peer)
        .expect(chat("1"))
        .send(ack("7"))
        .expect("<stream:error>*</stream:error>")
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .expect(delayed_chat("1"));
    start();
    send("1");
    pass(10s);
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

TEST_F(reconnecting, goes_first_where_the_server_wants_it) {
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

TEST_F(reconnecting, a_stream_that_was_closed_is_not_resumed) {
    accept_managed(peer).close_stream().expect_close();
    peer.next_connection().accept_login(juliet, sm_feature).expect(enable);
    start();
    pass(2s);
    EXPECT_EQ(path(),
              fmt::format("{} RECONNECTING(closed-by-server) AUTHENTICATING CONNECTED", up));
}

}  // namespace
}  // namespace xmpp::test
