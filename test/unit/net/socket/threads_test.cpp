#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "unit/net/net_support.hpp"

#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include <atomic>

namespace xmpp::test {
namespace {

task<> converse(asio::any_io_executor executor, bool over_tcp) {
    std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> wire;
    if (over_tcp) {
        auto sockets = tcp_pair(executor);
        wire.first = std::move(sockets.first);
        wire.second = std::move(sockets.second);
    } else {
        wire = testing::memory_stream_pair(executor);
    }
    stream_pair streams(executor, std::move(wire));
    co_await streams.handshake();
    const auto bytes = pattern(megabyte);
    side_by_side all(executor);
    all.start(send_and_close(*streams.client, bytes));
    all.start(send_and_close(*streams.server, bytes));
    all.start(receive(*streams.server, bytes));
    all.start(receive(*streams.client, bytes));
    co_await all.wait();
}

TEST(threads, carry_streams_on_strands_of_their_own_with_one_context_for_all) {
    asio::thread_pool pool(3);
    std::atomic<int> finished = 0;
    for (int i = 0; i < 6; ++i) {
        const asio::any_io_executor strand = asio::make_strand(pool.get_executor());
        detail::spawn(strand, converse(strand, i % 2 == 0), [&](std::exception_ptr failure) {
            EXPECT_EQ(code_of(failure), std::error_code());
            ++finished;
        });
    }
    pool.join();
    EXPECT_EQ(finished, 6);
}

}  // namespace
}  // namespace xmpp::test
