#include <xmpp/testing/virtual_clock.hpp>

#include "base/event.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace xmpp::testing {
namespace {

using namespace std::chrono_literals;

class virtual_clock_test : public ::testing::Test {
 protected:
    std::unique_ptr<clock::timer> note(clock::duration after, std::string word) {
        return time_.call_at(context_.get_executor(), time_.now() + after,
                             [this, word] { words_.push_back(word); });
    }

    asio::io_context context_;
    virtual_clock time_;
    std::vector<std::string> words_;
};

TEST_F(virtual_clock_test, stands_still_by_itself) {
    const auto before = time_.now();
    const auto timer = note(1s, "late");
    run_until_idle(context_);
    EXPECT_EQ(time_.now(), before);
    EXPECT_TRUE(words_.empty());
    EXPECT_EQ(time_.pending(), 1u);
}

TEST_F(virtual_clock_test, calls_in_the_order_of_time_and_then_of_registration) {
    const auto c = note(2s, "c");
    const auto a = note(1s, "a");
    const auto d = note(2s, "d");
    const auto b = note(1s, "b");
    time_.advance(2s);
    EXPECT_TRUE(words_.empty()) << "calls are posted, never made from inside advance()";
    run_until_idle(context_);
    EXPECT_EQ(words_, (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(virtual_clock_test, shuffled_calls_each_once_in_an_order_of_its_seed) {
    time_.shuffle();
    const std::vector<std::string> letters{"a", "b", "c", "d", "e", "f", "g", "h"};
    std::set<std::vector<std::string>> orders;
    for (int round = 0; round < 10; ++round) {
        std::vector<std::unique_ptr<clock::timer>> timers;
        for (const auto& each : letters) timers.push_back(note(1s, each));
        words_.clear();
        time_.advance(1s);
        run_until_idle(context_);
        orders.insert(words_);
        std::sort(words_.begin(), words_.end());
        EXPECT_EQ(words_, letters);
    }
    EXPECT_GT(orders.size(), 1u);
}

TEST_F(virtual_clock_test, does_not_call_what_is_not_due) {
    const auto timer = note(1s, "early");
    time_.advance(1s - 1ns);
    run_until_idle(context_);
    EXPECT_TRUE(words_.empty());
}

TEST_F(virtual_clock_test, posts_at_once_what_is_due_already) {
    const auto timer = note(-1s, "past");
    EXPECT_EQ(time_.pending(), 0u);
    run_until_idle(context_);
    EXPECT_EQ(words_, std::vector<std::string>{"past"});
}

TEST_F(virtual_clock_test, forgets_a_destroyed_timer) {
    auto timer = note(1s, "never");
    timer.reset();
    EXPECT_EQ(time_.pending(), 0u);
    EXPECT_FALSE(time_.advance_to_next());
    time_.advance(2s);
    run_until_idle(context_);
    EXPECT_TRUE(words_.empty());
}

TEST_F(virtual_clock_test, forgets_a_timer_that_is_destroyed_when_its_call_is_queued) {
    auto timer = note(1s, "never");
    time_.advance(1s);
    timer.reset();
    run_until_idle(context_);
    EXPECT_TRUE(words_.empty());
}

TEST_F(virtual_clock_test, lets_an_action_destroy_its_own_timer) {
    std::unique_ptr<clock::timer> timer;
    auto witness = std::make_shared<int>(7);
    int seen = 0;
    timer = time_.call_at(context_.get_executor(), time_.now() + 1s, [&, witness] {
        timer.reset();
        seen = *witness;
    });
    time_.advance(1s);
    run_until_idle(context_);
    EXPECT_EQ(seen, 7);
}

TEST_F(virtual_clock_test, lets_timers_outlive_it) {
    auto time = std::make_unique<virtual_clock>();
    auto timer = time->call_at(context_.get_executor(), time->now() + 1s, [] {});
    time.reset();
    EXPECT_NO_THROW(timer.reset());
}

TEST_F(virtual_clock_test, advances_to_the_next_appointment) {
    const auto start = time_.now();
    const auto first = note(1s, "a");
    const auto second = note(3s, "b");
    EXPECT_TRUE(time_.advance_to_next());
    EXPECT_EQ(time_.now(), start + 1s);
    EXPECT_EQ(time_.next(), start + 3s);
}

TEST_F(virtual_clock_test, runs_appointments_that_are_made_on_the_way) {
    std::vector<clock::duration> calls;
    const auto start = time_.now();
    std::unique_ptr<clock::timer> timer;
    std::function<void()> again = [&] {
        calls.push_back(time_.now() - start);
        timer = time_.call_at(context_.get_executor(), time_.now() + 1s, again);
    };
    timer = time_.call_at(context_.get_executor(), start + 1s, again);
    run_for(context_, time_, 3500ms);
    EXPECT_EQ(calls, (std::vector<clock::duration>{1s, 2s, 3s}));
    EXPECT_EQ(time_.now(), start + 3500ms);
}

TEST_F(virtual_clock_test, run_until_stops_when_the_predicate_holds) {
    const auto a = note(1s, "a");
    const auto b = note(2s, "b");
    EXPECT_EQ(run_until(context_, time_, [&] { return !words_.empty(); }), run_end::done);
    EXPECT_EQ(words_, std::vector<std::string>{"a"});
}

TEST_F(virtual_clock_test, run_until_stops_at_its_limit) {
    const auto timer = note(2h, "late");
    EXPECT_EQ(run_until(context_, time_, [&] { return !words_.empty(); }), run_end::time_limit);
    EXPECT_EQ(run_until(context_, time_, [&] { return !words_.empty(); }, 2h), run_end::done);
}

task<> wait_for(detail::event& event) {
    co_await event.wait();
}

task<> wait_and_throw(virtual_clock& time, detail::event& event, asio::io_context& context) {
    const auto timer =
        time.call_at(context.get_executor(), time.now() + 5min, [&event] { event.set(); });
    co_await event.wait();
    throw std::runtime_error("five minutes have passed");
}

TEST_F(virtual_clock_test, run_reports_a_coroutine_that_waits_in_vain_as_deadlock) {
    detail::event never(context_.get_executor());
    EXPECT_THROW(run(context_, time_, wait_for(never)), deadlock);
}

TEST_F(virtual_clock_test, run_rethrows_what_the_coroutine_throws) {
    detail::event event(context_.get_executor());
    try {
        run(context_, time_, wait_and_throw(time_, event, context_));
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& thrown) {
        EXPECT_STREQ(thrown.what(), "five minutes have passed");
    }
}

TEST_F(virtual_clock_test, run_gives_up_at_its_limit) {
    detail::event event(context_.get_executor());
    const auto timer =
        time_.call_at(context_.get_executor(), time_.now() + 2h, [&event] { event.set(); });
    EXPECT_THROW(run(context_, time_, wait_for(event)), deadlock);
}

}  // namespace
}  // namespace xmpp::testing
