// Streams over TCP by way of a proxy, which the dialer reaches.
#include "base/spawn.hpp"
#include "net/http/http_head.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "testing/server/listener.hpp"

#include <fmt/format.h>

#include <string_view>

namespace xmpp::test {
namespace {

using std::string_view_literals::operator""sv;

/// What a proxy has heard, and the server behind it.
struct socket_proxy {
    std::string dialled;
    std::string heard;
    bool socks = false;
    bool gone = false;
    std::unique_ptr<testing::scripted_peer> behind;
};

task<> hear_connect(byte_stream* bytes, std::shared_ptr<socket_proxy> proxy) {
    detail::http_head_reader head("CONNECT ");
    while (!head.complete()) {
        const auto received = co_await bytes->read();
        if (received.empty()) co_return;
        proxy->heard += received;
        head.feed(received);
    }
    co_await bytes->write("HTTP/1.1 200 Connected\r\n\r\n");
}

/// RFC 1928: no login, a host by name.
task<> hear_socks(byte_stream* bytes, std::shared_ptr<socket_proxy> proxy) {
    co_await bytes->read();
    co_await bytes->write("\x05\x00"sv);
    while (!proxy->heard.ends_with("\x14\x66")) {  // port 5222
        const auto received = co_await bytes->read();
        if (received.empty()) co_return;
        proxy->heard += received;
    }
    co_await bytes->write("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"sv);
}

task<> relay_socket(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
                    std::shared_ptr<socket_proxy> proxy) {
    if (proxy->socks) {
        co_await hear_socks(bytes.get(), proxy);
    } else {
        co_await hear_connect(bytes.get(), proxy);
    }
    if (proxy->gone) co_return;
    proxy->behind = std::make_unique<testing::scripted_peer>(executor, std::move(bytes));
    proxy->behind->accept_login(juliet);
}

task<std::unique_ptr<byte_stream>> dial(asio::any_io_executor executor,
                                        std::shared_ptr<socket_proxy> proxy, std::string host,
                                        std::uint16_t port) {
    proxy->dialled = fmt::format("{}:{}", host, port);
    auto ends = testing::memory_stream_pair(executor);
    detail::spawn(executor, relay_socket(executor, std::move(ends.first), proxy),
                  [](const std::exception_ptr&) {});
    co_return std::move(ends.second);
}

class proxied_stream : public session_test {
 protected:
    options by_proxy(const char* url) {
        return settings().proxy(url).dialer([this](std::string host, std::uint16_t port) {
            return dial(context.get_executor(), proxy, std::move(host), port);
        });
    }
    std::shared_ptr<socket_proxy> proxy = std::make_shared<socket_proxy>();
};

TEST_F(proxied_stream, goes_by_way_of_an_http_proxy) {
    configure(by_proxy("http://proxy.example:3128"), "xmpp://chat.example:15222");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(proxy->dialled, "proxy.example:3128");
    EXPECT_TRUE(proxy->heard.starts_with("CONNECT chat.example:15222 HTTP/1.1\r\n"));
    EXPECT_EQ(proxy->behind->problems(), "");
}

TEST_F(proxied_stream, leaves_the_name_of_the_host_to_a_socks_proxy) {
    proxy->socks = true;
    configure(by_proxy("socks5://proxy.example"), "xmpp://chat.example");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(proxy->dialled, "proxy.example:1080");
    EXPECT_EQ(proxy->heard,
              "\x05\x01\x00\x03\x0c"
              "chat.example\x14\x66"sv);
}

TEST_F(proxied_stream, leads_to_the_domain_itself_where_no_service_is_named) {
    configure(by_proxy("http://proxy.example"), "");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(proxy->heard.starts_with("CONNECT example.org:5222 HTTP/1.1\r\n"));
}

TEST_F(proxied_stream, leads_to_the_address_that_the_program_names) {
    configure(by_proxy("http://proxy.example").connect_address("[2001:db8::1]:443"), "");
    start();
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(proxy->heard.starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"));
}

TEST_F(proxied_stream, asks_for_hosts_by_their_names_in_ascii) {
    proxy->gone = true;
    configure(by_proxy("http://proxy.example"), "xmpps://b\u00FCcher.example");
    run_session();
    EXPECT_TRUE(proxy->heard.starts_with("CONNECT xn--bcher-kva.example:5223 HTTP/1.1\r\n"))
        << proxy->heard;
}

TEST_F(proxied_stream, is_not_begun_with_a_proxy_that_can_not_be_used) {
    configure(by_proxy("socks4://juliet:hushhush@proxy"));
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(invalid-options) DISCONNECTED(invalid-options)");
    EXPECT_EQ(steps.back().text.find("hushhush"), std::string::npos);
    EXPECT_EQ(proxy->dialled, "");
}

/// A proxy on this machine, and what comes of connecting through it.
class machine_with_proxy {
 public:
    explicit machine_with_proxy(asio::io_context& context)
        : context_(context),
          port_(context.get_executor(), [this](std::unique_ptr<byte_stream> bytes) {
              detail::spawn(context_.get_executor(),
                            relay_socket(context_.get_executor(), std::move(bytes), heard),
                            [](const std::exception_ptr&) {});
          }) {
        heard->gone = true;
    }

    std::string url() const { return fmt::format("http://127.0.0.1:{}", port_.port()); }

    std::vector<status> run(const std::string& service, options settings, credentials who) {
        connection conn(context_.get_executor(), service, std::move(settings));
        std::vector<status> steps;
        bool over = false;
        detail::spawn(context_.get_executor(), pull(conn.connect(std::move(who)), &steps),
                      [&over](const std::exception_ptr&) { over = true; });
        while (!over) context_.run_one();
        return steps;
    }

    std::shared_ptr<socket_proxy> heard = std::make_shared<socket_proxy>();

 private:
    asio::io_context& context_;
    detail::serving::listener port_;
};

TEST(proxied_component, is_not_on_this_machine_because_its_proxy_is) {
    asio::io_context context;
    machine_with_proxy machine(context);
    const auto steps = machine.run("component://far.example:5347", options().proxy(machine.url()),
                                   credentials::component("bot.example", "hushhush"));
    EXPECT_EQ(path(steps), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
    EXPECT_TRUE(machine.heard->heard.starts_with("CONNECT far.example:5347 HTTP/1.1\r\n"));
}

TEST(proxied_discovery, reaches_the_proxy_over_tcp_and_names_the_domain) {
    asio::io_context context;
    machine_with_proxy machine(context);
    const auto steps = machine.run("", options().reconnect(false).proxy(machine.url()),
                                   credentials("juliet@example.test", "secret"));
    EXPECT_EQ(steps.back().code, status_code::disconnected);
    EXPECT_TRUE(machine.heard->heard.starts_with("CONNECT example.test:5222 HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace xmpp::test
