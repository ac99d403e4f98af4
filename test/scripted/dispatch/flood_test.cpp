// More than a consumer can take, and no end of it: what is kept stays bounded, whatever the policy.
#include "base/spawn.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t soft = 100;
constexpr std::size_t hard = 1000;
constexpr std::size_t batch = 100;

std::string numbered(std::size_t number) {
    return fmt::format("<message from='a@b'><body>{:08}</body></message>", number);
}

/// Sends messages as fast as the client takes them, for as long as it does.
task<> pour(testing::scripted_peer& peer, std::size_t count, std::size_t* poured) {
    while (*poured < count) {
        std::string some;
        for (std::size_t i = 0; i < batch; ++i) some += numbered(*poured + i);
        try {
            co_await peer.deliver(some);
        } catch (const std::system_error&) {
            co_return;
        }
        *poured += batch;
    }
}

class flood : public session_test {
 protected:
    void begin(overflow policy) {
        configure(settings().receive_queue(soft, hard, policy));
        peer.accept_login("juliet@example.org/balcony").then([this](testing::scripted_peer& self) {
            return pour(self, count, &poured);
        });
        conn->add_handler(match().name("message"),
                          [this](const stanza&) { return ++dispatched > 0; });
        messages = conn->stanzas(match().name("message"));
    }
    void count_bytes() {
        conn->on_raw_input([this](std::string_view bytes) {
            received += bytes.size();
            const auto used = consumed * message_bytes;
            unconsumed = std::max(unconsumed, received - std::min(received, used));
        });
    }

    const std::size_t message_bytes = numbered(0).size();
    // What is read ahead: the parser has all of a read, and the link as much again.
    const std::size_t read_ahead = 2 * testing::memory_stream_options().capacity();
    const std::size_t count = bytewise() ? 2'000 : 100'000;
    std::size_t poured = 0;
    std::size_t dispatched = 0;
    std::size_t consumed = 0;
    std::size_t received = 0;    // bytes
    std::size_t unconsumed = 0;  // the most bytes that were read and not consumed yet
    async_generator<stanza> messages;
    bool over = false;
    detail::job waiting;  // may end when the test is over already
};

task<> consume(async_generator<stanza>& messages, std::size_t count, std::size_t* consumed) {
    for (std::size_t i = 0; i < count; ++i) {
        auto message = co_await messages.next();
        if (!message) co_return;
        const auto* body = (*message)->child("body");
        if (body->text() != fmt::format("{:08}", *consumed)) co_return;
        ++*consumed;
    }
}

TEST_F(flood, pausing_stops_the_reading_and_with_it_the_sender) {
    begin(overflow::pause);
    start();
    EXPECT_EQ(dispatched, soft) << "nobody pulls";
    pass(1h);
    EXPECT_EQ(dispatched, soft);
    EXPECT_LE(poured * message_bytes, soft * message_bytes + read_ahead);

    count_bytes();
    run(consume(messages, count, &consumed));
    EXPECT_EQ(consumed, count) << "all of them, in order";
    EXPECT_LE(unconsumed, hard * message_bytes + read_ahead);
}

TEST_F(flood, few_large_stanzas_stop_the_reading_as_many_small_ones_do) {
    const std::string large(50'000, 'x');
    configure(settings().receive_queue_bytes(200'000, 1'000'000));
    peer.accept_login("juliet@example.org/balcony");
    for (int i = 0; i < 20; ++i) {
        peer.send("<message from='a@b'><body>" + large + "</body></message>");
    }
    conn->add_handler(match().name("message"), [this](const stanza&) { return ++dispatched > 0; });
    messages = conn->stanzas(match().name("message"));
    start();
    pass(1min);
    EXPECT_GE(dispatched, 3u);
    EXPECT_LE(dispatched, 5u);
    int taken = 0;
    detail::spawn(context.get_executor(), count_messages(std::move(messages), &taken),
                  [](const std::exception_ptr&) {});
    run_until_idle();
    EXPECT_EQ(taken, 20);
}

TEST_F(flood, dropping_keeps_the_newest_and_no_more_than_the_queue_holds) {
    begin(overflow::drop_oldest);
    start();
    EXPECT_EQ(dispatched, count);
    consumed = count - soft;
    run(consume(messages, soft, &consumed));
    EXPECT_EQ(consumed, count);
    waiting.start(context.get_executor(), consume(messages, 1, &consumed),
                  [this](const std::exception_ptr&) { over = true; });
    run_until_idle();
    EXPECT_FALSE(over) << "there were no others";
}

task<> note_end(async_generator<stanza>& messages, std::error_code* code) {
    *code = co_await code_of(messages.next());
}

TEST_F(flood, failing_ends_the_subscription_at_its_bound) {
    begin(overflow::fail);
    start();
    EXPECT_EQ(dispatched, count) << "the others get everything";
    run(consume(messages, soft, &consumed));
    EXPECT_EQ(consumed, soft);
    std::error_code code;
    run(note_end(messages, &code));
    EXPECT_EQ(code, errc::queue_overflow);
    EXPECT_TRUE(conn->connected());
}

TEST_F(flood, a_reply_behind_an_endless_flood_does_not_lift_the_hard_bound) {
    begin(overflow::pause);
    start();
    std::string outcome;
    run(ask(*conn, &outcome));
    EXPECT_EQ(outcome, "iq-timeout");
    EXPECT_EQ(dispatched, hard);
    EXPECT_LT(poured * message_bytes, hard * message_bytes + read_ahead);
}

}  // namespace
}  // namespace xmpp::test
