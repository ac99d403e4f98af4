// How long, how often and how soon a session tries to come back.
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class patience : public reconnecting {
 protected:
    options as_it_comes() const { return settings().reconnect(true).liveness(0ms, 0ms); }
    std::size_t count(status_code code) const {
        std::size_t found = 0;
        for (const auto& each : steps) found += each.code == code ? 1u : 0u;
        return found;
    }
    void refuse(int times) {
        for (int i = 0; i < times; ++i) peer.refuse_connection();
    }
};

TEST_F(patience, with_default_options_lasts_for_more_than_a_minute) {
    for (int round = 0; round < 20; ++round) {
        testing::scripted_peer server{context.get_executor()};
        prepare(server);
        conn.emplace(context.get_executor(), default_service(),
                     as_it_comes().dialer(server.dialer()));
        steps.clear();
        server.accept_login(juliet).expect_nothing(1ms).cut();
        for (int i = 0; i < 5; ++i) server.refuse_connection();
        start();
        pass(60s);
        EXPECT_EQ(steps.back().code, status_code::reconnecting) << path();
        pass(61s);
        EXPECT_EQ(steps.back().code, status_code::disconnected) << path();
        EXPECT_EQ(count(status_code::reconnecting), 5u);
    }
}

TEST_F(patience, that_is_over_says_so_in_the_last_status) {
    configure(lasting().max_retries(3));
    peer.accept_login(juliet);
    cut();
    refuse(3);
    start();
    pass(10s);
    const auto& last = step(status_code::disconnected);
    EXPECT_EQ(last.error, errc::connection_refused);
    EXPECT_EQ(last.attempt, 3);
    EXPECT_NE(last.text.find("gave up after 3 attempts in a row; see options::max_retries"),
              std::string::npos)
        << last.text;
}

TEST_F(patience, of_a_service_never_ends) {
    configure(as_it_comes().max_retries(unlimited));
    peer.accept_login(juliet);
    cut();
    refuse(200);
    peer.next_connection().accept_login(juliet);
    start();
    pass(201 * 60s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(count(status_code::reconnecting), 201u);
    EXPECT_EQ(step(status_code::reconnecting).text.find(" of "), std::string::npos);
}

TEST_F(patience, is_not_used_up_by_a_network_that_comes_and_goes) {
    configure(as_it_comes().reconnect_backoff(1h, 1h).max_retries(2));
    peer.accept_login(juliet);
    cut();
    refuse(10);
    peer.next_connection().accept_login(juliet);
    start();
    pass(1ms);
    for (int i = 0; i < 10; ++i) {
        conn->network_available();
        run_until_idle();
        EXPECT_EQ(steps.back().code, status_code::reconnecting) << path();
        EXPECT_EQ(steps.back().attempt, 1);
    }
    conn->network_available();
    run_until_idle();
    EXPECT_TRUE(conn->connected());
}

TEST_F(patience, begins_at_once_when_the_network_is_back_before_the_wait_has_begun) {
    configure(as_it_comes().reconnect_backoff(1h, 1h));
    peer.accept_login(juliet).close_stream().expect_close().end();
    peer.next_connection().accept_login(juliet);
    bool told = false;
    conn->on_status([&](const status& step) {
        if (step.code != status_code::reconnecting || told) return;
        told = true;
        conn->network_available();
    });
    start();
    run_until_idle();
    EXPECT_TRUE(told);
    EXPECT_TRUE(conn->connected()) << path();
}

TEST_F(patience, is_used_up_by_sessions_that_end_soon) {
    configure(as_it_comes());
    peer.accept_login(juliet);
    for (int i = 0; i < 5; ++i) cut().next_connection().accept_login(juliet);
    cut();
    start();
    pass(5min);
    EXPECT_EQ(count(status_code::connected), 6u);
    EXPECT_EQ(steps.back().code, status_code::disconnected);
    EXPECT_EQ(steps.back().attempt, 5);
}

TEST_F(patience, is_whole_again_after_a_session_of_half_a_minute) {
    configure(as_it_comes().max_retries(1));
    peer.accept_login(juliet);
    for (int i = 0; i < 4; ++i) {
        peer.expect_nothing(31s).cut().next_connection().accept_login(juliet);
    }
    start();
    pass(5min);
    EXPECT_EQ(count(status_code::connected), 5u);
    EXPECT_TRUE(conn->connected());
}

std::string see_other() {
    return "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
           "other.example.org</see-other-host></stream:error>";
}

TEST_F(patience, holds_for_redirects_of_sessions_that_were_just_up) {
    configure(as_it_comes());
    for (int i = 0; i < 6; ++i) {
        peer.accept_login(juliet).send(see_other()).expect_close();
        if (i < 5) peer.next_connection();
    }
    start();
    run_until_idle();
    EXPECT_EQ(count(status_code::connected), 2u) << "the next login has to wait";
    pass(57s);
    EXPECT_LE(count(status_code::connected), 5u);
    pass(2min);
    EXPECT_EQ(count(status_code::connected), 6u);
    EXPECT_EQ(steps.back().code, status_code::disconnected);
    EXPECT_NE(steps.back().text.find("options::max_retries"), std::string::npos);
}

TEST_F(patience, is_not_needed_for_the_redirect_of_a_session_that_was_up_for_long) {
    configure(as_it_comes());
    peer.accept_login(juliet).expect_nothing(31s).send(see_other()).expect_close();
    peer.next_connection().accept_login(juliet);
    start();
    pass(31s);
    EXPECT_EQ(count(status_code::connected), 2u);
}

TEST_F(patience, can_be_ended_while_a_redirect_waits) {
    configure(as_it_comes());
    peer.accept_login(juliet).send(see_other()).expect_close();
    peer.next_connection().accept_login(juliet).send(see_other()).expect_close();
    start();
    run(conn->disconnect());
    EXPECT_EQ(path(), fmt::format("{} REDIRECT(see-other-host) AUTHENTICATING CONNECTED "
                                  "REDIRECT(see-other-host) DISCONNECTING DISCONNECTED",
                                  up));
    EXPECT_EQ(time->pending(), 0u);
}

}  // namespace
}  // namespace xmpp::test
