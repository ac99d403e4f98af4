#pragma once

#include <xmpp/error.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "target.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::fuzz {

/// One thread and its time.
struct world {
    asio::io_context context;
    asio::any_io_executor executor = context.get_executor();
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
};

/// What a program does once it is connected, beside asking.
struct behaviour {
    bool leaves = false;  // by disconnect()
    bool resets = false;  // by reset()
    bool sends = false;   // messages, one of which it waits for to be acknowledged
};

/// What PLAIN sends for the account of these programs, from its beginning.
inline constexpr std::string_view secret_payload = "AGp1bGlldAB";

inline credentials account_of_user() {
    return {"juliet@example.org/balcony", "secret"};
}

/// Fails unless it is an error of the library.
inline void check_type(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const error&) {
        return;
    } catch (...) {
        fail("another exception than that of the library");
    }
}

/// A program that uses what there is to use, whatever its server does. Its session must end, once,
/// within a time limit, and so must everything that waits for it.
class program {
 public:
    program(world& where, std::string service, options settings, behaviour what)
        : world_(where),
          what_(what),
          conn_(std::in_place, where.executor, std::move(service), std::move(settings)) {
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

    void run(credentials who, std::chrono::minutes longest_session) {
        start(use_subscription(conn_->stanzas(match().name("message"))));
        start(use_session(conn_->connect(std::move(who))));
        const auto end = testing::run_until(
            world_.context, *world_.time, [this] { return ended_; }, longest_session);
        if (end != testing::run_end::done) fail("a session without end");
        testing::run_until_idle(world_.context);
        if (running_ != 0) fail("something waits for a session that is over");
        if (conn_->connected()) fail("connected after the end");
        if (world_.time->pending() != 0) fail("an appointment that nobody will keep");
        conn_.reset();
        testing::run_until_idle(world_.context);
    }

 private:
    task<bool> echo(stanza received) {
        try {
            co_await conn_->send(message("romeo@example.net").type("chat").add(received.root()));
        } catch (const error&) {
            co_return false;
        }
        co_return true;
    }

    static task<builder> answer() { co_return builder("query", "jabber:iq:version"); }

    static void check_secret(std::string_view seen) {
        if (seen.find(secret_payload) != seen.npos) fail("an observer sees the password");
    }

    /// Work that ends with an error of the library at worst.
    void start(task<> work) {
        ++running_;
        detail::spawn(world_.executor, std::move(work), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure) check_type(failure);
        });
    }

    task<> use_session(async_generator<status> statuses) {
        int ends = 0;
        while (auto step = co_await statuses.next()) {
            if (ends > 0) fail("a status behind the last one");
            if (step->code == status_code::disconnected) ++ends;
            if (step->code == status_code::bindrequired) start(conn_->bind("balcony"));
            if (step->code == status_code::connected) be_connected();
        }
        if (ends != 1) fail("a session whose end is not told");
        ended_ = true;
    }

    void be_connected() {
        start(ask());
        if (what_.sends) start(send());
        if (what_.leaves) start(conn_->disconnect("later"));
        if (what_.resets) conn_->reset();
    }

    task<> ask() {
        auto question = iq::get("example.org").c("ping", ns::ping);
        co_await conn_->send_iq(std::move(question));
    }

    task<> send() {
        co_await conn_->send(message("romeo@example.net").body("1"));
        co_await conn_->send(presence());
        co_await conn_->send_acked(message("romeo@example.net").body("2"));
    }

    task<> use_subscription(async_generator<stanza> messages) {
        while (auto each = co_await messages.next()) (void)(*each)->to_xml();
    }

    world& world_;
    behaviour what_;
    std::optional<connection> conn_;
    int running_ = 0;
    bool ended_ = false;
};

}  // namespace xmpp::fuzz
