#include "net/websocket/websocket_stream.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "support/co_test.hpp"
#include "testing/websocket_accept.hpp"
#include "websocket_support.hpp"

#include <asio/error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::open_websocket;
using detail::websocket_request;
using detail::websocket_role;
using detail::websocket_stream;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::memory_stream_options;
using testing::memory_stream_pair;

constexpr std::size_t max_message_bytes = 1U << 20U;

websocket_request request_for(const std::string& host) {
    websocket_request request;
    request.host = host;
    return request;
}

task<std::string> read_request(byte_stream& stream) {
    std::string all;
    while (!all.ends_with("\r\n\r\n")) {
        const auto bytes = co_await stream.read();
        if (bytes.empty()) break;
        all += bytes;
    }
    co_return all;
}

/// Answers whatever request comes, and reads on until the client leaves.
task<> answer(std::unique_ptr<byte_stream> stream, std::string head) {
    co_await read_request(*stream);
    co_await stream->write(head);
    co_await stream->close();
    try {
        auto bytes = co_await stream->read();
        while (!bytes.empty()) bytes = co_await stream->read();
    } catch (const std::system_error&) {
        // The client has dropped the link.
    }
}

/// What becomes of an upgrade that is answered like this.
task<std::exception_ptr> failure_of_upgrade(asio::any_io_executor executor, std::string head) {
    auto ends = memory_stream_pair(executor);
    detail::spawn(executor, answer(std::move(ends.second), std::move(head)),
                  [](std::exception_ptr) {});
    std::exception_ptr failure;
    try {
        auto request = request_for("example.org");
        co_await open_websocket(executor, std::move(ends.first), std::move(request),
                                max_message_bytes);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failure;
}

task<> echo(std::unique_ptr<byte_stream> stream, asio::any_io_executor executor) {
    auto socket = co_await detail::accept_websocket(executor, std::move(stream));
    collector received;
    for (;;) {
        const auto message = co_await next_message(*socket, received);
        if (message.empty()) break;
        socket->add_text(message);
        co_await socket->flush();
    }
    co_await socket->end();
}

CO_TEST(websocket_stream, upgrades_and_exchanges_messages_byte_by_byte) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor, memory_stream_options().max_read(1).capacity(5));
    detail::spawn(executor, echo(std::move(ends.second), executor),
                  [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    auto request = request_for("example.org");
    auto client = co_await open_websocket(executor, std::move(ends.first), std::move(request),
                                          max_message_bytes);
    collector received;
    for (const auto size : {1, 125, 126, 70'000}) {
        const std::string text(static_cast<std::size_t>(size), 'x');
        client->add_text(text);
        co_await client->flush();
        const auto back = co_await next_message(*client, received);
        EXPECT_TRUE(back == text) << size;
    }
    client->add_close(1000);
    co_await client->flush();
    const auto end = co_await next_message(*client, received);
    EXPECT_EQ(end, "");
    EXPECT_TRUE(client->closed() && client->closed()->code == 1000);
}

task<> grant_with_a_message(std::unique_ptr<byte_stream> stream) {
    const auto bytes = co_await read_request(*stream);
    detail::http_head_reader reader("GET ");
    reader.feed(bytes);
    const auto reply = detail::websocket_answer(reader.head()) + frame(text_frame, "<early/>") +
                       frame(text_frame, "<next/>").substr(0, 4);
    co_await stream->write(reply);
    const auto rest = frame(text_frame, "<next/>").substr(4);
    co_await stream->write(rest);
    co_await read_request(*stream);
}

CO_TEST(websocket_stream, reads_frames_that_came_with_the_end_of_the_upgrade) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor);
    detail::spawn(executor, grant_with_a_message(std::move(ends.second)),
                  [](std::exception_ptr) {});
    auto request = request_for("example.org");
    auto client = co_await open_websocket(executor, std::move(ends.first), std::move(request),
                                          max_message_bytes);
    collector received;
    const auto first = co_await next_message(*client, received);
    const auto second = co_await next_message(*client, received);
    EXPECT_EQ(first, "<early/>");
    EXPECT_EQ(second, "<next/>");
}

CO_TEST(websocket_stream, reports_the_status_of_a_refused_upgrade) {
    const auto failure = co_await failure_of_upgrade(
        context.get_executor(), "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
    EXPECT_EQ(code_of(failure), errc::http_refused);
    EXPECT_EQ(number_of(failure), 404);
}

CO_TEST(websocket_stream, refuses_a_wrong_proof_of_the_upgrade) {
    const auto failure = co_await failure_of_upgrade(
        context.get_executor(),
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
        "Sec-WebSocket-Protocol: xmpp\r\n\r\n");
    EXPECT_EQ(code_of(failure), errc::bad_format);
}

CO_TEST(websocket_stream, reports_a_server_that_is_no_HTTP_server_or_hangs_up) {
    const auto executor = context.get_executor();
    const auto other = co_await failure_of_upgrade(executor, "<?xml version='1.0'?>");
    EXPECT_EQ(code_of(other), errc::bad_format);
    const auto cut = co_await failure_of_upgrade(executor, "HTTP/1.1 101 Switching");
    EXPECT_EQ(code_of(cut), errc::connection_lost);
}

CO_TEST(websocket_stream, sends_nothing_when_the_users_headers_are_wrong) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor);
    auto request = request_for("example.org");
    request.headers = {{"X", "a\r\nInjected: yes"}};
    std::error_code code;
    try {
        co_await open_websocket(executor, std::move(ends.first), std::move(request),
                                max_message_bytes);
    } catch (const error& thrown) {
        code = thrown.code();
    }
    EXPECT_EQ(code, errc::invalid_options);
    std::exception_ptr nothing_came;
    try {
        co_await ends.second->read();
    } catch (...) {
        nothing_came = std::current_exception();
    }
    EXPECT_EQ(code_of(nothing_came), asio::error::connection_reset);
}

CO_TEST(websocket_stream, writes_a_batch_at_once) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor);
    websocket_stream client(executor, std::move(ends.first), websocket_role::client,
                            max_message_bytes);
    for (int i = 0; i < 10; ++i) client.add_text("<a/>");
    client.add_ping();
    co_await client.flush();
    const auto bytes = co_await ends.second->read();
    EXPECT_EQ(parse_frames(bytes).size(), 11U);
}

task<> read_on(websocket_stream& stream, collector& received) {
    bool open = true;
    while (open) open = co_await stream.read(received);
}

CO_TEST(websocket_stream, answers_pings_beside_a_write_that_is_stuck) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor, memory_stream_options().capacity(1000));
    auto& server = *ends.second;
    websocket_stream client(executor, std::move(ends.first), websocket_role::client,
                            max_message_bytes);
    collector received;
    const std::string large(5000, 'x');
    client.add_text(large);
    bool written = false;
    detail::spawn(executor, client.flush(), [&](std::exception_ptr failure) {
        EXPECT_FALSE(failure);
        written = true;
    });
    detail::spawn(executor, read_on(client, received), [](std::exception_ptr) {});
    for (int i = 0; i < 100; ++i) {
        const auto ping = frame(ping_frame, std::to_string(i));
        co_await server.write(ping);
    }
    const auto message = frame(text_frame, "<got/>");
    co_await server.write(message);
    std::string all;
    while (all.size() < 5000 + 8 + 6 + 2) {
        EXPECT_TRUE(all.size() > 4000 || !written);
        all += co_await server.read();
    }
    const auto frames = parse_frames(all);
    EXPECT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames.front().payload, large);
    EXPECT_EQ(frames.back().first_byte, pong_frame);
    EXPECT_EQ(frames.back().payload, "99");
    EXPECT_THAT(received.messages, ElementsAre("<got/>"));
}

CO_TEST(websocket_stream, reports_every_close_code_of_the_peer) {
    const auto executor = context.get_executor();
    for (const auto code : {1000, 1001, 1008, 1011, 4000}) {
        auto ends = memory_stream_pair(executor);
        websocket_stream client(executor, std::move(ends.first), websocket_role::client,
                                max_message_bytes);
        const auto bytes =
            frame(close_frame, close_payload(static_cast<std::uint16_t>(code), "because"));
        co_await ends.second->write(bytes);
        collector received;
        const bool open = co_await client.read(received);
        const bool still_open = co_await client.read(received);
        EXPECT_FALSE(open);
        EXPECT_FALSE(still_open);
        EXPECT_TRUE(client.closed() && client.closed()->code == code);
        const auto reply = co_await ends.second->read();
        const auto frames = parse_frames(reply);
        EXPECT_EQ(frames.size(), 1U);
        EXPECT_EQ(frames[0].payload, close_payload(static_cast<std::uint16_t>(code)));
    }
}

CO_TEST(websocket_stream, reports_a_link_that_ends_without_a_close_frame_as_1006) {
    auto pair = make_websocket_pair(context.get_executor());
    co_await pair.server->end();
    collector received;
    std::exception_ptr failure;
    try {
        co_await pair.client->read(received);
    } catch (...) {
        failure = std::current_exception();
    }
    EXPECT_EQ(code_of(failure), errc::connection_lost);
    EXPECT_EQ(number_of(failure), 1006);
}

CO_TEST(websocket_stream, lets_what_it_sent_arrive_when_it_ended_before_it_is_destroyed) {
    auto pair = make_websocket_pair(context.get_executor());
    pair.client->add_text("<last/>");
    pair.client->add_close(1000);
    co_await pair.client->end();
    pair.client.reset();
    collector received;
    const auto last = co_await next_message(*pair.server, received);
    EXPECT_EQ(last, "<last/>");
    const auto end = co_await next_message(*pair.server, received);
    EXPECT_EQ(end, "");
}

CO_TEST(websocket_stream, fails_what_waits_when_it_is_dropped) {
    const auto executor = context.get_executor();
    auto pair = make_websocket_pair(executor);
    collector received;
    std::exception_ptr failure;
    detail::spawn(executor, read_on(*pair.client, received),
                  [&](std::exception_ptr thrown) { failure = thrown; });
    const std::string large(200'000, 'x');
    pair.client->add_text(large);
    std::exception_ptr write_failure;
    detail::spawn(executor, pair.client->flush(),
                  [&](std::exception_ptr thrown) { write_failure = thrown; });
    pair.server->add_text("x");  // lets both begin
    co_await pair.server->flush();
    co_await next_message(*pair.server, received);
    pair.client.reset();
    std::exception_ptr peer_failure;
    try {
        bool open = true;
        while (open) open = co_await pair.server->read(received);
    } catch (...) {
        peer_failure = std::current_exception();
    }
    EXPECT_EQ(code_of(peer_failure), asio::error::connection_reset);
    co_await a_few_turns(executor);
    EXPECT_EQ(code_of(failure), asio::error::operation_aborted);
    EXPECT_EQ(code_of(write_failure), asio::error::operation_aborted);
}

}  // namespace
}  // namespace xmpp::test
