#include "support/fault_proxy.hpp"

#include <xmpp/task.hpp>

#include "support/background.hpp"
#include "support/co_test.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

/// A server's port, and proxies that lead to it: what a test looks at, and one without faults.
struct network {
    explicit network(asio::io_context& context)
        : listener(context, {asio::ip::address_v4::loopback(), 0}),
          proxy(context, listener.local_endpoint().port()),
          healthy(context, listener.local_endpoint().port()) {}

    tcp::acceptor listener;
    fault_proxy proxy;
    fault_proxy healthy;
};

/// Both ends of a connection.
class path {
 public:
    path(tcp::socket client_given, tcp::socket server_given)
        : client(std::move(client_given)), server(std::move(server_given)) {}

    tcp::socket client;
    tcp::socket server;
};

task<std::error_code> connect_to(tcp::socket& socket, std::uint16_t port) {
    const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
    std::error_code failed;
    co_await socket.async_connect(place, asio::redirect_error(asio::use_awaitable, failed));
    co_return failed;
}

task<path> connect(network& net, const fault_proxy& through) {
    tcp::socket client(net.listener.get_executor());
    const auto failed = co_await connect_to(client, through.port());
    EXPECT_EQ(failed, std::error_code());
    auto server = co_await net.listener.async_accept(asio::use_awaitable);
    co_return path(std::move(client), std::move(server));
}

task<> send(tcp::socket& socket, std::string_view bytes) {
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    co_await asio::async_write(socket, buffer, asio::use_awaitable);
}

/// That many bytes, or less when the connection ends before.
task<std::string> receive(tcp::socket& socket, std::size_t size) {
    std::string bytes(size, '\0');
    std::error_code ended;
    const auto buffer = asio::buffer(bytes);
    const auto received =
        co_await asio::async_read(socket, buffer, asio::redirect_error(asio::use_awaitable, ended));
    bytes.resize(received);
    co_return bytes;
}

/// How the connection ends, whatever comes before.
task<std::error_code> end_of(tcp::socket& socket) {
    std::string bytes(64u << 10, '\0');
    std::error_code ended;
    const auto buffer = asio::buffer(bytes);
    while (!ended) {
        co_await socket.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, ended));
    }
    co_return ended;
}

/// Whether there is nothing to read, not even an end.
bool silent(tcp::socket& socket) {
    char byte = 0;
    std::error_code failed;
    socket.non_blocking(true);
    socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, failed);
    return failed == asio::error::would_block;
}

/// Something else has gone there and back in the meantime.
task<> round_trip(path& other) {
    co_await send(other.client, "?");
    const auto question = co_await receive(other.server, 1);
    EXPECT_EQ(question, "?");
    co_await send(other.server, "!");
    const auto answer = co_await receive(other.client, 1);
    EXPECT_EQ(answer, "!");
}

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
    return bytes;
}

task<> no_failure_when_sending(tcp::socket& socket, std::string_view bytes) {
    co_await send(socket, bytes);
    std::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

CO_TEST(fault_proxy_test, forwards_all_bytes_both_ways) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    const auto there = pattern(3'000'000);
    const auto back = there.substr(1);
    const background<bool> asking(context, done(send(both.client, there)));
    const background<bool> answering(context, done(send(both.server, back)));
    const auto question = co_await receive(both.server, there.size());
    const auto answer = co_await receive(both.client, back.size());
    EXPECT_TRUE(question == there);
    EXPECT_TRUE(answer == back);
    EXPECT_EQ(net.proxy.forwarded(flow::to_server), there.size());
    EXPECT_EQ(net.proxy.forwarded(flow::to_client), back.size());
}

CO_TEST(fault_proxy_test, forwards_the_end_of_each_direction_by_itself) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    both.client.shutdown(tcp::socket::shutdown_send);
    const auto asked = co_await end_of(both.server);
    EXPECT_EQ(asked, asio::error::eof);
    co_await send(both.server, "still open");
    const auto answer = co_await receive(both.client, 10);
    EXPECT_EQ(answer, "still open");
    both.server.close();
    const auto answered = co_await end_of(both.client);
    EXPECT_EQ(answered, asio::error::eof);
    auto other = co_await connect(net, net.healthy);
    co_await round_trip(other);
    EXPECT_EQ(net.proxy.connections(), 0u);
    EXPECT_EQ(net.proxy.cuts(), 0u);
}

CO_TEST(fault_proxy_test, forwards_a_reset) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    co_await round_trip(both);
    reset(both.server);
    const auto ended = co_await end_of(both.client);
    EXPECT_EQ(ended, asio::error::connection_reset);
}

CO_TEST(fault_proxy_test, ends_a_connection_that_its_server_does_not_take) {
    network net(context);
    net.listener.close();
    tcp::socket client(context);
    const auto failed = co_await connect_to(client, net.proxy.port());
    EXPECT_EQ(failed, std::error_code());
    const auto ended = co_await end_of(client);
    EXPECT_EQ(ended, asio::error::connection_reset);
}

CO_TEST(fault_proxy_test, makes_the_fast_side_wait_for_the_slow_one) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    auto other = co_await connect(net, net.healthy);
    const std::string flood(64u << 20, 'x');  // more than the system holds
    const background<bool> sending(context, done(no_failure_when_sending(both.client, flood)));
    co_await round_trip(other);
    EXPECT_FALSE(sending.ended());
    std::size_t received = 0;
    for (bool more = true; more;) {
        const auto bytes = co_await receive(both.server, 1u << 20);
        received += bytes.size();
        more = !bytes.empty();
    }
    EXPECT_EQ(received, flood.size());
}

CO_TEST(fault_proxy_test, cuts_every_connection_at_both_ends) {
    network net(context);
    auto one = co_await connect(net, net.proxy);
    auto two = co_await connect(net, net.proxy);
    co_await round_trip(one);
    co_await round_trip(two);
    net.proxy.cut();
    for (auto* socket : {&one.client, &one.server, &two.client, &two.server}) {
        const auto ended = co_await end_of(*socket);
        EXPECT_EQ(ended, asio::error::connection_reset);
    }
    EXPECT_EQ(net.proxy.connections(), 0u);
    EXPECT_EQ(net.proxy.cuts(), 2u);
    auto later = co_await connect(net, net.proxy);
    co_await round_trip(later);
    EXPECT_EQ(net.proxy.accepted(), 3u);
}

CO_TEST(fault_proxy_test, cuts_behind_any_byte_to_the_server) {
    network net(context);
    const std::string request = "a request of some bytes";
    for (std::size_t size = 1; size <= request.size(); ++size) {
        auto both = co_await connect(net, net.proxy);
        bool told = false;
        net.proxy.cut_after(flow::to_server, size, [&told] { told = true; });
        co_await send(both.client, request);
        const auto received = co_await receive(both.server, request.size() + 1);
        EXPECT_EQ(received, request.substr(0, size));
        const auto ended = co_await end_of(both.client);
        EXPECT_EQ(ended, asio::error::connection_reset);
        EXPECT_TRUE(told);
        EXPECT_EQ(net.proxy.cuts(), size);
    }
}

CO_TEST(fault_proxy_test, cuts_behind_a_byte_to_the_client_of_whatever_connection_has_it) {
    network net(context);
    auto one = co_await connect(net, net.proxy);
    auto two = co_await connect(net, net.proxy);
    net.proxy.cut_after(flow::to_client, 8);
    co_await send(one.server, "12345");
    const auto first = co_await receive(one.client, 5);
    EXPECT_EQ(first, "12345");
    co_await send(two.server, "67890");
    const auto second = co_await receive(two.client, 5);
    EXPECT_EQ(second, "678");
    co_await round_trip(one);
    EXPECT_EQ(net.proxy.cuts(), 1u);
}

CO_TEST(fault_proxy_test, asks_for_the_next_cut_after_each) {
    network net(context);
    int left = 5;
    std::function<void()> again = [&] {
        if (--left > 0) net.proxy.cut_after(flow::to_server, 3, again);
    };
    net.proxy.cut_after(flow::to_server, 3, again);
    for (std::size_t i = 0; i < 5; ++i) {
        auto both = co_await connect(net, net.proxy);
        co_await send(both.client, "1234");
        const auto received = co_await receive(both.server, 4);
        EXPECT_EQ(received, "123");
    }
    auto whole = co_await connect(net, net.proxy);
    co_await round_trip(whole);
    EXPECT_EQ(net.proxy.cuts(), 5u);
}

CO_TEST(fault_proxy_test, holds_one_direction_of_a_half_open_connection) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    co_await round_trip(both);
    net.proxy.half_open(flow::to_client);
    co_await send(both.server, "answer");
    co_await send(both.client, "question");
    const auto question = co_await receive(both.server, 8);
    EXPECT_EQ(question, "question");
    auto later = co_await connect(net, net.proxy);
    co_await round_trip(later);
    EXPECT_TRUE(silent(both.client));
    net.proxy.normal();
    const auto answer = co_await receive(both.client, 6);
    EXPECT_EQ(answer, "answer");
}

CO_TEST(fault_proxy_test, does_not_tell_that_a_side_of_a_half_open_connection_is_gone) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    auto rude = co_await connect(net, net.proxy);
    co_await round_trip(both);
    co_await round_trip(rude);
    net.proxy.half_open();
    both.client.close();
    reset(rude.client);
    auto later = co_await connect(net, net.proxy);
    co_await round_trip(later);
    EXPECT_TRUE(silent(both.server));
    EXPECT_TRUE(silent(rude.server));
    net.proxy.normal();
    const auto ended = co_await end_of(both.server);
    EXPECT_EQ(ended, asio::error::eof);
    const auto broken = co_await end_of(rude.server);
    EXPECT_EQ(broken, asio::error::connection_reset);
}

CO_TEST(fault_proxy_test, cuts_half_open_connections_too) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    co_await round_trip(both);
    net.proxy.half_open();
    net.proxy.cut();
    const auto ended = co_await end_of(both.server);
    EXPECT_EQ(ended, asio::error::connection_reset);
}

CO_TEST(fault_proxy_test, delays_without_changing_the_order) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    auto other = co_await connect(net, net.healthy);
    net.proxy.delay(1h);
    co_await send(both.client, "first ");
    co_await round_trip(other);
    co_await send(both.client, "second");
    co_await round_trip(other);
    EXPECT_TRUE(silent(both.server));
    net.proxy.delay(1ms);
    const auto received = co_await receive(both.server, 12);
    EXPECT_EQ(received, "first second");
}

CO_TEST(fault_proxy_test, delays_the_end_behind_the_bytes) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    net.proxy.delay(5ms);
    co_await send(both.client, "last words");
    both.client.close();
    const auto received = co_await receive(both.server, 100);
    EXPECT_EQ(received, "last words");
}

CO_TEST(fault_proxy_test, throttles_to_a_number_of_bytes_a_second) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    auto other = co_await connect(net, net.healthy);
    const auto bytes = pattern(100'000);
    net.proxy.throttle(1);
    co_await send(both.client, bytes);
    const auto first = co_await receive(both.server, 1);
    EXPECT_EQ(first, bytes.substr(0, 1));
    co_await round_trip(other);
    EXPECT_LT(net.proxy.forwarded(flow::to_server), bytes.size()) << "it would take a day";
    net.proxy.throttle(10'000'000);
    const auto rest = co_await receive(both.server, bytes.size() - 1);
    EXPECT_TRUE(rest == bytes.substr(1));
}

CO_TEST(fault_proxy_test, sends_each_byte_alone) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    net.proxy.one_byte_at_a_time();
    const auto bytes = pattern(500);
    co_await send(both.client, bytes);
    std::string received;
    int reads = 0;
    for (; received.size() < bytes.size(); ++reads) {
        std::string some(bytes.size(), '\0');
        const auto buffer = asio::buffer(some);
        const auto size = co_await both.server.async_read_some(buffer, asio::use_awaitable);
        received += some.substr(0, size);
    }
    EXPECT_TRUE(received == bytes);
    EXPECT_GT(reads, 1);  // Otherwise they would have come in one piece, as they went.
}

CO_TEST(fault_proxy_test, refuses_new_connections_and_keeps_the_old_ones) {
    network net(context);
    auto before = co_await connect(net, net.proxy);
    net.proxy.refuse();
    tcp::socket client(context);
    const auto failed = co_await connect_to(client, net.proxy.port());
    EXPECT_EQ(failed, std::error_code());
    const auto ended = co_await end_of(client);
    EXPECT_EQ(ended, asio::error::connection_reset);
    co_await round_trip(before);
    EXPECT_EQ(net.proxy.accepted(), 1u);
    net.proxy.normal();
    auto after = co_await connect(net, net.proxy);
    co_await round_trip(after);
}

CO_TEST(fault_proxy_test, stops_listening_and_listens_again_on_the_same_port) {
    network net(context);
    auto before = co_await connect(net, net.proxy);
    const auto port = net.proxy.port();
    net.proxy.stop_listening();
    tcp::socket client(context);
    const auto failed = co_await connect_to(client, port);
    EXPECT_EQ(failed, asio::error::connection_refused);
    co_await round_trip(before);
    net.proxy.normal();
    EXPECT_EQ(net.proxy.port(), port);
    auto after = co_await connect(net, net.proxy);
    co_await round_trip(after);
}

CO_TEST(fault_proxy_test, calls_off_what_was_to_come_when_all_is_normal_again) {
    network net(context);
    auto both = co_await connect(net, net.proxy);
    net.proxy.cut_after(flow::to_server, 2);
    net.proxy.delay(1h);
    co_await send(both.client, "all of it");
    net.proxy.normal();
    const auto received = co_await receive(both.server, 9);
    EXPECT_EQ(received, "all of it");
    co_await round_trip(both);
}

CO_TEST(fault_proxy_test, cuts_its_connections_when_it_is_destroyed) {
    auto net = std::make_unique<network>(context);
    auto both = co_await connect(*net, net->proxy);
    co_await round_trip(both);
    net.reset();
    const auto ended = co_await end_of(both.client);
    EXPECT_EQ(ended, asio::error::connection_reset);
}

}  // namespace
}  // namespace xmpp::test
