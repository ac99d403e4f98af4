#include <xmpp/async_generator.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "support/co_test.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace xmpp {
namespace {

/// Counts the living copies of a body's locals.
struct counted {
    counted() { ++alive; }
    counted(const counted&) { ++alive; }
    counted& operator=(const counted&) = default;
    ~counted() { --alive; }
    static inline int alive = 0;
};

task<std::string> shout(std::string text) {
    co_return text + "!";
}
task<> nothing() {
    co_return;
}
task<int> refuse() {
    throw std::runtime_error("refused");
    co_return 0;
}

async_generator<int> count_to(int last) {
    const counted local;
    for (int i = 1; i <= last; ++i) co_yield i;
}

async_generator<std::string> shout_all(std::vector<std::string> words) {
    for (const auto& word : words) {
        auto loud = co_await shout(word);
        co_await nothing();
        co_yield loud;
    }
}

async_generator<int> fail_after_one() {
    co_yield 1;
    throw std::runtime_error("boom");
}

async_generator<int> await_failure() {
    int recovered = 0;
    try {
        recovered = co_await refuse();
    } catch (const std::runtime_error&) {
        recovered = 7;
    }
    co_yield recovered;
    co_yield co_await refuse();
}

async_generator<int> wait_for(detail::event& gate) {
    const counted local;
    co_yield 1;
    co_await gate.wait();
    co_yield 2;
}

template <class T>
task<std::vector<T>> collect(async_generator<T> generator) {
    std::vector<T> items;
    while (auto item = co_await generator.next()) items.push_back(std::move(*item));
    co_return items;
}

CO_TEST(async_generator, yields_its_items_in_order_and_ends) {
    auto items = co_await collect(count_to(3));
    EXPECT_EQ(items, (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(counted::alive, 0);
}

CO_TEST(async_generator, awaits_tasks_in_its_body) {
    std::vector<std::string> words{"a", "b"};
    auto items = co_await collect(shout_all(std::move(words)));
    EXPECT_EQ(items, (std::vector<std::string>{"a!", "b!"}));
}

CO_TEST(async_generator, default_constructed_is_an_ended_sequence) {
    async_generator<int> none;
    auto item = co_await none.next();
    EXPECT_FALSE(item);
}

TEST(async_generator, does_not_start_before_the_first_pull) {
    counted::alive = 0;
    auto generator = count_to(1);
    EXPECT_EQ(counted::alive, 0);
}

CO_TEST(async_generator, throws_what_the_body_threw_once_and_has_ended_then) {
    auto generator = fail_after_one();
    (void)co_await generator.next();
    std::string caught;
    try {
        (void)co_await generator.next();
    } catch (const std::runtime_error& failure) {
        caught = failure.what();
    }
    EXPECT_EQ(caught, "boom");
    auto after = co_await generator.next();
    EXPECT_FALSE(after);
}

CO_TEST(async_generator, gives_a_failed_task_to_the_body) {
    auto generator = await_failure();
    auto first = co_await generator.next();
    EXPECT_EQ(first, 7);
    bool thrown = false;
    try {
        (void)co_await generator.next();
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
}

CO_TEST(async_generator, destroys_the_locals_of_its_body_when_dropped_early) {
    {
        auto generator = count_to(3);
        (void)co_await generator.next();
        EXPECT_EQ(counted::alive, 1);
    }
    EXPECT_EQ(counted::alive, 0);
}

CO_TEST(async_generator, destroys_the_old_body_when_another_is_assigned) {
    auto generator = count_to(3);
    (void)co_await generator.next();
    generator = count_to(1);
    EXPECT_EQ(counted::alive, 0);
    auto first = co_await generator.next();
    EXPECT_EQ(first, 1);
    auto moved = std::move(generator);
    auto end = co_await moved.next();
    EXPECT_FALSE(end);
    EXPECT_EQ(counted::alive, 0);
}

CO_TEST(async_generator, yields_100000_items_without_growing_the_stack) {
    auto generator = count_to(100'000);
    int last = 0;
    while (auto item = co_await generator.next()) last = *item;
    EXPECT_EQ(last, 100'000);
}

async_generator<int> await_often(int times) {
    int sum = 0;
    for (int i = 0; i < times; ++i) {
        co_await nothing();
        ++sum;
    }
    co_yield sum;
}

CO_TEST(async_generator, awaits_100000_tasks_without_growing_the_stack) {
    auto generator = await_often(100'000);
    auto sum = co_await generator.next();
    EXPECT_EQ(sum, 100'000);
}

task<> pull_into(async_generator<int>& generator, std::optional<int>* into) {
    *into = co_await generator.next();
}

CO_TEST(async_generator, refuses_a_second_pull_while_one_waits) {
    detail::event gate(context.get_executor());
    auto generator = wait_for(gate);
    (void)co_await generator.next();
    std::optional<int> second;
    detail::spawn(context.get_executor(), pull_into(generator, &second), [](std::exception_ptr) {});
    detail::event turn(context.get_executor());
    detail::post(context.get_executor(), [&turn] { turn.set(); });
    co_await turn.wait();
    std::error_code refused;
    try {
        (void)co_await generator.next();
    } catch (const error& failure) {
        refused = failure.code();
    }
    EXPECT_EQ(refused, errc::concurrent_use);
    gate.set();
    detail::event later(context.get_executor());
    detail::post(context.get_executor(),
                 [&] { detail::post(context.get_executor(), [&later] { later.set(); }); });
    co_await later.wait();
    EXPECT_EQ(second, 2);
}

TEST(async_generator, ends_with_operation_aborted_when_cancelled) {
    asio::io_context context;
    detail::event gate(context.get_executor());
    auto generator = wait_for(gate);
    std::optional<int> item;
    std::exception_ptr failure;
    detail::job first;
    first.start(context.get_executor(), pull_into(generator, &item), [](std::exception_ptr) {});
    context.run();
    EXPECT_EQ(item, 1);
    context.restart();
    detail::job second;
    second.start(context.get_executor(), pull_into(generator, &item),
                 [&](std::exception_ptr thrown) { failure = thrown; });
    context.poll();
    EXPECT_TRUE(second.running());
    second.cancel();
    context.restart();
    context.run();
    ASSERT_TRUE(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& aborted) {
        EXPECT_EQ(aborted.code(), std::error_code(asio::error::operation_aborted));
    }
}

task<> consume(async_generator<int> generator, int* pulled) {
    const counted local;
    while (auto item = co_await generator.next()) ++*pulled;
}

TEST(async_generator, leaks_nothing_when_the_context_is_destroyed_while_it_is_suspended) {
    int pulled = 0;
    {
        asio::io_context context;
        detail::event gate(context.get_executor());
        detail::spawn(context.get_executor(), consume(wait_for(gate), &pulled),
                      [](std::exception_ptr) {});
        context.poll();
        EXPECT_EQ(pulled, 1);
        EXPECT_EQ(counted::alive, 2);
    }
    EXPECT_EQ(counted::alive, 0);
}

}  // namespace
}  // namespace xmpp
