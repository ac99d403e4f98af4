#pragma once

#include <xmpp/task.hpp>

#include <asio/io_context.hpp>

#include <functional>

namespace xmpp::test {

/// Runs coroutines on a context of its own until all work is done, with a limit on real time that
/// only a hanging test reaches. Rethrows what a coroutine threw.
void run(asio::io_context& context, task<> body);

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
