// WebSocket by way of a proxy, which the dialer reaches.
#include "base/spawn.hpp"
#include "net/http/http_head.hpp"
#include "scripted/elements.hpp"
#include "scripted/transport/websocket_session_test_case.hpp"
#include "testing/server/listener.hpp"
#include "testing/websocket_server_stream.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

/// What a proxy has heard, and the server behind it.
struct proxy_end {
    std::string dialled;
    std::string request;
    std::string answer = "HTTP/1.1 200 Connected\r\n\r\n";
    std::unique_ptr<testing::scripted_peer> behind;
};

task<> relay(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
             std::shared_ptr<proxy_end> proxy) {
    detail::http_head_reader head("CONNECT ");
    while (!head.complete()) {
        const auto received = co_await bytes->read();
        if (received.empty()) co_return;
        proxy->request += received;
        head.feed(received);
    }
    co_await bytes->write(proxy->answer);
    auto served = std::make_unique<detail::websocket_server_stream>(executor, std::move(bytes));
    proxy->behind = std::make_unique<testing::scripted_peer>(executor, std::move(served));
    proxy->behind->accept_login(juliet);
}

task<std::unique_ptr<byte_stream>> dial(asio::any_io_executor executor,
                                        std::shared_ptr<proxy_end> proxy, std::string host,
                                        std::uint16_t port) {
    proxy->dialled = fmt::format("{}:{}", host, port);
    auto ends = testing::memory_stream_pair(executor);
    detail::spawn(executor, relay(executor, std::move(ends.first), proxy),
                  [](const std::exception_ptr&) {});
    co_return std::move(ends.second);
}

class proxied : public websocket_session_test {
 protected:
    dialer_function to_proxy() {
        return [this](std::string host, std::uint16_t port) {
            return dial(context.get_executor(), proxy, std::move(host), port);
        };
    }
    std::shared_ptr<proxy_end> proxy = std::make_shared<proxy_end>();
};

TEST_F(proxied, a_session_goes_by_way_of_the_proxy) {
    configure(settings().dialer(to_proxy()).proxy("http://proxy.example:3128"), websocket_service);
    start();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(proxy->dialled, "proxy.example:3128");
    EXPECT_EQ(proxy->request, "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n");
    EXPECT_EQ(proxy->behind->problems(), "");
}

TEST_F(proxied, the_connect_address_is_what_the_proxy_shall_connect_to) {
    configure(
        settings().dialer(to_proxy()).proxy("proxy.example").connect_address("192.0.2.1:8080"),
        websocket_service);
    start();
    EXPECT_EQ(path(), up);
    EXPECT_NE(proxy->request.find("CONNECT 192.0.2.1:8080 "), std::string::npos);
}

TEST_F(proxied, a_refusal_calls_handlers_and_shows_no_secret) {
    proxy->answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    configure(settings().dialer(to_proxy()).proxy("http://juliet:hushhush@proxy.example"),
              websocket_service);
    int called = 0;
    std::string log;
    conn->add_protocol_error_handler(protocol::http, 407, [&](const protocol_error&) { ++called; });
    conn->on_log(log_level::debug, [&log](log_level, std::string_view line) { log += line; });
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(http-refused) DISCONNECTED(http-refused)");
    EXPECT_EQ(called, 1);
    EXPECT_NE(steps.back().text.find("407"), std::string::npos);
    EXPECT_EQ(log.find("hushhush"), std::string::npos);
    EXPECT_EQ(steps.back().text.find("hushhush"), std::string::npos);
}

TEST_F(proxied, a_URL_that_can_not_be_used_is_a_connfail) {
    configure(settings().dialer(to_proxy()).proxy("socks4://juliet:hushhush@proxy"),
              websocket_service);
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(invalid-options) DISCONNECTED(invalid-options)");
    EXPECT_EQ(steps.back().text.find("hushhush"), std::string::npos);
}

TEST(proxy_over_TCP, is_reached_and_its_refusal_told) {
    asio::io_context context;
    const auto proxy = std::make_shared<proxy_end>();
    proxy->answer = "HTTP/1.1 502 Bad Gateway\r\n\r\n";
    detail::serving::listener port(context.get_executor(), [&](std::unique_ptr<byte_stream> bytes) {
        detail::spawn(context.get_executor(),
                      relay(context.get_executor(), std::move(bytes), proxy),
                      [](const std::exception_ptr&) {});
    });
    connection conn(context.get_executor(), "wss://chat.example/ws",
                    options().proxy(fmt::format("http://localhost:{}", port.port())));
    std::vector<status> steps;
    int called = 0;
    conn.add_protocol_error_handler(protocol::http, 502, [&](const protocol_error&) { ++called; });
    bool over = false;
    detail::spawn(context.get_executor(),
                  pull(conn.connect(credentials("juliet@example.org", "secret")), &steps),
                  [&over](const std::exception_ptr&) { over = true; });
    while (!over) context.run_one();
    EXPECT_EQ(path(steps), "CONNECTING CONNFAIL(http-refused) DISCONNECTED(http-refused)");
    EXPECT_NE(steps.back().text.find("502"), std::string::npos);
    EXPECT_EQ(called, 1);
    EXPECT_TRUE(proxy->request.starts_with("CONNECT chat.example:443 HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace xmpp::test
