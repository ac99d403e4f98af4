#include "base/event.hpp"

#include <xmpp/clock.hpp>

#include "base/spawn.hpp"
#include "support/co_test.hpp"

#include <asio/error.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <system_error>

namespace xmpp::detail {
namespace {

std::error_code code_of(const std::exception_ptr& failure) {
    if (!failure) return {};
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& thrown) {
        return thrown.code();
    }
}

CO_TEST(event, lets_those_pass_who_come_after_it_was_set) {
    event gate(context.get_executor());
    gate.set();
    co_await gate.wait();
    EXPECT_TRUE(gate.is_set());
}

TEST(event, wakes_every_waiter) {
    asio::io_context context;
    event gate(context.get_executor());
    int woken = 0;
    for (int i = 0; i < 3; ++i) {
        spawn(context.get_executor(), gate.wait(), [&](std::exception_ptr) { ++woken; });
    }
    context.poll();
    EXPECT_EQ(woken, 0);
    gate.set();
    EXPECT_EQ(woken, 0) << "waiters are resumed by the executor, not inside set()";
    context.restart();
    context.run();
    EXPECT_EQ(woken, 3);
}

TEST(event, aborts_its_waiters_when_destroyed) {
    asio::io_context context;
    auto gate = std::make_unique<event>(context.get_executor());
    std::exception_ptr failure;
    spawn(context.get_executor(), gate->wait(),
          [&](std::exception_ptr thrown) { failure = thrown; });
    context.poll();
    gate.reset();
    context.restart();
    context.run();
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::operation_aborted));
}

TEST(event, aborts_a_cancelled_waiter_and_stays_usable) {
    asio::io_context context;
    event gate(context.get_executor());
    std::exception_ptr failure;
    job waiting;
    waiting.start(context.get_executor(), gate.wait(),
                  [&](std::exception_ptr thrown) { failure = thrown; });
    context.poll();
    waiting.cancel();
    context.restart();
    context.run();
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::operation_aborted));
    bool passed = false;
    spawn(context.get_executor(), gate.wait(),
          [&](std::exception_ptr thrown) { passed = !thrown; });
    gate.set();
    context.restart();
    context.run();
    EXPECT_TRUE(passed);
}

TEST(steady_clock, calls_when_the_time_has_come_unless_the_timer_is_gone) {
    asio::io_context context;
    const auto clock = clock::steady();
    int calls = 0;
    auto kept = clock->call_at(context.get_executor(), clock->now(), [&] { ++calls; });
    auto dropped = clock->call_at(context.get_executor(), clock->now(), [&] { ++calls; });
    dropped.reset();
    context.run();
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace xmpp::detail
