#include "net/tls/tls_stream.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <asio/error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using detail::tls_stream;
using ::testing::HasSubstr;
using testing::memory_stream_options;
using testing::memory_stream_pair;

task<> exchange(asio::any_io_executor executor, stream_pair& streams, std::size_t size) {
    const auto to_server = pattern(size);
    const auto to_client = pattern(size + 1).substr(1);
    side_by_side all(executor);
    all.start(send_and_close(*streams.client, to_server));
    all.start(send_and_close(*streams.server, to_client));
    all.start(receive(*streams.server, to_server));
    all.start(receive(*streams.client, to_client));
    co_await all.wait();
}

std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> tcp_ends(
    const asio::any_io_executor& executor) {
    auto [client, server] = tcp_pair(executor);
    return {std::move(client), std::move(server)};
}

CO_TEST(tls_stream, carries_ten_megabytes_both_ways_at_once_over_memory) {
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor()));
    co_await streams.handshake();
    co_await exchange(context.get_executor(), streams, 10 * megabyte);
}

CO_TEST(tls_stream, carries_ten_megabytes_both_ways_at_once_over_tcp) {
    stream_pair streams(context.get_executor(), tcp_ends(context.get_executor()));
    co_await streams.handshake();
    co_await exchange(context.get_executor(), streams, 10 * megabyte);
}

CO_TEST(tls_stream, survives_a_wire_that_gives_one_byte_at_a_time_and_holds_few) {
    memory_stream_options narrow;
    narrow.capacity(7).max_read(1);
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor(), narrow));
    co_await streams.handshake();
    co_await exchange(context.get_executor(), streams, 20'000);
}

CO_TEST(tls_stream, runs_inside_another) {
    stream_pair outer(context.get_executor(), memory_stream_pair(context.get_executor()));
    co_await outer.handshake();
    std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> ends(
        std::move(outer.client), std::move(outer.server));
    stream_pair inner(context.get_executor(), std::move(ends));
    co_await inner.handshake();
    co_await exchange(context.get_executor(), inner, megabyte);
}

CO_TEST(tls_stream, takes_reads_of_the_wire_that_are_larger_than_its_own) {
    memory_stream_options wide;
    wide.capacity(megabyte);
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor(), wide));
    co_await streams.handshake();
    const auto sent = pattern(900'000);
    co_await streams.client->write(sent);
    const auto received = co_await read_bytes(*streams.server, sent.size());
    EXPECT_TRUE(received == sent);
}

CO_TEST(tls_stream, has_equal_channel_bindings_on_both_ends) {
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor()));
    co_await streams.handshake();
    const auto bindings = streams.client->channel_bindings();
    EXPECT_EQ(bindings, streams.server->channel_bindings());
    EXPECT_EQ(bindings.front().first, "tls-exporter");
    EXPECT_THAT(streams.client->description(), HasSubstr("TLSv1.3"));
}

CO_TEST(tls_stream, reports_an_end_without_close_notify) {
    auto [client, server] = memory_stream_pair(context.get_executor());
    auto* const wire = server.get();
    stream_pair streams(context.get_executor(), {std::move(client), std::move(server)});
    co_await streams.handshake();
    co_await streams.server->write("cut");
    co_await wire->close();
    const auto received = co_await read_bytes(*streams.client, 3);
    EXPECT_EQ(received, "cut");
    const auto failure = co_await failure_of(ignore_result(streams.client->read()));
    EXPECT_EQ(code_of(failure), make_error_code(errc::connection_lost));
}

CO_TEST(tls_stream, tells_both_sides_why_a_handshake_failed) {
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor()),
                        detail::tls_settings());
    std::exception_ptr client_failure;
    detail::spawn(context.get_executor(), streams.client->handshake(),
                  [&](std::exception_ptr failure) { client_failure = failure; });
    const auto server_failure = co_await failure_of(streams.server->handshake());
    EXPECT_EQ(code_of(client_failure), make_error_code(certificate_errc::unknown_issuer));
    EXPECT_EQ(code_of(server_failure), make_error_code(errc::tls_failure));
    EXPECT_THAT(explanation_of(server_failure), HasSubstr("does not accept our certificate"));
}

CO_TEST(tls_stream, reports_a_plaintext_answer) {
    auto [client, server] = memory_stream_pair(context.get_executor());
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    co_await server->write("<?xml version='1.0'?><stream:stream>");
    const auto failure = co_await failure_of(stream.handshake());
    EXPECT_EQ(code_of(failure), make_error_code(errc::tls_failure));
    EXPECT_THAT(explanation_of(failure), HasSubstr("not TLS"));
}

CO_TEST(tls_stream, reports_a_peer_that_hangs_up_during_the_handshake) {
    auto [client, server] = memory_stream_pair(context.get_executor());
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    co_await server->close();
    const auto failure = co_await failure_of(stream.handshake());
    EXPECT_EQ(code_of(failure), make_error_code(errc::connection_lost));
}

/// A server that is an engine, so that it can do what a stream has no call for.
class scripted_server {
 public:
    scripted_server() : engine_(detail::shared_tls_context(server_settings())) {}

    task<> handshake(byte_stream& wire) {
        for (;;) {
            const std::string received(co_await wire.read());
            const bool done = engine_.handshake(received);
            const auto answer = engine_.take_output();
            co_await wire.write(answer);
            if (done) co_return;
        }
    }

    /// A record with these bytes behind a key update that wants an answer.
    std::string updated(std::string_view bytes) {
        EXPECT_EQ(SSL_key_update(engine_.native(), SSL_KEY_UPDATE_REQUESTED), 1);
        engine_.write(bytes);
        return engine_.take_output();
    }

    std::string read(std::string_view received) {
        std::string room(100'000, '\0');
        room.resize(engine_.read(received, room));
        return room;
    }

 private:
    detail::tls_engine engine_;
};

CO_TEST(tls_stream, answers_a_key_update_while_nobody_writes) {
    auto [client, wire] = memory_stream_pair(context.get_executor());
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    scripted_server server;
    side_by_side both(context.get_executor());
    both.start(server.handshake(*wire));
    both.start(stream.handshake());
    co_await both.wait();
    // OpenSSL answers one update when it sees the next, or with the next write.
    auto updates = server.updated("once");
    updates += server.updated(", twice");
    co_await wire->write(updates);
    const std::string fresh(co_await stream.read());
    EXPECT_EQ(fresh, "once, twice");
    const std::string answer(co_await wire->read());
    EXPECT_GT(answer.size(), 0u);
    EXPECT_EQ(server.read(answer), "") << "an answer of TLS, nothing of ours";
    co_await stream.write("with new keys");
    const std::string received(co_await wire->read());
    EXPECT_EQ(server.read(received), "with new keys");
}

CO_TEST(tls_stream, reads_on_through_key_updates_while_a_write_is_stuck) {
    memory_stream_options narrow;
    narrow.capacity(1000);
    auto [client, wire] = memory_stream_pair(context.get_executor(), narrow);
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    scripted_server server;
    side_by_side both(context.get_executor());
    both.start(server.handshake(*wire));
    both.start(stream.handshake());
    co_await both.wait();

    const auto big = pattern(200'000);
    side_by_side writing(context.get_executor());
    writing.start(stream.write(big));  // stuck: the server does not read yet
    for (int i = 0; i < 20; ++i) {
        const auto update = server.updated("fresh");
        co_await wire->write(update);
        const std::string fresh(co_await stream.read());
        EXPECT_EQ(fresh, "fresh");
    }
    std::string received;
    while (received.size() < big.size()) {
        const std::string bytes(co_await wire->read());
        received += server.read(bytes);
    }
    co_await writing.wait();
    EXPECT_TRUE(received == big) << "records and answers did not mix";
}

CO_TEST(tls_stream, refuses_key_updates_without_end) {
    memory_stream_options narrow;
    narrow.capacity(1000);
    auto [client, wire] = memory_stream_pair(context.get_executor(), narrow);
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    scripted_server server;
    side_by_side both(context.get_executor());
    both.start(server.handshake(*wire));
    both.start(stream.handshake());
    co_await both.wait();

    side_by_side writing(context.get_executor());
    const auto big = pattern(200'000);
    writing.start(stream.write(big));
    std::exception_ptr failure;
    for (int i = 0; i < 10'000 && !failure; ++i) {
        const auto update = server.updated("again");
        co_await wire->write(update);
        failure = co_await failure_of(ignore_result(stream.read()));
    }
    EXPECT_EQ(code_of(failure), make_error_code(errc::tls_failure));
    stream.abort();
    const auto stopped = co_await failure_of(writing.wait());
    EXPECT_EQ(code_of(stopped), std::error_code(asio::error::operation_aborted));
}

CO_TEST(tls_stream, sends_an_alert_when_it_can_not_read_on) {
    auto [client, wire] = memory_stream_pair(context.get_executor());
    tls_stream stream(context.get_executor(), std::move(client),
                      detail::shared_tls_context(client_settings()), "example.org");
    scripted_server server;
    side_by_side both(context.get_executor());
    both.start(server.handshake(*wire));
    both.start(stream.handshake());
    co_await both.wait();
    co_await wire->write("<?xml version='1.0'?>");
    const auto failure = co_await failure_of(ignore_result(stream.read()));
    EXPECT_EQ(code_of(failure), make_error_code(errc::tls_failure));
    const std::string alert(co_await wire->read());
    EXPECT_EQ(code_of([&] { server.read(alert); }), make_error_code(errc::tls_failure));
}

TEST(tls_stream, ends_what_waits_when_aborted) {
    asio::io_context context;
    memory_stream_options narrow;
    narrow.capacity(2000);
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor(), narrow));
    run(context, streams.handshake());
    std::error_code reading, writing;
    const auto big = pattern(100'000);
    detail::spawn(context.get_executor(), ignore_result(streams.client->read()),
                  [&](std::exception_ptr failure) { reading = code_of(failure); });
    detail::spawn(context.get_executor(), streams.client->write(big),
                  [&](std::exception_ptr failure) { writing = code_of(failure); });
    run_what_can(context);
    streams.client->abort();
    streams.client.reset();  // also right away
    run_what_can(context);
    EXPECT_EQ(reading, std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(writing, std::error_code(asio::error::operation_aborted));
}

TEST(tls_stream, goes_on_after_a_cancelled_read) {
    asio::io_context context;
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor()));
    run(context, streams.handshake());
    std::error_code code;
    detail::job reading;
    reading.start(context.get_executor(), ignore_result(streams.client->read()),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    reading.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
    context.restart();
    run(context, exchange(context.get_executor(), streams, 1000));
}

TEST(tls_stream, writes_nothing_more_after_a_cancelled_write) {
    asio::io_context context;
    memory_stream_options narrow;
    narrow.capacity(2000);
    stream_pair streams(context.get_executor(), memory_stream_pair(context.get_executor(), narrow));
    run(context, streams.handshake());
    std::error_code code;
    const auto big = pattern(100'000);
    detail::job writing;
    writing.start(context.get_executor(), streams.client->write(big),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    writing.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
    std::error_code again;
    detail::spawn(context.get_executor(), streams.client->write("x"),
                  [&](std::exception_ptr failure) { again = code_of(failure); });
    run_what_can(context);
    EXPECT_EQ(again, make_error_code(errc::connection_lost));
}

TEST(tls_stream, can_be_cancelled_during_the_handshake) {
    asio::io_context context;
    auto [client, silent_server] = memory_stream_pair(context.get_executor());
    auto stream =
        std::make_unique<tls_stream>(context.get_executor(), std::move(client),
                                     detail::shared_tls_context(client_settings()), "example.org");
    std::error_code code;
    detail::job handshake;
    handshake.start(context.get_executor(), stream->handshake(),
                    [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    handshake.cancel();
    stream.reset();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
}

TEST(tls_stream, leaves_nothing_behind_when_the_context_goes) {
    auto context = std::make_unique<asio::io_context>();
    const auto executor = context->get_executor();
    memory_stream_options narrow;
    narrow.capacity(2000);
    auto streams = std::make_unique<stream_pair>(executor, memory_stream_pair(executor, narrow));
    run(*context, streams->handshake());
    const auto big = pattern(100'000);
    bool resumed = false;
    const auto note = [&](std::exception_ptr) { resumed = true; };
    detail::spawn(executor, ignore_result(streams->client->read()), note);
    detail::spawn(executor, streams->client->write(big), note);
    stream_pair unfinished(executor, memory_stream_pair(executor));
    detail::spawn(executor, unfinished.client->handshake(), note);
    run_what_can(*context);
    streams.reset();
    unfinished.client.reset();
    unfinished.server.reset();
    context.reset();
    EXPECT_FALSE(resumed);
}

}  // namespace
}  // namespace xmpp::test
