#include "net/proxy/proxy_tunnel.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::connect_request_head;
using detail::host_and_port;
using detail::open_tunnel;
using detail::proxy_url;

/// A proxy that reads so much and then says what it was given.
task<> play(byte_stream& proxy, std::string* heard, std::size_t size, std::string answer,
            bool hangs_up) {
    *heard = co_await read_bytes(proxy, size);
    if (!answer.empty()) co_await proxy.write(answer);
    if (hangs_up) co_await proxy.close();
}

struct outcome {
    std::string heard;
    std::exception_ptr failure;
    std::string through;  // what came through the tunnel
};

task<> use_tunnel(std::unique_ptr<byte_stream> to_proxy, proxy_url proxy, outcome* result) {
    try {
        host_and_port target;
        target.host = "chat.example";
        target.port = 443;
        auto tunnel = co_await open_tunnel(std::move(to_proxy), std::move(proxy), target);
        const auto received = co_await tunnel->read();
        result->through = received;
    } catch (...) {
        result->failure = std::current_exception();
    }
}

task<outcome> tunnel_through(asio::any_io_executor executor, std::string url, std::size_t size,
                             std::string answer, bool hangs_up = false,
                             std::size_t max_read = 1000) {
    auto ends =
        testing::memory_stream_pair(executor, testing::memory_stream_options().max_read(max_read));
    outcome result;
    side_by_side both(executor);
    both.start(use_tunnel(std::move(ends.first), proxy_url::parse(url, "a test"), &result));
    both.start(play(*ends.second, &result.heard, size, std::move(answer), hangs_up));
    co_await both.wait();
    co_return result;
}

const std::string connect = "CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example:443\r\n";

CO_TEST(proxy_tunnel, is_asked_for_over_HTTP) {
    const auto executor = context.get_executor();
    const auto asked = connect + "\r\n";
    constexpr std::array<std::size_t, 2> sizes{1, 1000};
    for (const auto max_read : sizes) {
        const auto result =
            co_await tunnel_through(executor, "http://p", asked.size(),
                                    "HTTP/1.1 200 Connected\r\nVia: p\r\n\r\n", true, max_read);
        EXPECT_EQ(explanation_of(result.failure), "");
        EXPECT_EQ(result.heard, asked);
        EXPECT_EQ(result.through, "");
    }
}

CO_TEST(proxy_tunnel, says_who_asks) {
    const auto executor = context.get_executor();
    // base64 of "juliet:a b"
    const auto asked = connect + "Proxy-Authorization: Basic anVsaWV0OmEgYg==\r\n\r\n";
    const auto result = co_await tunnel_through(executor, "http://juliet:a%20b@p", asked.size(),
                                                "HTTP/1.0 204 \r\n\r\n", true);
    EXPECT_EQ(explanation_of(result.failure), "");
    EXPECT_EQ(result.heard, asked);
}

CO_TEST(proxy_tunnel, is_asked_for_over_SOCKS) {
    const auto executor = context.get_executor();
    const std::string answers("\x05\x00\x05\x00\x00\x01\x7F\x00\x00\x01\x04\x38", 12);
    auto ends = testing::memory_stream_pair(executor);
    outcome result;
    side_by_side both(executor);
    both.start(
        use_tunnel(std::move(ends.first), proxy_url::parse("socks5h://p", "a test"), &result));
    both.start(play(*ends.second, &result.heard, 3, answers.substr(0, 2), false));
    run_what_can(context);
    EXPECT_EQ(result.heard, std::string("\x05\x01\x00", 3));
    both.start(play(*ends.second, &result.heard, 19, answers.substr(2), true));
    co_await both.wait();
    EXPECT_EQ(explanation_of(result.failure), "");
    EXPECT_EQ(result.heard.substr(5, 12), "chat.example");
}

int status_of(const std::exception_ptr& failure) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const protocol_error& thrown) {
        return thrown.number();
    } catch (...) {
    }
    return -1;
}

CO_TEST(proxy_tunnel, a_login_that_is_wanted_is_told_without_its_secret) {
    const auto executor = context.get_executor();
    const std::string refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    const auto without = co_await tunnel_through(executor, "http://p", connect.size() + 2, refusal);
    EXPECT_EQ(code_of(without.failure), errc::http_refused);
    EXPECT_EQ(status_of(without.failure), 407);
    EXPECT_NE(explanation_of(without.failure).find("put user and password"), std::string::npos);
    const auto wrong =
        co_await tunnel_through(executor, "http://u:hushhush@p", connect.size() + 2, refusal);
    EXPECT_NE(explanation_of(wrong.failure).find("does not accept"), std::string::npos);
    EXPECT_EQ(explanation_of(wrong.failure).find("hushhush"), std::string::npos);
}

CO_TEST(proxy_tunnel, a_refusal_has_its_number) {
    const auto executor = context.get_executor();
    constexpr std::array statuses{302, 403, 404, 502};
    for (const int status : statuses) {
        const auto result = co_await tunnel_through(
            executor, "http://p", connect.size() + 2,
            "HTTP/1.1 " + std::to_string(status) + " No\r\nContent-Length: 4\r\n\r\nbody");
        EXPECT_EQ(code_of(result.failure), errc::http_refused);
        EXPECT_EQ(status_of(result.failure), status);
    }
}

CO_TEST(proxy_tunnel, garbage_half_answers_and_too_much_are_refused) {
    const auto executor = context.get_executor();
    const auto size = connect.size() + 2;
    const auto garbage = co_await tunnel_through(executor, "http://p", size, "SSH-2.0-x\r\n");
    EXPECT_EQ(code_of(garbage.failure), errc::bad_format);
    const auto half =
        co_await tunnel_through(executor, "http://p", size, "HTTP/1.1 200 OK\r\nVia", true);
    EXPECT_EQ(code_of(half.failure), errc::connection_lost);
    EXPECT_EQ(status_of(half.failure), 0);
    const auto huge = co_await tunnel_through(executor, "http://p", size,
                                              "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'));
    EXPECT_EQ(code_of(huge.failure), errc::bad_format);
    const auto more =
        co_await tunnel_through(executor, "http://p", size, "HTTP/1.1 200 OK\r\n\r\nand more");
    EXPECT_EQ(code_of(more.failure), errc::unexpected_data);
    const auto no_socks = co_await tunnel_through(executor, "socks5://p", 3, "HTTP/1.1 400 \r\n");
    EXPECT_EQ(code_of(no_socks.failure), errc::bad_format);
    const auto silent = co_await tunnel_through(executor, "socks5://p", 3, "\x05", true);
    EXPECT_EQ(code_of(silent.failure), errc::connection_lost);
}

TEST(proxy_tunnel, a_host_can_not_add_lines_to_the_request) {
    EXPECT_EQ(code_of([] { connect_request_head({}, {"h\r\nX: y", 1}); }), errc::invalid_options);
}

}  // namespace
}  // namespace xmpp::test
