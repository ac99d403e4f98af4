// Every limit is kept to the millisecond of the one clock: no other time can move it.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <functional>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class timers : public session_test {
 protected:
    void log_in() {
        peer.accept_login("juliet@example.org/balcony");
        start();
    }
    void spawn(task<> work) {
        detail::spawn(context.get_executor(), std::move(work),
                      [this](const std::exception_ptr&) { over = true; });
    }
    /// It ends when that much time has passed, and not before.
    void expect_to_last(clock::duration limit, const std::function<bool()>& ended) {
        run_until_idle();
        EXPECT_FALSE(ended());
        pass(limit - 1ms);
        EXPECT_FALSE(ended());
        pass(1ms);
        EXPECT_TRUE(ended());
    }
    bool over = false;
};

TEST_F(timers, connecting_ends_by_the_clock) {
    peer.expect_header().stall();
    start();
    expect_to_last(30s, [this] { return steps.back().code == status_code::disconnected; });
}

TEST_F(timers, disconnecting_ends_by_the_clock) {
    log_in();
    peer.expect("<presence type='unavailable'/>").expect_close().stall();
    spawn(conn->disconnect());
    expect_to_last(3s, [this] { return over; });
}

TEST_F(timers, closing_after_a_failure_ends_by_the_clock) {
    configure(settings().max_stanza_bytes(1000));
    // The link takes nothing any more, our farewell neither.
    peer.streams(testing::memory_stream_options().capacity(400).max_read(1));
    log_in();
    peer.send_raw("<message><body>" + std::string(1100, 'x')).stall();
    for (int i = 0; i < 20; ++i) conn->enqueue(message("a@b").body("as much as it holds"));
    expect_to_last(3s, [this] { return steps.back().code == status_code::disconnected; });
}

TEST_F(timers, requests_end_by_the_clock) {
    log_in();
    peer.expect(ping_request);
    spawn([](connection* c) -> task<> {
        co_await c->send_iq(iq::get("example.org").c("ping", ns::ping));
    }(&*conn));
    expect_to_last(60s, [this] { return over; });
}

TEST_F(timers, presence_requests_end_by_the_clock) {
    log_in();
    peer.expect("<presence to='room@muc.example/nick'/>");
    spawn([](connection* c) -> task<> {
        co_await c->send_presence(presence("room@muc.example/nick"), 5s);
    }(&*conn));
    expect_to_last(5s, [this] { return over; });
}

TEST_F(timers, timed_handlers_run_by_the_clock_and_outlive_its_jumps) {
    log_in();
    int calls = 0;
    const auto id = conn->add_timed_handler(250ms, [&calls] { return ++calls > 0; });
    expect_to_last(250ms, [&calls] { return calls == 1; });
    time->advance(1h);
    run_until_idle();
    EXPECT_LE(calls, 3) << "what was missed is not made up for";
    const int before = calls;
    pass(1s);
    EXPECT_GE(calls, before + 3);
    conn->remove_handler(id);
}

}  // namespace
}  // namespace xmpp::test
