// The same session over each transport: a whole connection against the server of xmpp_testing, in
// another thread, over the loopback interface and without TLS. The transports take turns, so that
// what else the machine does hits all alike; the figures are medians of the turns.
//
//     service_bench [TURNS]
#include <xmpp/testing/server.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "counting_relay.hpp"
#include "cpu_time.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace xmpp::bench {
namespace {

constexpr int round_trips = 200;
constexpr int messages = 16384;
constexpr int group = 64;

/// The server and the thread that it runs in.
class served {
 public:
    served() : thread_([this] { context_.run(); }) {
        std::promise<void> started;
        asio::post(context_, [this, &started] {
            server_.start();
            started.set_value();
        });
        started.get_future().get();
    }
    ~served() {
        asio::post(context_, [this] { server_.stop(); });
        work_.reset();
        thread_.join();
    }
    const testing::server& operator*() const noexcept { return server_; }

 private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    testing::server server_{
        context_.get_executor(),
        testing::server_options().user("juliet", "secret").echo("echo").tls(tls_mode::disabled)};
    std::thread thread_;
};

struct figures {
    double login_us = 0;
    double iq_us = 0;
    double bytes = 0;       // a message and its echo
    double single_us = 0;   // of the processor: a message and its echo, one after the other
    double grouped_us = 0;  // the same in groups
};

double microseconds(std::chrono::steady_clock::duration time) {
    return std::chrono::duration<double, std::micro>(time).count();
}

message line(const connection& conn) {
    message made(jid("echo@" + conn.domain()));
    made.type("chat").body("Art thou not Romeo, and a Montague?");
    return made;
}

task<void> echo(connection& conn, async_generator<stanza>& heard, int in_group) {
    for (int i = 0; i < in_group; ++i) conn.enqueue(line(conn));
    for (int i = 0; i < in_group; ++i) (void)co_await heard.next();
}

double micros_each(std::chrono::nanoseconds time, int count) {
    return std::chrono::duration<double, std::micro>(time).count() / count;
}

task<void> measure(connection& conn, const counting_relay& relay, figures& into) {
    const auto begin = std::chrono::steady_clock::now();
    co_await conn.login(credentials("juliet@example.test", "secret"));
    into.login_us = microseconds(std::chrono::steady_clock::now() - begin);
    auto heard = conn.stanzas(match().name("message"));
    co_await conn.send(presence());

    const auto asked = std::chrono::steady_clock::now();
    for (int i = 0; i < round_trips; ++i) {
        co_await conn.send_iq(iq::get(jid(conn.domain())).c("ping", ns::ping));
    }
    into.iq_us = microseconds(std::chrono::steady_clock::now() - asked) / round_trips;

    const auto bytes = relay.bytes();
    auto used = cpu_time();
    for (int i = 0; i < messages / 8; ++i) co_await echo(conn, heard, 1);
    into.single_us = micros_each(cpu_time() - used, messages / 8);
    into.bytes = static_cast<double>(relay.bytes() - bytes) / (messages / 8);

    used = cpu_time();
    for (int i = 0; i < messages / group; ++i) co_await echo(conn, heard, group);
    into.grouped_us = micros_each(cpu_time() - used, messages);
    co_await conn.disconnect();
}

/// `port`: the server's; the connection goes through a relay that counts.
figures measure(const std::string& service, options settings, std::uint16_t port) {
    counting_relay relay(port);
    asio::io_context context;
    settings.connect_address("127.0.0.1").tls(tls_mode::disabled);
    figures result;
    std::exception_ptr failure;
    {
        connection conn(context.get_executor(), fmt::format(fmt::runtime(service), relay.port()),
                        settings);
        detail::spawn(context.get_executor(), measure(conn, relay, result),
                      [&failure](const std::exception_ptr& why) { failure = why; });
        context.run();
    }
    if (failure) std::rethrow_exception(failure);
    return result;
}

double median(const std::vector<figures>& turns, double figures::* which) {
    std::vector<double> values;
    for (const auto& turn : turns) values.push_back(turn.*which);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct transport_row {
    int number;
    std::string name;
    std::string service;  // with a place for the port
    std::uint16_t port;
    std::vector<figures> turns = {};
};

void print(const std::vector<transport_row>& rows) {
    const std::array<std::pair<const char*, double figures::*>, 5> columns{
        std::pair{"login us", &figures::login_us}, std::pair{"iq us", &figures::iq_us},
        std::pair{"bytes", &figures::bytes}, std::pair{"single cpu us", &figures::single_us},
        std::pair{"grouped cpu us", &figures::grouped_us}};
    fmt::print("{:<12}", "");
    for (const auto& [title, which] : columns) fmt::print("{:>24}", title);
    fmt::print("\n");
    for (const auto& row : rows) {
        fmt::print("{:<12}", row.name);
        for (const auto& [title, which] : columns) {
            const auto value = median(row.turns, which);
            fmt::print("{:>16.1f}{:>7.2f}x", value, value / median(rows.front().turns, which));
        }
        fmt::print("\n");
    }
}

int run(int turns) {
    const served server;
    std::vector<transport_row> rows{
        {0, "TCP", "xmpp://example.test:{}", (*server).port()},
        {1, "WebSocket", "ws://example.test:{}/xmpp-websocket", (*server).ws_port()},
        {2, "HTTP", "http://example.test:{}/http-bind", (*server).http_port()}};
    for (int turn = 0; turn < turns; ++turn) {
        std::rotate(rows.begin(), rows.begin() + 1, rows.end());  // nobody is always the first
        for (auto& row : rows) row.turns.push_back(measure(row.service, options(), row.port));
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    print(rows);
    return 0;
}

}  // namespace
}  // namespace xmpp::bench

int main(int argc, char** argv) {
    try {
        return xmpp::bench::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 9);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
}
