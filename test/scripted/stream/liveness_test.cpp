// A server that falls silent is asked, then left; and what keeps a quiet link alive.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* pong = "<iq type='result' from='example.org' id='{id}'/>";

/// With the limits of the documentation: 60 s, 20 s.
class liveness : public session_test {
 protected:
    liveness() {
        conn->add_handler(match(), [this](const stanza& received) {
            seen.push_back(received->to_xml());
            return true;
        });
        conn->on_log([this](log_level, std::string_view line) {
            if (line.find("no request of ours") != line.npos) unknown_replies += 1;
        });
    }

    std::vector<std::string> seen;
    int unknown_replies = 0;
};

TEST_F(liveness, a_silent_server_is_asked_and_then_left) {
    peer.accept_login(juliet).expect_nothing(59s).expect(ping_request).stall();
    const auto begin = time->now();
    run_session();
    EXPECT_EQ(time->now() - begin, 80s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(server-silent) DISCONNECTED(server-silent)", up));
    EXPECT_EQ(steps.back().error, errc::server_silent);
}

TEST_F(liveness, an_answer_keeps_the_session_and_reaches_nobody) {
    peer.accept_login(juliet)
        .expect(ping_request)
        .send(pong)
        .expect_nothing(59s)
        .expect(ping_request)
        .send(pong);
    start();
    pass(130s);
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(unknown_replies, 0);
}

TEST_F(liveness, an_error_is_a_sign_of_life_too) {
    peer.accept_login(juliet)
        .expect(ping_request)
        .send(
            "<iq type='error' id='{id}'><error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    start();
    pass(100s);
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(unknown_replies, 0);
}

TEST_F(liveness, any_byte_is_a_sign_of_life_and_a_late_answer_is_still_ours) {
    peer.accept_login(juliet).expect(ping_request).expect_nothing(19s).send_raw(" ");
    peer.expect_nothing(30s).send(pong).expect(ping_request);
    start();
    pass(60s + 19s + 30s + 59s);
    EXPECT_FALSE(peer.finished()) << "silence counts from the last byte";
    pass(2s);
    EXPECT_TRUE(peer.finished());
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(unknown_replies, 0);
}

TEST_F(liveness, a_stranger_can_not_answer_for_the_server) {
    peer.accept_login(juliet)
        .expect(ping_request)
        .send("<iq type='result' from='mallory@example.org/x' id='{id}'/>")
        .send(pong);
    start();
    pass(61s);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_NE(seen.front().find("mallory"), std::string::npos);
}

TEST_F(liveness, stanzas_that_come_make_asking_unnecessary) {
    peer.accept_login(juliet);
    for (int i = 0; i < 5; ++i) peer.expect_nothing(50s).send("<message from='a@b'/>");
    start();
    pass(251s);
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(path(), up);
}

TEST_F(liveness, is_switched_off_by_zero) {
    configure(settings().liveness(0ms, 20s));
    peer.accept_login(juliet).expect_nothing(std::chrono::hours(24));
    start();
    pass(std::chrono::hours(24));
    EXPECT_EQ(path(), up);
}

TEST_F(liveness, does_not_ask_before_connected) {
    configure(settings().connect_timeout(200s));
    peer.expect_header().expect_nothing(150s).stall();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNTIMEOUT(connect-timeout) DISCONNECTED(connect-timeout)");
}

TEST_F(liveness, asks_although_sending_is_paused) {
    peer.accept_login(juliet).expect(ping_request).send(pong).expect("<message to='a@b'/>");
    start();
    conn->pause();
    conn->enqueue(message("a@b"));
    pass(100s);
    EXPECT_EQ(path(), up);
    conn->resume();
    run_until_idle();
}

TEST_F(liveness, an_idle_link_costs_one_appointment_and_busy_ones_no_more) {
    peer.accept_login(juliet);
    start();
    EXPECT_EQ(time->pending(), 1u);
    const auto due = time->next();
    peer.send("<message from='a@b'/>");
    run_until_idle();
    EXPECT_EQ(time->next(), due) << "nothing is armed for a stanza that comes in";
}

TEST_F(liveness, silence_of_our_own_making_does_not_count) {
    configure(settings().receive_queue(2, 2, overflow::pause));
    auto slow = conn->stanzas(match().name("message"));
    peer.accept_login(juliet);
    for (int i = 0; i < 5; ++i) peer.send("<message from='a@b'/>");
    start();
    pass(std::chrono::minutes(10));
    EXPECT_EQ(path(), up) << "nothing is read, so nothing can be heard";

    const auto begin = time->now();
    auto take = [](async_generator<stanza>& from, int count) -> task<> {
        for (int i = 0; i < count; ++i) co_await from.next();
    };
    run(take(slow, 5));
    peer.expect_nothing(59s).expect(ping_request).stall();
    run_until_idle();
    pass(79s);
    EXPECT_EQ(path(), up) << "counts from when reading goes on";
    pass(2s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(server-silent) DISCONNECTED(server-silent)", up));
    EXPECT_EQ(time->now() - begin, 81s);
}

TEST_F(liveness, a_pause_while_an_answer_is_awaited_takes_the_question_back) {
    configure(settings().receive_queue(2, 2, overflow::pause));
    auto slow = conn->stanzas(match().name("message"));
    peer.accept_login(juliet).expect(ping_request);
    start();
    pass(61s);
    for (int i = 0; i < 5; ++i) peer.send("<message from='a@b'/>");
    pass(std::chrono::minutes(10));
    EXPECT_EQ(path(), up);
}

TEST_F(liveness, is_watched_again_at_another_host) {
    peer.accept_login(juliet)
        .expect_nothing(30s)
        .send(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>b"
            "</see-other-host></stream:error>")
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .expect_nothing(59s)
        .expect(ping_request)
        .stall();
    const auto begin = time->now();
    run_session();
    EXPECT_EQ(time->now() - begin, 110s);
}

TEST_F(liveness, white_space_keeps_a_quiet_link_alive) {
    configure(settings().whitespace_keepalive(25s));
    std::string raw;
    int elements = 0;
    conn->on_raw_output([&raw](std::string_view bytes) { raw += bytes; });
    conn->on_xml_output([&elements](std::string_view) { ++elements; });
    peer.accept_login(juliet);
    start();
    raw.clear();
    elements = 0;
    pass(24s);
    EXPECT_EQ(raw, "");
    pass(2s);
    EXPECT_EQ(raw, " ");
    pass(23s);
    EXPECT_EQ(raw, " ");
    pass(2s);
    EXPECT_EQ(raw, "  ");
    EXPECT_EQ(elements, 0);
}

TEST_F(liveness, white_space_is_not_needed_where_something_is_written) {
    configure(settings().whitespace_keepalive(25s).liveness(0ms, 0ms));
    peer.accept_login(juliet);
    start();
    std::string raw;
    conn->on_raw_output([&raw](std::string_view bytes) { raw += bytes; });
    for (int i = 0; i < 3; ++i) {
        peer.expect("<message to='a@b'/>");
        pass(20s);
        conn->enqueue(message("a@b"));
        run_until_idle();
    }
    EXPECT_EQ(raw.find(' '), raw.find(" to='a@b'")) << "no space but in the stanzas";
    EXPECT_NE(raw.front(), ' ');
    pass(24s);
    EXPECT_NE(raw.back(), ' ');
    pass(2s);
    EXPECT_EQ(raw.back(), ' ');
}

}  // namespace
}  // namespace xmpp::test
