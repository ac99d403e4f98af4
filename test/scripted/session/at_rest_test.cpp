// A connection between sessions: it can begin the next at once, and nothing of it is at work.
#include "base/spawn.hpp"
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class at_rest : public reconnecting {
 protected:
    void spawn(task<> work, std::string* outcome = nullptr) {
        detail::spawn(context.get_executor(), std::move(work),
                      [outcome](const std::exception_ptr& failure) {
                          if (outcome) *outcome = failure ? condition_of(failure) : "done";
                      });
    }
    credentials who{juliet, "secret"};
};

TEST_F(at_rest, after_a_reset_the_next_session_begins_at_once) {
    peer.accept_login(juliet).expect_disconnect().next_connection().accept_login(juliet);
    start();
    conn->reset();
    std::vector<status> next;
    spawn(pull(conn->connect(who), &next));
    EXPECT_FALSE(conn->connected());
    EXPECT_THROW(conn->enqueue(message("a@b")), error) << "there is no session yet";
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED", up));
    EXPECT_EQ(test::path(next), up);
    EXPECT_TRUE(conn->connected());
}

TEST_F(at_rest, a_login_right_after_a_reset_ends_when_its_own_session_is_up) {
    peer.accept_login(juliet).expect_disconnect().next_connection().accept_login(juliet);
    start();
    conn->reset();
    std::string outcome;
    spawn(conn->login(who), &outcome);
    run_until_idle();
    EXPECT_EQ(outcome, "done");
    EXPECT_TRUE(conn->connected());
}

TEST_F(at_rest, subscriptions_made_after_a_reset_are_for_the_next_session) {
    peer.accept_login(juliet).expect_disconnect().next_connection().accept_login(juliet);
    peer.send("<message from='a@b'/>");
    start();
    conn->reset();
    int count = 0;
    spawn(count_messages(conn->stanzas(match().name("message")), &count));
    spawn(pull(conn->connect(who), &steps));
    run_until_idle();
    EXPECT_EQ(count, 1);
}

TEST_F(at_rest, a_second_reset_ends_what_waits_for_the_first) {
    peer.accept_login(juliet).expect_disconnect();
    start();
    conn->reset();
    std::vector<status> next;
    spawn(pull(conn->connect(who), &next));
    EXPECT_THROW(static_cast<void>(conn->connect(who)), error) << "there is one to come already";
    conn->reset();
    run_until_idle();
    EXPECT_EQ(test::path(next), "DISCONNECTED");
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED", up));
}

TEST_F(at_rest, disconnect_ends_what_waits_for_a_reset) {
    peer.accept_login(juliet).expect_disconnect();
    start();
    conn->reset();
    std::vector<status> next;
    spawn(pull(conn->connect(who), &next));
    run(conn->disconnect());
    EXPECT_EQ(test::path(next), "DISCONNECTED");
    EXPECT_FALSE(conn->connected());
}

TEST_F(at_rest, destroying_the_connection_ends_what_waits_for_a_reset) {
    peer.accept_login(juliet).expect_disconnect();
    start();
    conn->reset();
    std::vector<status> next;
    std::string outcome;
    spawn(pull(conn->connect(who), &next), &outcome);
    conn.reset();
    run_until_idle();
    EXPECT_NE(outcome, "");
    EXPECT_TRUE(next.empty());
}

TEST_F(at_rest, a_reset_while_the_link_is_lost_lets_the_next_session_begin_at_once) {
    configure(lasting().reconnect_backoff(1h, 1h));
    peer.accept_login(juliet);
    lose().accept_login(juliet);
    start_and_lose();
    conn->reset();
    std::vector<status> next;
    spawn(pull(conn->connect(who), &next));
    run_until_idle();
    EXPECT_EQ(test::path(next), up);
}

TEST_F(at_rest, disconnect_ends_a_session_whose_server_has_closed_the_stream_at_once) {
    for (const bool by_reset : {false, true}) {
        testing::scripted_peer server{context.get_executor()};
        prepare(server);
        conn.emplace(context.get_executor(), default_service(),
                     lasting().reconnect_backoff(1h, 1h).dialer(server.dialer()));
        steps.clear();
        accept_managed(server).close_stream().expect_close().end();
        start();
        run_until_idle();
        EXPECT_EQ(path(), fmt::format("{} RECONNECTING(closed-by-server)", up));
        std::string outcome;
        request("q");
        run_until_idle();
        if (by_reset) {
            conn->reset();
        } else {
            spawn(conn->disconnect(), &outcome);
        }
        run_until_idle();
        EXPECT_EQ(steps.back().code, status_code::disconnected) << path();
        EXPECT_EQ(outcomes["q"], "disconnected");
        EXPECT_EQ(outcome, by_reset ? "" : "done");
    }
}

TEST_F(at_rest, timed_handlers_keep_no_context_running) {
    int calls = 0;
    conn->add_timed_handler(1s, [&calls] { return ++calls > 0; });
    EXPECT_EQ(time->pending(), 0u) << "before a session";
    peer.accept_login(juliet).expect_nothing(3500ms);
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    start();
    pass(3500ms);
    EXPECT_EQ(calls, 3);
    run(conn->disconnect());
    EXPECT_EQ(time->pending(), 0u) << "after it";
    pass(1h);
    EXPECT_EQ(calls, 3);
}

TEST_F(at_rest, timed_handlers_go_on_when_the_session_does) {
    configure(lasting().reconnect_backoff(1h, 1h));
    int calls = 0;
    conn->add_timed_handler(1s, [&calls] { return ++calls > 0; });
    peer.accept_login(juliet);
    lose().accept_login(juliet);
    start_and_lose();
    pass(10s);
    EXPECT_EQ(calls, 0) << "the link is lost";
    conn->network_available();
    pass(2s);
    EXPECT_EQ(calls, 2);
}

TEST_F(at_rest, a_connection_that_was_up_lets_its_context_come_to_an_end) {
    accept_managed(peer)
        .expect(chat("1"))
        .expect(ack_request)
        .expect("<iq type='get' id='q' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    peer.expect("<presence type='unavailable'/>")
        .expect(ack_request)
        .expect(ack("0"))
        .expect_close()
        .close_stream();
    conn->add_timed_handler(1h, [] { return true; });
    start();
    send_acked("1");
    request("q");
    run_until_idle();
    spawn(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(steps.back().code, status_code::disconnected) << path();
    EXPECT_EQ(time->pending(), 0u);
    context.restart();
    context.run();  // comes back
}

}  // namespace
}  // namespace xmpp::test
