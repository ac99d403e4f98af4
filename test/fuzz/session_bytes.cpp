// What a server sends, through transport, parser and session: whatever it is, the session ends,
// once and within bounded time, and so does everything that waits for it.
#include <xmpp/error.hpp>
#include <xmpp/testing/memory_stream.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "hostile_server.hpp"
#include "target.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace xmpp;

namespace {

/// Connecting, a minute of silence, the question whether the server is there, and leaving.
constexpr std::chrono::minutes longest_session(3);
/// What PLAIN sends for the account below, from its beginning.
constexpr std::string_view secret_payload = "AGp1bGlldAB";

task<> serve(std::unique_ptr<byte_stream> link, const fuzz::session_plan& plan) {
    fuzz::hostile_server server(std::move(link));
    co_await server.play(plan);
}

/// Each link gets the same bytes, also those that redirects lead to.
task<std::unique_ptr<byte_stream>> dial(asio::any_io_executor executor,
                                        const fuzz::session_plan& plan) {
    auto [ours, theirs] = testing::memory_stream_pair(
        executor, testing::memory_stream_options().max_read(plan.most_bytes_at_once));
    detail::spawn(executor, serve(std::move(theirs), plan), [](const std::exception_ptr&) {});
    co_return std::move(ours);
}

/// A program that uses what there is to use, and notes what it sees.
class program {
 public:
    explicit program(const fuzz::session_plan& plan)
        : plan_(plan), executor_(context_.get_executor()), conn_(make_connection()) {
        conn_->on_iq("query", "jabber:iq:version", [](stanza) { return answer(); });
        conn_->add_handler(match().name("presence"), [](const stanza&) { return true; });
        conn_->add_handler(match().name("message"),
                           [this](stanza received) { return echo(std::move(received)); });
        conn_->on_xml_input([](const element& seen) { (void)seen.to_xml(); });
        conn_->on_xml_output([](std::string_view seen) { check_secret(seen); });
        conn_->on_raw_output([](std::string_view seen) { check_secret(seen); });
        conn_->on_log(log_level::debug,
                      [](log_level, std::string_view line) { check_secret(line); });
    }

    void run() {
        start(use_subscription(conn_->stanzas(match().name("message"))));
        start(use_session(conn_->connect(account())));
        const auto end =
            testing::run_until(context_, *time_, [this] { return ended_; }, longest_session);
        if (end != testing::run_end::done) fuzz::fail("a session without end");
        testing::run_until_idle(context_);
        if (running_ != 0) fuzz::fail("something waits for a session that is over");
        if (conn_->connected()) fuzz::fail("connected after the end");
        if (time_->pending() != 0) fuzz::fail("an appointment that nobody will keep");
        conn_.reset();
        testing::run_until_idle(context_);
    }

 private:
    std::optional<connection> make_connection() {
        auto settings = options()
                            .reconnect(false)
                            .dialer([this](const std::string&, std::uint16_t) {
                                return dial(executor_, plan_);
                            })
                            .time_source(time_)
                            .tls(tls_mode::optional)
                            .allow_plaintext_auth(true)
                            .allow_legacy_auth(true)
                            .explicit_resource_binding(plan_.explicit_binding);
        return std::optional<connection>(
            std::in_place, executor_,
            plan_.component ? "component://example.org" : "xmpp://example.org",
            std::move(settings));
    }

    credentials account() const {
        if (plan_.component) return credentials::component("echo.example.org", "secret");
        return {"juliet@example.org/balcony", "secret"};
    }

    task<bool> echo(stanza received) {
        try {
            co_await conn_->send(message(received.from()).type("chat").body("again"));
        } catch (const error&) {
            co_return false;
        }
        co_return true;
    }

    static task<builder> answer() { co_return builder("query", "jabber:iq:version"); }

    static void check_secret(std::string_view seen) {
        if (seen.find(secret_payload) != seen.npos) fuzz::fail("an observer sees the password");
    }

    void start(task<> work) {
        ++running_;
        detail::spawn(executor_, std::move(work), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure) fuzz::fail("another exception than that of the library");
        });
    }

    task<> use_session(async_generator<status> statuses) {
        int ends = 0;
        while (auto step = co_await statuses.next()) {
            if (ends > 0) fuzz::fail("a status behind the last one");
            if (step->code == status_code::disconnected) ++ends;
            if (step->code == status_code::bindrequired) start(bind());
            if (step->code == status_code::connected) be_connected();
        }
        if (ends != 1) fuzz::fail("a session whose end is not told");
        ended_ = true;
    }

    void be_connected() {
        start(ask());
        if (plan_.leaves) start(leave());
        if (plan_.resets) conn_->reset();
    }

    task<> ask() {
        try {
            co_await conn_->send_iq(iq::get("example.org").c("ping", ns::ping));
        } catch (const error&) {
            co_return;
        }
    }

    task<> bind() {
        try {
            co_await conn_->bind("balcony");
        } catch (const error&) {
            co_return;
        }
    }

    task<> leave() { co_await conn_->disconnect("later"); }

    task<> use_subscription(async_generator<stanza> messages) {
        try {
            while (auto each = co_await messages.next()) (void)(*each)->to_xml();
        } catch (const error&) {
            co_return;
        }
    }

    const fuzz::session_plan& plan_;
    asio::io_context context_;
    asio::any_io_executor executor_;
    std::shared_ptr<testing::virtual_clock> time_ = std::make_shared<testing::virtual_clock>();
    std::optional<connection> conn_;
    int running_ = 0;
    bool ended_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const fuzz::session_plan plan(data[0], data[1], fuzz::as_text(data, size).substr(2));
    program(plan).run();
    return 0;
}
