// A server that closes with bytes of ours unread breaks our next write. What it said before is
// read.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* conflict =
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";

/// A stream that takes nothing any more from a moment on, and can still be read.
class one_way_stream final : public byte_stream {
 public:
    one_way_stream(std::unique_ptr<byte_stream> below, const bool& broken)
        : below_(std::move(below)), broken_(broken) {}

    task<std::string_view> read() override { return below_->read(); }
    task<> write(std::string_view bytes) override {
        if (broken_) throw std::system_error(asio::error::broken_pipe);
        return below_->write(bytes);
    }
    task<> close() override { return below_->close(); }
    void abort() noexcept override { below_->abort(); }

 private:
    std::unique_ptr<byte_stream> below_;
    const bool& broken_;
};

class last_words : public session_test {
 protected:
    last_words() { configure(on_breaking_streams()); }

    /// Streams of `peer` that can't be written to once `broken` is set.
    options on_breaking_streams() {
        auto dial = [below = peer.dialer(), this](std::string host, std::uint16_t port)
            -> task<std::unique_ptr<byte_stream>> { return open(below, std::move(host), port); };
        return settings().dialer(std::move(dial));
    }

    /// The next write fails.
    void break_writing() {
        broken = true;
        conn->enqueue(message("a@b").body("in vain"));
        run_until_idle();
    }

    bool broken = false;

 private:
    task<std::unique_ptr<byte_stream>> open(dialer_function below, std::string host,
                                            std::uint16_t port) {
        auto opened = co_await below(std::move(host), port);
        co_return std::make_unique<one_way_stream>(std::move(opened), broken);
    }
};

TEST_F(last_words, tell_why_the_server_closed) {
    peer.accept_login(juliet);
    start();
    break_writing();
    EXPECT_EQ(path(), up);
    peer.send(conflict).close_stream();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

TEST_F(last_words, keep_two_programs_of_one_resource_from_throwing_each_other_out_for_ever) {
    configure(on_breaking_streams().reconnect(true));
    peer.accept_login(juliet);
    start();
    break_writing();
    peer.send(conflict).close_stream();
    pass(1h);
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

TEST_F(last_words, are_the_end_of_the_stream_where_the_server_gives_no_reason) {
    peer.accept_login(juliet);
    start();
    break_writing();
    peer.close_stream();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
}

TEST_F(last_words, come_behind_the_stanzas_before_them) {
    peer.accept_login(juliet);
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    start();
    break_writing();
    peer.send("<message from='a@b'/><message from='a@b'/>").send(conflict);
    run_until_idle();
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

TEST_F(last_words, are_waited_for_a_short_while_only) {
    peer.accept_login(juliet).stall();
    start();
    const auto begin = time->now();
    break_writing();
    pass(1s);
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
    EXPECT_EQ(steps.back().error, asio::error::broken_pipe);
    EXPECT_EQ(time->now() - begin, 1s);
}

TEST_F(last_words, are_not_waited_for_where_the_link_has_ended_in_both_directions) {
    peer.accept_login(juliet);
    start();
    break_writing();
    peer.end();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
    EXPECT_EQ(steps.back().error, asio::error::broken_pipe) << "what failed first";
}

TEST_F(last_words, end_a_login_with_the_servers_refusal) {
    peer.expect_header().send_header().features(
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
        "</mechanisms>");
    broken = false;
    // The server has answered and closed before <auth/> reaches it.
    conn->on_status([this](const status& step) {
        if (step.code == status_code::authenticating) broken = true;
    });
    peer.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><account-disabled/></failure>");
    run_session();
    EXPECT_EQ(
        path(),
        "CONNECTING AUTHENTICATING AUTHFAIL(account-disabled) DISCONNECTED(account-disabled)");
}

TEST_F(last_words, end_a_login_before_the_header_of_the_stream) {
    broken = true;
    peer.send_header().send(
        "<stream:error><host-gone xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(host-gone) DISCONNECTED(host-gone)");
}

TEST_F(last_words, are_decrypted) {
    testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request::for_server("example.org"));
    configure(on_breaking_streams().tls(tls_mode::required).ca_pem(authority.ca_pem()));
    peer.accept_tls(identity).accept_login(juliet);
    start();
    break_writing();
    peer.send(conflict).close_stream();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

/// Reads nothing until it is told to.
task<> consume(async_generator<stanza> stanzas, detail::event* begin, int* count) {
    co_await begin->wait();
    while (auto next = co_await stanzas.next()) ++*count;
}

class unread_last_words : public last_words {
 protected:
    unread_last_words() {
        peer.streams(testing::memory_stream_options().capacity(2000));
        auto paused = on_breaking_streams().receive_queue(2, 100, overflow::pause);
        configure(paused.write_timeout(10s).send_queue_bytes(2000, 1u << 20));
        peer.accept_login(juliet);
        detail::spawn(context.get_executor(), consume(conn->stanzas(), &begin, &consumed),
                      [](std::exception_ptr) {});
        start();
        for (int i = 0; i < 5; ++i) peer.send("<message from='a@b'/>");
        run_until_idle();
        peer.send("<message from='a@b'/>").send(conflict);
        run_until_idle();
    }

    detail::event begin{context.get_executor()};
    int consumed = 0;
};

TEST_F(unread_last_words, are_read_although_a_consumer_is_slow) {
    EXPECT_EQ(path(), up) << "reading has paused";
    break_writing();
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
    begin.set();
    run_until_idle();
    EXPECT_EQ(consumed, 6);
}

TEST_F(unread_last_words, are_read_when_the_server_takes_nothing_any_more) {
    conn->enqueue(message("a@b").body(std::string(5000, 'x')));
    pass(9s);
    EXPECT_EQ(path(), up);
    pass(1s);
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
}

}  // namespace
}  // namespace xmpp::test
