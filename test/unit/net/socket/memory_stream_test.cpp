#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <asio/error.hpp>
#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using testing::memory_stream_options;
using testing::memory_stream_pair;

CO_TEST(memory_stream, carries_bytes_both_ways) {
    auto [here, there] = memory_stream_pair(context.get_executor());
    co_await here->write("ping");
    const auto ping = co_await there->read();
    EXPECT_EQ(ping, "ping");
    co_await there->write("pong");
    const auto pong = co_await here->read();
    EXPECT_EQ(pong, "pong");
}

CO_TEST(memory_stream, hands_out_no_more_than_it_is_told_to) {
    memory_stream_options options;
    options.max_read(2);
    auto [here, there] = memory_stream_pair(context.get_executor(), options);
    co_await here->write("abc");
    const std::string first(co_await there->read());
    const std::string second(co_await there->read());
    EXPECT_EQ(first, "ab");
    EXPECT_EQ(second, "c");
}

TEST(memory_stream, makes_a_writer_wait_until_there_is_room) {
    asio::io_context context;
    auto [here, there] = memory_stream_pair(context.get_executor(), 4);
    bool written = false;
    detail::spawn(context.get_executor(), here->write("123456"),
                  [&](std::exception_ptr) { written = true; });
    run_what_can(context);
    EXPECT_FALSE(written);
    std::string received;
    detail::spawn(context.get_executor(), ignore_result(there->read()), [](std::exception_ptr) {});
    run_what_can(context);
    EXPECT_TRUE(written);
}

CO_TEST(memory_stream, ends_after_its_last_bytes_when_closed) {
    auto [here, there] = memory_stream_pair(context.get_executor());
    co_await here->write("bye");
    co_await here->close();
    const auto all = co_await read_all(*there);
    EXPECT_EQ(all, "bye");
    co_await there->write("the other direction is open");
    const auto answer = co_await here->read();
    EXPECT_EQ(answer, "the other direction is open");
    const auto failure = co_await failure_of(here->write("more"));
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::broken_pipe));
}

CO_TEST(memory_stream, delivers_what_a_closed_end_wrote_before_it_was_destroyed) {
    auto [here, there] = memory_stream_pair(context.get_executor());
    co_await here->write("bye");
    co_await here->close();
    here.reset();
    const auto all = co_await read_all(*there);
    EXPECT_EQ(all, "bye");
    const auto failure = co_await failure_of(there->write("hello?"));
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::broken_pipe));
}

TEST(memory_stream, ends_what_waits_on_both_sides_when_aborted) {
    asio::io_context context;
    auto [here, there] = memory_stream_pair(context.get_executor(), 4);
    std::vector<std::error_code> codes(4);
    const auto start = [&](task<> work, std::size_t index) {
        detail::spawn(
            context.get_executor(), std::move(work),
            [&codes, index](std::exception_ptr failure) { codes[index] = code_of(failure); });
    };
    start(ignore_result(here->read()), 0);
    start(ignore_result(there->read()), 1);
    run_what_can(context);
    here->abort();
    here->abort();
    run_what_can(context);
    EXPECT_EQ(codes[0], std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(codes[1], std::error_code(asio::error::connection_reset));
    start(here->write("x"), 2);
    start(there->write("x"), 3);
    run_what_can(context);
    EXPECT_EQ(codes[2], std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(codes[3], std::error_code(asio::error::connection_reset));
}

CO_TEST(memory_stream, is_cut_when_an_open_end_is_destroyed) {
    auto [here, there] = memory_stream_pair(context.get_executor());
    co_await here->write("lost");
    here.reset();
    const auto failure = co_await failure_of(ignore_result(there->read()));
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::connection_reset));
}

TEST(memory_stream, goes_on_after_a_cancelled_read) {
    asio::io_context context;
    auto [here, there] = memory_stream_pair(context.get_executor());
    std::error_code code;
    detail::job reading;
    reading.start(context.get_executor(), ignore_result(there->read()),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    reading.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
    context.restart();
    run(context, here->write("still there"));
    std::string received;
    detail::spawn(context.get_executor(), ignore_result(there->read()),
                  [&](std::exception_ptr failure) { received = failure ? "failed" : "read"; });
    run_what_can(context);
    EXPECT_EQ(received, "read");
}

TEST(memory_stream, leaves_nothing_behind_when_the_context_goes) {
    auto context = std::make_unique<asio::io_context>();
    auto ends = memory_stream_pair(context->get_executor(), 1);
    detail::spawn(context->get_executor(), ignore_result(ends.first->read()),
                  [](std::exception_ptr) {});
    detail::spawn(context->get_executor(), ends.first->write("abc"), [](std::exception_ptr) {});
    run_what_can(*context);
    ends.first.reset();
    ends.second.reset();
    EXPECT_NO_THROW(context.reset()) << "the leak checker has the last word";
}

}  // namespace
}  // namespace xmpp::test
