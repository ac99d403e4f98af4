// A program's code that throws, or that takes for ever, is that code's problem and nobody else's.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

std::string request(const std::string& id, const std::string& payload) {
    return fmt::format("<iq type='get' id='{}' from='a@b'><{} xmlns='urn:x'/></iq>", id, payload);
}

std::string refusal(const std::string& id, const std::string& type, const std::string& condition) {
    return fmt::format(
        "<iq type='error' id='{}' to='a@b'><error type='{}'>"
        "<{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        id, type, condition);
}

class handler_failures : public session_test {
 protected:
    handler_failures() {
        peer.accept_login("juliet@example.org/balcony");
        watch_log();
    }
    void watch_log() {
        conn->on_log([this](log_level level, std::string_view text) {
            if (level == log_level::error) reports += fmt::format("[{}]", text);
        });
    }
    /// The session works in both directions still.
    void expect_alive() {
        EXPECT_TRUE(conn->connected());
        peer.expect(ping_request)
            .send("<iq type='result' from='example.org' id='{id}'/>")
            .send(request("alive", "unknown"))
            .expect(refusal("alive", "cancel", "service-unavailable"));
        run(ping());
        run_until_idle();
        EXPECT_TRUE(peer.finished());
    }
    task<> ping() { co_await conn->send_iq(iq::get("example.org").c("ping", ns::ping)); }
    std::string reports;
};

TEST_F(handler_failures, a_responder_that_throws_is_reported_and_answered_for) {
    conn->on_iq("standard", "urn:x", [](stanza) -> task<builder> {
        throw std::runtime_error("what we know");
        co_return builder();
    });
    conn->on_iq("other", "urn:x", [](stanza) -> task<builder> {
        throw 42;
        co_return builder();
    });
    conn->on_iq("meant", "urn:x", [](stanza) -> task<builder> {
        throw stanza_error("not-allowed");
        co_return builder();
    });
    peer.send(request("1", "standard"))
        .expect(refusal("1", "cancel", "internal-server-error"))
        .send(request("2", "other"))
        .expect(refusal("2", "cancel", "internal-server-error"))
        .send(request("3", "meant"))
        .expect(refusal("3", "cancel", "not-allowed"));
    start();
    EXPECT_EQ(reports,
              "[a responder threw: what we know]"
              "[a responder threw: something that is not a std::exception]")
        << "an error meant for the requester is no failure";
    expect_alive();
}

TEST_F(handler_failures, a_responder_that_is_no_coroutine_and_throws) {
    conn->on_iq("query", "urn:x",
                [](const stanza&) -> task<builder> { throw std::runtime_error("at once"); });
    peer.send(request("1", "query")).expect(refusal("1", "cancel", "internal-server-error"));
    start();
    EXPECT_EQ(reports, "[a responder threw: at once]");
    expect_alive();
}

TEST_F(handler_failures, a_handler_of_requests_that_throws_is_answered_for) {
    conn->add_handler(match().name("iq").ns("urn:x"),
                      [](const stanza&) -> bool { throw std::runtime_error("no way"); });
    peer.send("<iq type='get' id='1' from='a@b'><query xmlns='urn:x'/></iq>")
        .expect(refusal("1", "cancel", "internal-server-error"));
    start();
    EXPECT_EQ(reports, "[a stanza handler threw: no way]");
    conn->remove_handler(conn->add_handler(match(), [](const stanza&) { return true; }));
    EXPECT_TRUE(conn->connected());
}

TEST_F(handler_failures, a_watcher_that_throws_does_not_make_it_an_error_of_ours) {
    conn->add_handler(match(), [](const stanza&) -> bool { throw std::runtime_error("oops"); });
    peer.send(request("1", "query")).expect(refusal("1", "cancel", "service-unavailable"));
    start();
    EXPECT_EQ(reports, "[a stanza handler threw: oops]");
}

TEST_F(handler_failures, coroutine_handlers_and_timed_handlers_that_throw) {
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](stanza) {
        ++seen;
        return []() -> task<bool> {
            throw std::runtime_error("later");
            co_return true;
        }();
    });
    int ticks = 0;
    const auto timed = conn->add_timed_handler(10ms, [&ticks]() -> bool {
        ++ticks;
        throw 7;
    });
    peer.send("<message from='a@b'/>").send("<message from='a@b'/>");
    start();
    pass(25ms);
    EXPECT_EQ(seen, 2) << "it is called again";
    EXPECT_EQ(ticks, 2);
    EXPECT_EQ(reports,
              "[a stanza handler threw: later][a stanza handler threw: later]"
              "[a timed handler threw: something that is not a std::exception]"
              "[a timed handler threw: something that is not a std::exception]");
    conn->remove_handler(timed);
    expect_alive();
}

task<builder> never(detail::event* gate, int* calls) {
    ++*calls;
    co_await gate->wait();
    co_return builder();
}

task<bool> hang(detail::event* gate, int* calls) {
    ++*calls;
    co_await gate->wait();
    co_return true;
}

TEST_F(handler_failures, handlers_that_never_return_hold_up_nobody) {
    detail::event gate(context.get_executor());
    int working = 0;
    int hanging = 0;
    int seen = 0;
    conn->on_iq("slow", "urn:x", [&](stanza) { return never(&gate, &working); });
    conn->on_iq("quick", "urn:x", [](stanza) -> task<builder> { co_return builder(); });
    conn->add_handler(match().name("message"), [&](stanza) { return hang(&gate, &hanging); });
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.send(request("1", "slow")).send(request("2", "slow"));
    for (int i = 0; i < 50; ++i) peer.send("<message from='a@b'/>");
    peer.send(request("3", "quick")).expect("<iq type='result' id='3' to='a@b'/>");
    start();
    EXPECT_EQ(working, 2) << "each request has a coroutine of its own";
    EXPECT_EQ(hanging, 1) << "one stanza at a time";
    EXPECT_EQ(seen, 50);
    expect_alive();
}

TEST_F(handler_failures, requests_that_are_worked_on_are_bounded) {
    configure(settings().receive_queue(3, 30, overflow::pause));
    detail::event gate(context.get_executor());
    int working = 0;
    conn->on_iq("slow", "urn:x", [&](stanza) { return never(&gate, &working); });
    for (int i = 1; i <= 5; ++i) peer.send(request(fmt::to_string(i), "slow"));
    peer.expect(refusal("4", "wait", "resource-constraint"))
        .expect(refusal("5", "wait", "resource-constraint"));
    start();
    EXPECT_EQ(working, 3);
    for (int i = 1; i <= 3; ++i) {
        peer.expect(fmt::format("<iq type='result' id='{}' to='a@b'/>", i));
    }
    gate.set();
    run_until_idle();
    expect_alive();
}

}  // namespace
}  // namespace xmpp::test
