// A peer that stops reading: the write that makes no progress ends the session, the slow one not.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class write_deadline : public session_test {
 protected:
    write_deadline() { peer.streams(testing::memory_stream_options().capacity(1000)); }
};

TEST_F(write_deadline, a_peer_that_does_not_read_is_left) {
    peer.accept_login(juliet).stall();
    start();
    conn->enqueue(message("a@b").body(std::string(5000, 'x')));
    pass(29s);
    EXPECT_EQ(path(), up);
    pass(2s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(write-timeout) DISCONNECTED(write-timeout)", up));
    EXPECT_EQ(steps.back().error, errc::write_timeout);
}

TEST_F(write_deadline, the_queue_stays_bounded_meanwhile) {
    configure(settings().send_queue_bytes(2000, 4000).write_timeout(10s));
    peer.accept_login(juliet).stall();
    start();
    std::error_code refused;
    try {
        for (int i = 0; i < 10; ++i) conn->enqueue(message("a@b").body(std::string(900, 'x')));
    } catch (const error& thrown) {
        refused = thrown.code();
    }
    EXPECT_EQ(refused, errc::queue_overflow);
    pass(11s);
    EXPECT_EQ(steps.back().error, errc::write_timeout);
}

TEST_F(write_deadline, answers_that_nobody_reads_are_bounded) {
    configure(settings().send_queue_bytes(2000, 4000).write_timeout(10s));
    int left_out = 0;
    conn->on_log(log_level::error, [&left_out](log_level, std::string_view line) {
        if (line.find("a reply could not be sent") != line.npos) ++left_out;
    });
    std::string requests;
    for (int i = 0; i < 1000; ++i) {
        requests += fmt::format("<iq type='get' id='{}' from='a@b'><q xmlns='urn:x'/></iq>", i);
    }
    peer.accept_login(juliet).send(requests).stall();
    start();
    EXPECT_GT(left_out, 900);
    pass(11s);
    EXPECT_EQ(steps.back().error, errc::write_timeout);
}

TEST_F(write_deadline, who_waits_for_room_learns_of_the_end) {
    configure(settings().send_queue_bytes(2000, 1u << 20));
    peer.accept_login(juliet).stall();
    start();
    conn->enqueue(message("a@b").body(std::string(5000, 'x')));
    std::error_code code;
    auto send_more = [](connection& over, std::error_code* into) -> task<> {
        *into = co_await code_of(over.send(message("a@b").body("more")));
    };
    detail::spawn(context.get_executor(), send_more(*conn, &code), [](std::exception_ptr) {});
    pass(31s);
    EXPECT_EQ(code, errc::disconnected);
}

TEST_F(write_deadline, holds_in_the_negotiation) {
    configure(settings().write_timeout(5s));
    peer.streams(testing::memory_stream_options().capacity(50).max_read(1));
    peer.next_connection().stall();
    const auto begin = time->now();
    run_session();
    EXPECT_EQ(time->now() - begin, 5s);
    EXPECT_EQ(path(), "CONNECTING CONNTIMEOUT(write-timeout) DISCONNECTED(write-timeout)");
}

TEST_F(write_deadline, is_switched_off_by_zero) {
    configure(settings().write_timeout(0ms).liveness(0ms, 0ms));
    peer.accept_login(juliet).stall();
    start();
    conn->enqueue(message("a@b").body(std::string(5000, 'x')));
    pass(std::chrono::minutes(30));
    EXPECT_EQ(path(), up);
}

/// The server's end of a stream through which a number of bytes may pass now and then.
class trickle final : public byte_stream {
 public:
    trickle(std::unique_ptr<byte_stream> below, const asio::any_io_executor& executor,
            std::shared_ptr<clock> time, std::size_t bytes, clock::duration every)
        : below_(std::move(below)),
          executor_(executor),
          time_(std::move(time)),
          bytes_(bytes),
          every_(every),
          due_(executor) {}

    task<std::string_view> read() override { return below_->read(); }
    task<> close() override { return below_->close(); }
    void abort() noexcept override {
        below_->abort();
        aborted_ = true;
        due_.set();
    }
    task<> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto piece = bytes.substr(0, bytes_);
            co_await below_->write(piece);
            bytes.remove_prefix(piece.size());
            if (!slow || aborted_) continue;
            due_.reset();
            const auto timer =
                time_->call_at(executor_, time_->now() + every_, [this] { due_.set(); });
            co_await due_.wait();
        }
    }

    bool slow = false;

 private:
    std::unique_ptr<byte_stream> below_;
    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::size_t bytes_;
    clock::duration every_;
    detail::event due_;
    bool aborted_ = false;
};

task<std::unique_ptr<byte_stream>> dial_slowly(
    dialer_function below, std::string host, std::uint16_t port,
    std::function<std::unique_ptr<byte_stream>(std::unique_ptr<byte_stream>)> wrap) {
    auto opened = co_await below(std::move(host), port);
    co_return wrap(std::move(opened));
}

TEST_F(write_deadline, a_slow_link_that_moves_is_left_alone) {
    peer.streams(testing::memory_stream_options());
    trickle* link = nullptr;
    const auto wrap = [this, &link](std::unique_ptr<byte_stream> below) {
        // 1,000 bytes a second: a write of 200 kB takes some minutes.
        auto made =
            std::make_unique<trickle>(std::move(below), context.get_executor(), time, 1000, 1s);
        link = made.get();
        return std::unique_ptr<byte_stream>(std::move(made));
    };
    configure(
        settings().dialer([wrap, below = peer.dialer()](std::string host, std::uint16_t port) {
            return dial_slowly(below, std::move(host), port, wrap);
        }));
    peer.accept_login(juliet);
    start();
    link->slow = true;
    const std::string text(200'000, 'x');
    peer.expect(fmt::format("<message to='a@b'><body>{}</body></message>", text));
    conn->enqueue(message("a@b").body(text));
    pass(150s);
    EXPECT_EQ(path(), up) << "the server is silent, and the ping waits behind what is written";
    EXPECT_FALSE(peer.finished());
    pass(60s);
    EXPECT_TRUE(peer.finished());
    EXPECT_EQ(path(), up);
}

}  // namespace
}  // namespace xmpp::test
