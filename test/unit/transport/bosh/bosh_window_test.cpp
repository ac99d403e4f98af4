#include "transport/bosh/bosh_window.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/crypto.hpp"
#include "bosh_responses.hpp"
#include "transport/bosh/bosh_keys.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using detail::bosh_body_writer;
using detail::bosh_keys;
using detail::bosh_response;
using detail::bosh_retry_policy;
using detail::bosh_settings;
using detail::bosh_window;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

/// A window with a session of the given attributes, and the time.
class bosh_window_test : public ::testing::Test {
 protected:
    void begin(std::string_view attributes = " sid='s' requests='2' hold='1' wait='60'") {
        settings.retry.jitter = [] { return 1.0; };
        window.emplace(settings, 100, bosh_body_writer(100));
        const auto first = window->next(now);
        ASSERT_TRUE(first);
        EXPECT_FALSE(window->next(now));
        answer(100, response(attributes));
    }

    void answer(std::uint64_t rid, bosh_response what) {
        window->answered(rid, std::move(what));
        while (auto next = window->take()) {
            window->learn(*next, now);
            taken.push_back(std::move(next->response));
        }
    }

    std::uint64_t next_rid() {
        const auto request = window->next(now);
        return request ? request->rid : 0;
    }

    clock::time_point now{seconds(1000)};
    bosh_settings settings;
    std::optional<bosh_window> window;
    std::vector<bosh_response> taken;
};

TEST_F(bosh_window_test, begins_with_one_request_and_learns_the_session_from_its_answer) {
    begin(" sid='s' requests='3' hold='2' wait='30' inactivity='45' polling='5' maxpause='120'");
    const auto& session = window->tokens();
    EXPECT_EQ(session.sid, "s");
    EXPECT_EQ(session.rid, 101U);
    EXPECT_EQ(session.requests, 3);
    EXPECT_EQ(session.hold, 2);
    EXPECT_EQ(session.wait, seconds(30));
    EXPECT_EQ(session.inactivity, seconds(45));
    EXPECT_EQ(session.polling, seconds(5));
    EXPECT_EQ(session.max_pause, seconds(120));
}

TEST_F(bosh_window_test, assumes_one_request_more_than_are_held_where_the_server_does_not_say) {
    begin(" sid='s' hold='3'");
    EXPECT_EQ(window->tokens().requests, 4);
}

TEST_F(bosh_window_test, keeps_as_many_requests_open_as_the_server_holds) {
    begin(" sid='s' requests='3' hold='2' wait='60'");
    EXPECT_EQ(next_rid(), 0U);
    window->reading(true);
    EXPECT_EQ(next_rid(), 101U);
    EXPECT_EQ(next_rid(), 102U);
    EXPECT_EQ(next_rid(), 0U);
    answer(101, response());
    EXPECT_EQ(next_rid(), 103U);
}

TEST_F(bosh_window_test, sends_what_is_queued_beside_the_held_request_and_then_waits_for_room) {
    begin();
    window->reading(true);
    EXPECT_EQ(next_rid(), 101U);
    window->queue("<message/>");
    const auto request = window->next(now);
    ASSERT_TRUE(request);
    EXPECT_EQ(*request->body,
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='102' sid='s'>"
              "<message xmlns='jabber:client'/></body>");
    window->queue("<presence/>");
    EXPECT_EQ(next_rid(), 0U);
    EXPECT_GT(window->queued(), 0U);
    answer(101, response());
    EXPECT_EQ(next_rid(), 103U);
    EXPECT_EQ(window->queued(), 0U);
}

TEST_F(bosh_window_test, batches_what_is_queued_up_to_a_bound) {
    settings.body_bytes = 100;
    begin();
    const std::string element = "<message xmlns='jabber:client'/>";  // 32 bytes
    for (int i = 0; i < 4; ++i) window->queue(element);
    window->queue("<x xmlns='" + std::string(200, 'a') + "'/>");
    const auto first = window->next(now);
    EXPECT_THAT(*first->body, HasSubstr(element + element + element + "</body>"));
    const auto second = window->next(now);
    EXPECT_THAT(*second->body, HasSubstr('>' + element + "</body>"));
    answer(101, response());
    const auto third = window->next(now);
    EXPECT_THAT(*third->body, HasSubstr("aaaaaaaa"));
}

TEST_F(bosh_window_test, never_uses_more_requests_than_its_own_settings_allow) {
    settings.window = 2;
    begin(" sid='s' requests='10' hold='1' wait='60'");
    for (int i = 0; i < 3; ++i) {
        window->queue("<message/>");
        (void)window->next(now);
    }
    EXPECT_EQ(window->in_flight(), 2U);
}

TEST_F(bosh_window_test, gives_answers_in_the_order_of_the_requests) {
    begin(" sid='s' requests='3' hold='2' wait='60'");
    taken.clear();
    for (int i = 0; i < 3; ++i) {
        window->queue("<message/>");
        (void)window->next(now);
    }
    answer(103, response(" n='3'"));
    EXPECT_TRUE(taken.empty());
    window->queue("<message/>");
    EXPECT_EQ(next_rid(), 0U);  // no id further ahead than the server expects
    answer(101, response(" n='1'"));
    answer(101, response(" n='again'"));
    answer(102, response(" n='2'"));
    ASSERT_EQ(taken.size(), 3U);
    EXPECT_EQ(taken[0].attr("n"), "1");
    EXPECT_EQ(taken[1].attr("n"), "2");
    EXPECT_EQ(taken[2].attr("n"), "3");
    answer(250, response());  // of no request
    EXPECT_EQ(taken.size(), 3U);
}

TEST_F(bosh_window_test, repeats_a_broken_request_at_once_with_the_same_id_and_bytes) {
    begin();
    window->queue("<message/>");
    const auto first = window->next(now);
    EXPECT_TRUE(window->broken(first->rid, now));
    const auto again = window->next(now);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->rid, first->rid);
    EXPECT_EQ(again->body, first->body);
    EXPECT_EQ(window->tokens().rid, 102U);
}

TEST_F(bosh_window_test, waits_longer_before_each_repetition_and_then_gives_up) {
    settings.retry.max_retries = 4;
    settings.retry.cap = milliseconds(3000);
    begin();
    window->queue("<message/>");
    ASSERT_EQ(next_rid(), 101U);
    for (const int delay : {0, 1000, 2000, 3000}) {
        ASSERT_TRUE(window->broken(101, now));
        EXPECT_EQ(window->wake_time(), now + milliseconds(delay));
        now += milliseconds(delay) - milliseconds(delay > 0 ? 1 : 0);
        if (delay > 0) {
            EXPECT_EQ(next_rid(), 0U);
            now += milliseconds(1);
        }
        EXPECT_EQ(next_rid(), 101U);
    }
    EXPECT_FALSE(window->broken(101, now));
}

TEST_F(bosh_window_test, sends_nothing_new_while_a_request_waits_for_its_repetition) {
    begin();
    window->queue("<message/>");
    ASSERT_EQ(next_rid(), 101U);
    ASSERT_TRUE(window->broken(101, now));
    ASSERT_EQ(next_rid(), 101U);
    ASSERT_TRUE(window->broken(101, now));
    window->queue("<presence/>");
    window->reading(true);
    EXPECT_EQ(next_rid(), 0U);
    now += seconds(1);
    EXPECT_EQ(next_rid(), 101U);
    EXPECT_EQ(next_rid(), 102U);
}

TEST_F(bosh_window_test, polls_a_server_that_holds_nothing_at_the_interval_it_wants) {
    begin(" sid='s' requests='1' hold='0' wait='0' polling='8' inactivity='40'");
    window->reading(true);
    EXPECT_EQ(next_rid(), 0U);
    EXPECT_EQ(window->wake_time(), now + seconds(8));
    now += seconds(8);
    EXPECT_EQ(next_rid(), 101U);
    EXPECT_FALSE(window->wake_time());
    answer(101, response());
    EXPECT_EQ(window->wake_time(), now + seconds(8));
    window->queue("<message/>");
    EXPECT_EQ(next_rid(), 102U);
}

TEST_F(bosh_window_test, polls_before_the_server_takes_it_for_gone) {
    begin(" sid='s' requests='1' hold='0' polling='60' inactivity='30'");
    EXPECT_EQ(window->wake_time(), now + seconds(15));
}

TEST_F(bosh_window_test, treats_a_server_with_room_for_one_request_as_one_to_be_polled) {
    begin(" sid='s' requests='1' hold='1' wait='60' polling='3'");
    window->reading(true);
    EXPECT_EQ(next_rid(), 0U);
    EXPECT_EQ(window->wake_time(), now + seconds(3));
}

TEST_F(bosh_window_test, keeps_the_session_while_nobody_reads) {
    begin(" sid='s' requests='2' hold='1' wait='60' inactivity='20'");
    EXPECT_EQ(next_rid(), 0U);
    EXPECT_EQ(window->wake_time(), now + seconds(10));
    now += seconds(10);
    EXPECT_EQ(next_rid(), 101U);
    EXPECT_FALSE(window->wake_time());
}

TEST_F(bosh_window_test, makes_no_busy_loop_against_a_server_that_answers_at_once) {
    for (const int hold : {1, 2}) {
        begin(fmt::format(" sid='s' requests='{}' hold='{}' wait='60'", hold + 1, hold));
        window->reading(true);
        const auto start = now;
        int posts = 0;
        while (now < start + seconds(60)) {
            while (const auto request = window->next(now)) {
                ++posts;
                answer(request->rid, response());
                ASSERT_LT(posts, 100);
            }
            const auto wake = window->wake_time();
            ASSERT_TRUE(wake);
            now = *wake;
        }
        EXPECT_LE(posts, 12) << "hold " << hold;
        // What comes with something in it sets things right.
        now += seconds(60);
        auto request = window->next(now);
        answer(request->rid, response("", "<message xmlns='jabber:client'/>"));
        EXPECT_NE(next_rid(), 0U);
    }
}

TEST_F(bosh_window_test, takes_an_answer_at_the_end_of_the_wait_for_no_haste) {
    begin(" sid='s' requests='2' hold='1' wait='10'");
    window->reading(true);
    for (int i = 0; i < 20; ++i) {
        const auto rid = next_rid();
        ASSERT_NE(rid, 0U);
        now += seconds(10);
        answer(rid, response());
    }
}

TEST_F(bosh_window_test, opens_the_stream_anew) {
    begin();
    window->restart("example.org", "en");
    const auto request = window->next(now);
    ASSERT_TRUE(request);
    EXPECT_EQ(*request->body,
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='101' sid='s' "
              "to='example.org' xml:lang='en' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'/>");
}

TEST_F(bosh_window_test, terminates_with_what_is_queued_even_without_room) {
    begin();
    for (int i = 0; i < 2; ++i) {
        window->queue("<message/>");
        (void)window->next(now);
    }
    window->queue("<presence type='unavailable'/>");
    window->terminate();
    const auto request = window->next(now);
    ASSERT_TRUE(request);
    EXPECT_TRUE(window->is_final(request->rid));
    EXPECT_FALSE(window->is_final(request->rid - 1));
    EXPECT_EQ(*request->body,
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='103' sid='s' "
              "type='terminate'><presence xmlns='jabber:client' type='unavailable'/></body>");
    window->queue("<message/>");
    window->reading(true);
    EXPECT_EQ(next_rid(), 0U);
}

TEST_F(bosh_window_test, pauses_as_long_as_the_server_allows) {
    begin(" sid='s' requests='2' hold='1' maxpause='120'");
    window->pause(seconds(600));
    const auto request = window->next(now);
    ASSERT_TRUE(request);
    EXPECT_THAT(*request->body, HasSubstr("pause='120'"));
    answer(request->rid, response());
    window->reading(true);
    EXPECT_EQ(next_rid(), 0U);
    EXPECT_EQ(window->wake_time(), now + seconds(108));
    window->queue("<message/>");
    EXPECT_EQ(next_rid(), 102U);
    answer(102, response());
    EXPECT_EQ(next_rid(), 103U);
}

TEST_F(bosh_window_test, asks_for_no_pause_where_there_are_none) {
    begin();
    window->pause(seconds(600));
    EXPECT_EQ(next_rid(), 0U);
}

TEST_F(bosh_window_test, acknowledges_answers_where_the_id_does_not_say_it) {
    settings.acks = true;
    begin(" sid='s' requests='3' hold='2' wait='60'");
    window->reading(true);
    const auto first = window->next(now);
    EXPECT_THAT(*first->body, Not(HasSubstr(" ack=")));
    const auto second = window->next(now);
    EXPECT_THAT(*second->body, HasSubstr(" ack='100'"));
}

TEST_F(bosh_window_test, goes_on_with_the_tokens_of_another) {
    bosh_session tokens;
    tokens.sid = "kept";
    tokens.rid = 4711;
    bosh_window attached(settings, tokens);
    attached.poke();
    const auto first = attached.next(now);
    ASSERT_TRUE(first);
    EXPECT_EQ(*first->body,
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='4711' sid='kept'/>");
    EXPECT_TRUE(attached.next(now));  // so that the server answers the first at once
    EXPECT_FALSE(attached.next(now));
    EXPECT_EQ(attached.tokens().rid, 4713U);
}

TEST_F(bosh_window_test, gives_each_request_its_time) {
    settings.request_margin = milliseconds(500);
    begin(" sid='s' requests='2' hold='1' wait='7'");
    window->queue("<message/>");
    EXPECT_EQ(window->next(now)->limit, milliseconds(7500));
}

TEST(bosh_rid, is_random_and_leaves_room_below_2_to_the_53) {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto rid = detail::random_bosh_rid();
        EXPECT_GE(rid, 1U);
        EXPECT_LE(rid, std::uint64_t{1} << 52U);
        seen.insert(rid);
    }
    EXPECT_EQ(seen.size(), 1000U);
}

TEST(bosh_retry_policy, doubles_its_delays_and_spreads_them) {
    bosh_retry_policy policy;
    policy.jitter = [] { return 0.0; };
    EXPECT_EQ(policy.delay(1), milliseconds(0));
    EXPECT_EQ(policy.delay(2), milliseconds(500));
    EXPECT_EQ(policy.delay(3), milliseconds(1000));
    policy.jitter = [] { return 1.0; };
    EXPECT_EQ(policy.delay(3), milliseconds(2000));
    EXPECT_EQ(policy.delay(1000), policy.cap);
    policy.jitter = nullptr;
    for (int i = 0; i < 100; ++i) {
        EXPECT_GE(policy.delay(2), milliseconds(500));
        EXPECT_LE(policy.delay(2), milliseconds(1000));
    }
}

TEST(bosh_keys, show_a_chain_from_its_end_and_begin_another_in_time) {
    bosh_keys keys;
    auto first = keys.next();
    EXPECT_FALSE(first.key);
    ASSERT_TRUE(first.new_key);
    std::string expected = *first.new_key;
    int renewals = 0;
    for (std::size_t i = 0; i < 3 * bosh_keys::chain_length; ++i) {
        const auto next = keys.next();
        ASSERT_TRUE(next.key);
        // As a server checks it (XEP-0124 15.5).
        EXPECT_EQ(detail::hex(detail::digest(detail::hash::sha1, *next.key)), expected);
        expected = *next.key;
        if (next.new_key) {
            expected = *next.new_key;
            ++renewals;
        }
    }
    EXPECT_EQ(renewals, 3);
}

}  // namespace
}  // namespace xmpp::test
