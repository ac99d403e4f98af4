// A hundred thousand stanzas each way: whatever is slow, what waits stays within its bounds, and
// everything arrives in its order.
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "base/whole_number.hpp"
#include "simulation/simulated_server.hpp"

#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr int messages = 100'000;
constexpr std::size_t most_unacked = 500;
constexpr std::size_t hard_bytes = 64 * 1024;

task<> send_all(connection& conn, std::size_t* most_stanzas, std::size_t* most_bytes) {
    for (int i = 1; i <= messages; ++i) {
        auto numbered = message("romeo@example.org").body(fmt::to_string(i));
        co_await conn.send(std::move(numbered));
        const auto health = conn.health();
        *most_stanzas = std::max(*most_stanzas, health.unacked_stanzas);
        *most_bytes = std::max(*most_bytes, health.queued_bytes + health.unacked_bytes);
    }
}

task<> receive_all(async_generator<stanza> stanzas, int* in_order) {
    while (auto received = co_await stanzas.next()) {
        const auto* body = (*received)->child("body");
        if (detail::whole_number<int>(body->text()) != *in_order + 1) co_return;
        ++*in_order;
    }
}

TEST(flood, stays_within_its_bounds_and_in_its_order) {
    asio::io_context context;
    const auto time = std::make_shared<testing::virtual_clock>();
    const auto server = std::make_shared<simulated_server>(context.get_executor(), time, 1);
    server->behave();
    connection conn(context.get_executor(), "xmpp://example.org",
                    options()
                        .dialer(server->dialer())
                        .time_source(time)
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true)
                        .max_unacked_stanzas(most_unacked)
                        .send_queue_bytes(hard_bytes / 2, hard_bytes)
                        .receive_queue(100, 1000, overflow::pause));
    const auto ignore = [](const std::exception_ptr&) {};
    auto statuses = conn.connect(credentials("juliet@example.org", "secret"));
    testing::run_until_idle(context);
    ASSERT_TRUE(conn.connected());

    int received = 0;
    std::size_t most_stanzas = 0;
    std::size_t most_bytes = 0;
    detail::spawn(context.get_executor(),
                  receive_all(conn.stanzas(match().name("message")), &received), ignore);
    detail::spawn(context.get_executor(), send_all(conn, &most_stanzas, &most_bytes), ignore);
    for (int i = 1; i <= messages; ++i) {
        server->send(i);
        if (i % 100 == 0) context.poll_one();
    }
    testing::run_for(context, *time, 1min);

    EXPECT_EQ(received, messages);
    ASSERT_EQ(server->received().size(), static_cast<std::size_t>(messages));
    EXPECT_TRUE(std::is_sorted(server->received().begin(), server->received().end()));
    EXPECT_LE(most_stanzas, most_unacked);
    EXPECT_LE(most_bytes, 2 * hard_bytes);
    EXPECT_EQ(conn.health().unacked_stanzas, 0u);
    EXPECT_EQ(conn.health().stanzas_received, static_cast<std::uint64_t>(messages));
}

}  // namespace
}  // namespace xmpp::test
