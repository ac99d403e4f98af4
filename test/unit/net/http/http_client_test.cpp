#include "net/http/http_client.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "http_client_support.hpp"
#include "support/co_test.hpp"
#include "support/descriptors.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <ostream>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace xmpp::test {
namespace {

using detail::http_client;
using detail::http_settings;
using ::testing::HasSubstr;
using ::testing::Not;

CO_TEST(http_client, posts_a_body_and_returns_the_answer) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting post(context, client, "<body/>");
    const auto request = co_await server.next();
    EXPECT_THAT(request->head(), HasSubstr("POST /http-bind/ HTTP/1.1"));
    EXPECT_THAT(request->head(), HasSubstr("Content-Type: text/xml; charset=utf-8"));
    EXPECT_THAT(request->head(), Not(HasSubstr("Expect")));
    EXPECT_EQ(request->body(), "<body/>");
    request->answer(200, "answer", "X-Word: said\r\n");
    co_await post.wait();
    EXPECT_EQ(post.what(), "");
    EXPECT_EQ(post.response().status, 200);
    EXPECT_EQ(post.response().body, "answer");
    EXPECT_THAT(post.response().headers, HasSubstr("X-Word: said"));
}

CO_TEST(http_client, uses_a_connection_again) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    for (int i = 0; i < 3; ++i) {
        posting post(context, client, "x");
        const auto request = co_await server.next();
        request->answer("y");
        co_await post.wait();
        EXPECT_EQ(post.what(), "");
    }
    EXPECT_EQ(server.connections(), 1U);
}

CO_TEST(http_client, has_several_requests_under_way_at_once) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting held(context, client, "held");
    const auto first = co_await server.next();
    posting other(context, client, "other");
    const auto second = co_await server.next();
    second->answer("2");
    co_await other.wait();
    EXPECT_FALSE(held.ended());
    first->answer("1");
    co_await held.wait();
    EXPECT_EQ(held.response().body, "1");
    EXPECT_EQ(server.connections(), 2U);
}

CO_TEST(http_client, returns_other_statuses_as_they_are) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    for (const int status : {204, 302, 404, 503}) {
        posting post(context, client, "x");
        const auto request = co_await server.next();
        request->answer_raw(
            "HTTP/1.1 " + std::to_string(status) + " Word\r\nContent-Length: 0\r\n\r\n", true);
        co_await post.wait();
        EXPECT_EQ(post.what(), "");
        EXPECT_EQ(post.response().status, status);
    }
}

CO_TEST(http_client, takes_an_answer_byte_by_byte_and_one_in_chunks) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting slow(context, client, "x");
    const auto first = co_await server.next();
    first->answer_slowly("slow");
    co_await slow.wait();
    EXPECT_EQ(slow.response().body, "slow");
    posting chunked(context, client, "x");
    const auto second = co_await server.next();
    second->answer_raw(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        true);
    co_await chunked.wait();
    EXPECT_EQ(chunked.response().body, "abc");
}

CO_TEST(http_client, reports_a_refused_connection) {
    std::string url;
    {
        const http_server server(context.get_executor());
        url = server.url();
    }
    http_settings settings;
    settings.url = url;
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::connection_refused);
    EXPECT_THAT(post.what(), HasSubstr(url));
}

CO_TEST(http_client, reports_a_host_without_address) {
    http_settings settings;
    settings.url = "http://nowhere.invalid/http-bind";
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::host_not_found);
    EXPECT_THAT(post.what(), HasSubstr("nowhere.invalid"));
}

CO_TEST(http_client, reports_an_answer_that_is_cut_off) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    for (const auto* bytes :
         {"", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"}) {
        posting post(context, client, "x");
        const auto request = co_await server.next();
        request->answer_raw(bytes);
        co_await post.wait();
        EXPECT_TRUE(post.code() == errc::connection_lost || post.code() == errc::unexpected_data)
            << post.what();
    }
}

CO_TEST(http_client, reports_an_answer_that_is_not_http) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting post(context, client, "x");
    const auto request = co_await server.next();
    request->answer_raw("<stream:stream xmlns='jabber:client'>and so on and so forth");
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::unexpected_data);
}

CO_TEST(http_client, bounds_bodies_and_headers) {
    http_server server(context.get_executor());
    http_settings settings;
    settings.url = server.url();
    settings.max_body_bytes = 1000;
    settings.max_header_bytes = 1000;
    const auto client = client_of(context, settings);
    posting fits(context, client, "x");
    auto request = co_await server.next();
    request->answer(std::string(1000, 'a'));
    co_await fits.wait();
    EXPECT_EQ(fits.what(), "");
    posting body(context, client, "x");
    request = co_await server.next();
    request->answer(std::string(1001, 'a'));
    co_await body.wait();
    EXPECT_EQ(body.code(), stream_condition::policy_violation);
    posting headers(context, client, "x");
    request = co_await server.next();
    request->answer(200, "", "X-Long: " + std::string(1001, 'a') + "\r\n");
    co_await headers.wait();
    EXPECT_EQ(headers.code(), stream_condition::policy_violation);
}

CO_TEST(http_client, gives_up_at_its_time_limit) {
    http_server server(context.get_executor());
    http_settings settings;
    settings.url = server.url();
    const auto time = std::make_shared<testing::virtual_clock>();
    const auto client = detail::make_http_client(context.get_executor(), settings, time);
    posting post(context, client, "x", std::chrono::milliseconds(1500));
    const auto request = co_await server.next();
    time->advance(std::chrono::milliseconds(1499));
    EXPECT_FALSE(post.ended());
    time->advance(std::chrono::milliseconds(1));
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::connection_lost);
    EXPECT_THAT(post.what(), HasSubstr("1500 ms"));
}

CO_TEST(http_client, ends_a_cancelled_request_at_once_and_goes_on_with_others) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting cancelled(context, client, "x");
    const auto request = co_await server.next();
    cancelled.cancel();
    co_await cancelled.wait();
    EXPECT_EQ(cancelled.code(), asio::error::operation_aborted);
    posting other(context, client, "y");
    const auto second = co_await server.next();
    second->answer("z");
    co_await other.wait();
    EXPECT_EQ(other.response().body, "z");
}

CO_TEST(http_client, aborts_all_requests) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting one(context, client, "1");
    posting two(context, client, "2");
    const auto first = co_await server.next();
    const auto second = co_await server.next();
    client->abort();
    co_await one.wait();
    co_await two.wait();
    EXPECT_EQ(one.code(), asio::error::operation_aborted);
    EXPECT_EQ(two.code(), asio::error::operation_aborted);
    posting late(context, client, "3");
    co_await late.wait();
    EXPECT_EQ(late.code(), asio::error::operation_aborted);
}

TEST(http_client_at_the_end, is_destroyed_with_its_context_while_a_request_is_under_way) {
    auto context = std::make_unique<asio::io_context>();
    auto server = std::make_unique<http_server>(context->get_executor());
    auto client = client_of(*context, *server);
    detail::spawn(
        context->get_executor(),
        [](std::shared_ptr<http_client> posting) -> task<> {
            const auto body = text("x");
            auto response = co_await posting->post(body, long_enough);
        }(client),
        [](const std::exception_ptr&) {});
    client.reset();
    while (server->waiting() == 0) context->run_one();
    EXPECT_EQ(server->connections(), 1U);
    server.reset();
    context.reset();
}

CO_TEST(http_client, follows_a_redirect_within_the_origin_only) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting near(context, client, "x");
    auto request = co_await server.next();
    request->answer(307, "", "Location: /elsewhere\r\n");
    request = co_await server.next();
    EXPECT_THAT(request->head(), HasSubstr("POST /elsewhere"));
    EXPECT_EQ(request->body(), "x");
    request->answer("y");
    co_await near.wait();
    EXPECT_EQ(near.response().body, "y");
    posting far(context, client, "x");
    request = co_await server.next();
    request->answer(308, "", "Location: http://localhost:1/http-bind\r\n");
    co_await far.wait();
    EXPECT_EQ(far.code(), errc::invalid_service);
    EXPECT_THAT(far.what(), HasSubstr("http://localhost:1/http-bind"));
}

CO_TEST(http_client, follows_a_bounded_number_of_redirects) {
    http_server server(context.get_executor());
    const auto client = client_of(context, server);
    posting post(context, client, "x");
    for (int i = 0; i < 6; ++i) {
        const auto request = co_await server.next();
        request->answer(307, "", "Location: /again\r\n");
    }
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::too_many_redirects);
}

CO_TEST(http_client, sends_headers_and_cookies_and_returns_the_servers) {
    http_server server(context.get_executor());
    http_settings settings;
    settings.url = server.url();
    settings.content_type = "application/xml";
    settings.headers.emplace_back("X-Token", "abc");
    settings.headers.emplace_back("X-Empty", "");
    settings.cookies.emplace_back("ours", "1");
    settings.user = "juliet";
    settings.password = "secret";
    const auto client = client_of(context, settings);
    posting first(context, client, "x");
    auto request = co_await server.next();
    EXPECT_THAT(request->head(), HasSubstr("Content-Type: application/xml\r\n"));
    EXPECT_THAT(request->head(), HasSubstr("X-Token: abc\r\n"));
    EXPECT_THAT(request->head(), HasSubstr("X-Empty:\r\n"));
    EXPECT_THAT(request->head(), HasSubstr("Cookie: ours=1"));
    EXPECT_THAT(request->head(), HasSubstr("Authorization: Basic anVsaWV0OnNlY3JldA=="));
    request->answer(200, "", "Set-Cookie: theirs=2; Path=/\r\n");
    co_await first.wait();
    posting second(context, client, "x");
    request = co_await server.next();
    EXPECT_THAT(request->head(), HasSubstr("ours=1"));
    EXPECT_THAT(request->head(), HasSubstr("theirs=2"));
    request->answer("");
    co_await second.wait();
    const auto stranger = client_of(context, server);
    posting third(context, stranger, "x");
    request = co_await server.next();
    EXPECT_THAT(request->head(), Not(HasSubstr("theirs=2")));
    request->answer("");
    co_await third.wait();
}

CO_TEST(http_client, connects_elsewhere_and_keeps_the_host) {
    http_server server(context.get_executor());
    http_settings settings;
    settings.url = "http://example.invalid/path";
    settings.connect_address = "127.0.0.1:" + std::to_string(server.port());
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    const auto request = co_await server.next();
    EXPECT_THAT(request->head(), HasSubstr("Host: example.invalid\r\n"));
    request->answer("y");
    co_await post.wait();
    EXPECT_EQ(post.response().body, "y");
}

CO_TEST(http_client, goes_through_a_proxy) {
    http_server proxy(context.get_executor());
    http_settings settings;
    settings.url = "http://example.invalid/path";
    settings.proxy = proxy.url("127.0.0.1", "");
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    const auto request = co_await proxy.next();
    EXPECT_THAT(request->head(), HasSubstr("POST http://example.invalid/path HTTP/1.1"));
    request->answer("y");
    co_await post.wait();
    EXPECT_EQ(post.response().body, "y");
}

struct refused_setting {
    const char* name;
    void (*spoil)(http_settings&);
    errc code;

    friend void PrintTo(const refused_setting& each, std::ostream* out) { *out << each.name; }
};

class http_client_settings : public ::testing::TestWithParam<refused_setting> {};

TEST_P(http_client_settings, are_refused) {
    asio::io_context context;
    http_settings settings;
    settings.url = "http://example.org/http-bind";
    GetParam().spoil(settings);
    try {
        client_of(context, settings);
        FAIL() << "nothing was thrown";
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), GetParam().code) << refused.what();
        EXPECT_FALSE(refused.explanation().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    bad, http_client_settings,
    ::testing::Values(
        refused_setting{"scheme", [](http_settings& s) { s.url = "file:///etc/passwd"; },
                        errc::invalid_service},
        refused_setting{"no_host", [](http_settings& s) { s.url = "http://"; },
                        errc::invalid_service},
        refused_setting{"nul", [](http_settings& s) { s.url.push_back('\0'); },
                        errc::invalid_service},
        refused_setting{"header_value",
                        [](http_settings& s) { s.headers.emplace_back("X", "a\r\nY: b"); },
                        errc::invalid_options},
        refused_setting{"header_name", [](http_settings& s) { s.headers.emplace_back("X:", "a"); },
                        errc::invalid_options},
        refused_setting{"framing",
                        [](http_settings& s) { s.headers.emplace_back("Content-length", "1"); },
                        errc::invalid_options},
        refused_setting{"content_type", [](http_settings& s) { s.content_type = "a\nb"; },
                        errc::invalid_options},
        refused_setting{"cookie", [](http_settings& s) { s.cookies.emplace_back("a", "b; c"); },
                        errc::invalid_options},
        refused_setting{"cookie_line",
                        [](http_settings& s) { s.cookies.emplace_back("a", "b\r\nc"); },
                        errc::invalid_options},
        refused_setting{"connect_address", [](http_settings& s) { s.connect_address = "a:b"; },
                        errc::invalid_service},
        refused_setting{"ca_pem",
                        [](http_settings& s) {
                            s.url = "https://example.org/";
                            s.tls.ca_pem("no certificate");
                        },
                        errc::invalid_options}),
    [](const auto& info) { return std::string(info.param.name); });

// ---- TLS

/// Of the descriptors that other programs would inherit. (The library below has a pair of its own
/// besides, which wakes it up and leads nowhere.)
std::size_t inheritable_connections() {
    const auto all = inheritable_descriptors();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](int number) {
        sockaddr_storage address{};
        socklen_t size = sizeof(address);
        const int failed = ::getsockname(number, reinterpret_cast<sockaddr*>(&address), &size);
        return failed == 0 && address.ss_family != AF_UNIX;
    }));
}

CO_TEST(http_client, lets_no_program_that_is_started_inherit_its_connections) {
    http_server server(context.get_executor());
    const auto before = inheritable_connections();
    const auto client = client_of(context, server);
    posting post(context, client, "x");
    const auto request = co_await server.next();
    EXPECT_EQ(inheritable_connections(), before);
    request->answer("y");
    co_await post.wait();
}

CO_TEST(http_client, shows_no_query_in_errors) {
    http_settings settings;
    settings.url = "http://127.0.0.1:1/http-bind?token=hushhush";
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_THAT(post.what(), HasSubstr("http://127.0.0.1:1/http-bind"));
    EXPECT_THAT(post.what(), Not(HasSubstr("hushhush")));
}

CO_TEST(http_client, leaves_the_name_of_the_server_to_a_socks_proxy) {
    asio::ip::tcp::acceptor proxy(context, {asio::ip::address_v4::loopback(), 0});
    http_settings settings;
    settings.url = "http://nowhere.invalid/";
    settings.proxy = fmt::format("socks5://127.0.0.1:{}", proxy.local_endpoint().port());
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    auto accepted = co_await proxy.async_accept(asio::use_awaitable);
    std::array<char, 64> room{};
    const auto buffer = asio::buffer(room);
    co_await accepted.async_read_some(buffer, asio::use_awaitable);
    const std::string no_login("\x05\x00", 2);
    co_await asio::async_write(accepted, asio::buffer(no_login), asio::use_awaitable);
    const auto size = co_await accepted.async_read_some(buffer, asio::use_awaitable);
    EXPECT_THAT(std::string(room.data(), size), HasSubstr("nowhere.invalid"));
    client->abort();
    co_await post.wait();
}

}  // namespace
}  // namespace xmpp::test
