#include "net/socket/tcp_stream.hpp"

#include <xmpp/error.hpp>

#include "base/spawn.hpp"
#include "net/socket/tcp_socket.hpp"
#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <asio/error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using detail::tcp_stream;
using ::testing::HasSubstr;
using ::testing::StartsWith;

CO_TEST(tcp_stream, carries_ten_megabytes_both_ways_at_once) {
    auto [client, server] = tcp_pair(context.get_executor());
    const auto there = pattern(10 * megabyte);
    const auto back = pattern(10 * megabyte + 1).substr(1);
    side_by_side all(context.get_executor());
    all.start(send_and_close(*client, there));
    all.start(send_and_close(*server, back));
    all.start(receive(*server, there));
    all.start(receive(*client, back));
    co_await all.wait();
}

CO_TEST(tcp_stream, reads_an_empty_view_at_the_end_again_and_again) {
    auto [client, server] = tcp_pair(context.get_executor());
    co_await client->close();
    for (int i = 0; i < 3; ++i) {
        const auto bytes = co_await server->read();
        EXPECT_TRUE(bytes.empty());
    }
    co_await server->write("the other direction is open");
    const auto answer = co_await client->read();
    EXPECT_EQ(answer, "the other direction is open");
}

CO_TEST(tcp_stream, works_the_same_while_interactive) {
    auto [client, server] = tcp_pair(context.get_executor());
    client->set_interactive(true);
    for (int i = 0; i < 3; ++i) {
        co_await server->write("challenge");
        const auto challenge = co_await client->read();
        EXPECT_EQ(challenge, "challenge");
        co_await client->write("response");
        const auto response = co_await server->read();
        EXPECT_EQ(response, "response");
    }
    client->set_interactive(false);
    co_await server->write("success");
    const auto success = co_await client->read();
    EXPECT_EQ(success, "success");
}

task<> count_bytes(byte_stream& stream, std::size_t& total) {
    for (;;) {
        const auto bytes = co_await stream.read();
        if (bytes.empty()) co_return;
        total += bytes.size();
    }
}

TEST(tcp_stream, lets_others_run_while_its_peer_floods_it) {
    asio::io_context context;
    auto [client, server] = tcp_pair(context.get_executor());
    const std::string flood(20 * megabyte, 'x');
    detail::spawn(context.get_executor(), send_and_close(*client, flood),
                  [](std::exception_ptr) {});
    run_what_can(context);  // fills what the system holds between the two
    std::size_t received = 0;
    std::size_t received_before_the_other = 0;
    detail::spawn(context.get_executor(), count_bytes(*server, received),
                  [](std::exception_ptr) {});
    detail::post(context.get_executor(), [&] { received_before_the_other = received; });
    context.restart();
    context.run();
    EXPECT_EQ(received, flood.size());
    EXPECT_LE(received_before_the_other, megabyte) << "16 reads of 64 KiB";
}

CO_TEST(tcp_stream, names_its_peer) {
    auto [client, server] = tcp_pair(context.get_executor());
    EXPECT_THAT(client->peer(), StartsWith("127.0.0.1:"));
    EXPECT_EQ(detail::to_text({asio::ip::make_address("::1"), 5222}), "[::1]:5222");
    co_return;
}

CO_TEST(tcp_stream, reports_a_reset_with_the_peer_s_address) {
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket rude(context);
    rude.connect(acceptor.local_endpoint());
    auto stream = detail::make_tcp_stream(acceptor.accept());
    rude.set_option(asio::socket_base::linger(true, 0));
    rude.close();
    const auto failure = co_await failure_of(ignore_result(stream->read()));
    EXPECT_EQ(code_of(failure), std::error_code(asio::error::connection_reset));
    EXPECT_THAT(explanation_of(failure), HasSubstr(stream->peer()));
}

TEST(tcp_stream, ends_what_waits_when_aborted) {
    asio::io_context context;
    auto [client, server] = tcp_pair(context.get_executor());
    std::error_code reading, writing, later;
    const std::string big(20 * megabyte, 'x');  // more than the system holds
    detail::spawn(context.get_executor(), ignore_result(client->read()),
                  [&](std::exception_ptr failure) { reading = code_of(failure); });
    detail::spawn(context.get_executor(), client->write(big),
                  [&](std::exception_ptr failure) { writing = code_of(failure); });
    run_what_can(context);
    client->abort();
    client->abort();
    detail::spawn(context.get_executor(), ignore_result(client->read()),
                  [&](std::exception_ptr failure) { later = code_of(failure); });
    client.reset();
    run_what_can(context);
    EXPECT_EQ(reading, std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(writing, std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(later, std::error_code(asio::error::operation_aborted));
}

TEST(tcp_stream, goes_on_after_a_cancelled_read) {
    asio::io_context context;
    auto [client, server] = tcp_pair(context.get_executor());
    std::error_code code;
    detail::job reading;
    reading.start(context.get_executor(), ignore_result(server->read()),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    reading.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
    const std::string bytes = "still there";
    side_by_side both(context.get_executor());
    both.start(send_and_close(*client, bytes));
    both.start(receive(*server, bytes));
    context.restart();
    run(context, both.wait());
}

TEST(tcp_stream, can_be_cancelled_while_it_writes) {
    asio::io_context context;
    auto [client, server] = tcp_pair(context.get_executor());
    std::error_code code;
    const std::string big(20 * megabyte, 'x');  // more than the system holds
    detail::job writing;
    writing.start(context.get_executor(), client->write(big),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    writing.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
}

TEST(tcp_stream, leaves_nothing_behind_when_the_context_goes) {
    auto context = std::make_unique<asio::io_context>();
    auto [client, server] = tcp_pair(context->get_executor());
    bool resumed = false;
    const std::string big(20 * megabyte, 'x');  // more than the system holds
    detail::spawn(context->get_executor(), ignore_result(client->read()),
                  [&](std::exception_ptr) { resumed = true; });
    detail::spawn(context->get_executor(), client->write(big),
                  [&](std::exception_ptr) { resumed = true; });
    run_what_can(*context);
    client.reset();
    server.reset();
    context.reset();
    EXPECT_FALSE(resumed);
}

}  // namespace
}  // namespace xmpp::test
