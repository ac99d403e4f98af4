// The socket between a program and its broker, when the other end has gone.
#include "transport/shared/shared_link.hpp"

#include <xmpp/testing/memory_stream.hpp>

#include "support/co_test.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>

namespace xmpp::test {
namespace {

namespace shared = detail::shared;

CO_TEST(shared_link, gets_what_the_other_end_said_before_it_went) {
    auto pair = testing::memory_stream_pair(context.get_executor());
    auto theirs = std::move(pair.second);
    const auto link =
        std::make_shared<detail::shared_link>(context.get_executor(), std::move(pair.first), 1000);
    shared::ended farewell;
    farewell.text = "the server is shutting down";
    const auto bytes = shared::encode(farewell);
    co_await theirs->write(bytes);
    co_await theirs->close();
    theirs.reset();

    link->post(shared::pong());
    bool failed = false;
    try {
        co_await link->drained();
    } catch (const std::system_error&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
    const auto received = co_await link->read();
    const auto* ended = received ? std::get_if<shared::ended>(&*received) : nullptr;
    EXPECT_NE(ended, nullptr);
    if (ended != nullptr) {
        EXPECT_EQ(ended->text, farewell.text);
    }
    const auto end = co_await link->read();
    EXPECT_FALSE(end);
}

}  // namespace
}  // namespace xmpp::test
