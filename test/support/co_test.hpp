#pragma once

#include <xmpp/task.hpp>

#include <asio/io_context.hpp>

#include <chrono>

namespace xmpp::test {

/// Runs a coroutine to its end, with a limit on real time that only a hanging test reaches. What
/// else runs on the context stays as it is then. Rethrows what the coroutine threw.
void run(asio::io_context& context, task<> body,
         std::chrono::seconds limit = std::chrono::seconds(60));

}  // namespace xmpp::test

/// CO_TEST(suite, name) { ... co_await ...; } : a test whose body is a coroutine, with `context` at
/// hand. Fails when the body throws or does not finish.
#define CO_TEST(suite, name)                                                                  \
    static ::xmpp::task<> co_test_##suite##_##name([[maybe_unused]] asio::io_context& context); \
    TEST(suite, name) {                                                                       \
        asio::io_context context;                                                             \
        ::xmpp::test::run(context, co_test_##suite##_##name(context));                        \
    }                                                                                         \
    static ::xmpp::task<> co_test_##suite##_##name([[maybe_unused]] asio::io_context& context)
