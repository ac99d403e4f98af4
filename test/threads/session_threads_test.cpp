// Two clients and a server, each on a strand of its own, on four threads; the links are TCP and
// TLS. What they do is checked elsewhere: here it is the same whichever thread does it.
#include <xmpp/testing/server.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

constexpr int sessions_each = 8;
constexpr int messages_each = 30;

/// Runs `action` on an executor, and waits for it.
template <class Action>
auto on(const asio::any_io_executor& executor, Action action) {
    std::packaged_task<std::invoke_result_t<Action>()> work(std::move(action));
    auto result = work.get_future();
    asio::post(executor, [&work] { work(); });
    return result.get();
}

/// What the clients did, all together; and a place to read stanzas away from their strands.
class tally {
 public:
    explicit tally(asio::any_io_executor anywhere) : anywhere_(std::move(anywhere)) {}

    /// Reads a handle on whatever thread is free, while its connection goes on.
    void read_elsewhere(stanza received) {
        asio::post(anywhere_, [this, received = std::move(received)] {
            const stanza copy = received;
            bytes_read += copy->to_xml().size();
            ++stanzas_read;
        });
    }

    std::atomic<int> logins{0};
    std::atomic<int> replies{0};
    std::atomic<int> echoes{0};
    std::atomic<int> aborted{0};
    std::atomic<int> stanzas_read{0};
    std::atomic<std::size_t> bytes_read{0};

 private:
    asio::any_io_executor anywhere_;
};

task<> send_messages(connection& conn, jid other) {
    for (int i = 0; i < messages_each; ++i) {
        co_await conn.send(message("echo@example.test").type("chat").body("and back"));
        // Who is not there has it returned as an error; both ways it crosses from strand to strand.
        co_await conn.send(message(other).type("chat").body("across"));
    }
}

task<> receive_echoes(async_generator<stanza>& messages, tally& counts) {
    int echoes = 0;
    while (echoes < messages_each) {
        auto received = co_await messages.next();
        if (!received) throw std::runtime_error("the session ended too early");
        if (received->from().local() == "echo") ++echoes;
        counts.read_elsewhere(std::move(*received));
    }
    counts.echoes += echoes;
}

task<> ask_for_ever(std::shared_ptr<connection> conn, tally& counts) {
    try {
        for (;;) {
            const auto reply = co_await conn->send_iq(iq::get("example.test").c("ping", ns::ping));
            counts.read_elsewhere(reply);
        }
    } catch (const std::system_error&) {
        ++counts.aborted;
    }
}

/// One session; it is ended in good order, reset or destroyed in the midst of it all, in turn.
task<> visit(credentials who, jid other, options settings, int turn, tally& counts) {
    auto strand = co_await asio::this_coro::executor;
    auto conn = std::make_shared<connection>(strand, "", std::move(settings));
    conn->add_handler(match().name("message"), [&counts](const stanza& received) {
        counts.read_elsewhere(received);
        return true;
    });
    auto messages = conn->stanzas(match().name("message"));
    co_await conn->login(std::move(who));
    ++counts.logins;
    co_await conn->send(presence());
    for (int i = 0; i < 10; ++i) {
        const auto reply = co_await conn->send_iq(iq::get("example.test").c("ping", ns::ping));
        counts.read_elsewhere(reply);
        ++counts.replies;
    }
    co_await send_messages(*conn, other);
    co_await receive_echoes(messages, counts);
    if (turn % 3 == 0) {
        co_await conn->disconnect();
        co_return;
    }
    detail::spawn(strand, ask_for_ever(conn, counts), [](const std::exception_ptr&) {});
    co_await conn->send_iq(iq::get("example.test").c("ping", ns::ping));
    if (turn % 3 == 1) conn->reset();
    if (turn % 3 == 2) *conn = connection(strand);
}

task<> live(std::string name, jid other, options settings, tally& counts) {
    for (int turn = 0; turn < sessions_each; ++turn) {
        const credentials who(name + "@example.test/" + std::to_string(turn), name);
        co_await visit(who, other, settings, turn, counts);
    }
}

TEST(session_threads, two_clients_on_strands_of_a_pool_log_in_talk_and_go) {
    asio::thread_pool pool(4);
    tally counts(pool.get_executor());
    const asio::any_io_executor server_strand = asio::make_strand(pool);
    std::optional<testing::server> server;
    const auto settings = on(server_strand, [&] {
        server.emplace(
            server_strand,
            testing::server_options().user("juliet", "juliet").user("romeo", "romeo").echo("echo"));
        server->start();
        return server->client_options();
    });

    auto juliet =
        asio::co_spawn(asio::make_strand(pool),
                       live("juliet", "romeo@example.test", settings, counts), asio::use_future);
    auto romeo =
        asio::co_spawn(asio::make_strand(pool),
                       live("romeo", "juliet@example.test", settings, counts), asio::use_future);
    EXPECT_NO_THROW(juliet.get());
    EXPECT_NO_THROW(romeo.get());
    on(server_strand, [&server] { server.reset(); });
    pool.join();

    EXPECT_EQ(counts.logins, 2 * sessions_each);
    EXPECT_EQ(counts.replies, 2 * sessions_each * 10);
    EXPECT_EQ(counts.echoes, 2 * sessions_each * messages_each);
    EXPECT_EQ(counts.aborted, 2 * (sessions_each - (sessions_each + 2) / 3))
        << "what waited when its connection went has ended";
    EXPECT_GE(counts.stanzas_read, counts.replies + counts.echoes);
    EXPECT_GT(counts.bytes_read, 0u);
}

}  // namespace
}  // namespace xmpp::test
