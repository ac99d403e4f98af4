#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

std::string numbered(int number) {
    return fmt::format("<message from='a@b'><body>{}</body></message>", number);
}

class stanza_handlers : public session_test {
 protected:
    stanza_handlers() { peer.accept_login("juliet@example.org/balcony"); }
    std::string log;
    void note(const std::string& text) { log += text; }
};

TEST_F(stanza_handlers, true_keeps_false_removes_throwing_keeps_all_in_order) {
    conn->add_handler(match().name("message"), [this](const stanza&) { return note("a"), true; });
    conn->add_handler(match().name("message"), [this](const stanza&) { return note("b"), false; });
    conn->add_handler(match().name("message"), [this](const stanza&) -> bool {
        note("c");
        throw std::runtime_error("reported");
    });
    conn->add_handler(match().name("message"), [this](const stanza&) { return note("d"), true; });
    std::string reports;
    conn->on_log([&](log_level level, std::string_view text) {
        if (level == log_level::error) reports += text;
    });
    peer.send(numbered(1)).send(numbered(2));
    start();
    EXPECT_EQ(log, "abcdacd") << "in the order of registration";
    EXPECT_NE(reports.find("reported"), std::string::npos);
}

TEST_F(stanza_handlers, one_added_in_a_handler_sees_the_next_stanza) {
    conn->add_handler(match().name("message"), [this](const stanza&) {
        note("a");
        conn->add_handler(match().name("message"),
                          [this](const stanza&) { return note("b"), true; });
        return false;
    });
    peer.send(numbered(1)).send(numbered(2));
    start();
    EXPECT_EQ(log, "ab");
}

TEST_F(stanza_handlers, one_removed_in_a_handler_is_not_called_any_more) {
    handler_id second{};
    conn->add_handler(match().name("message"), [&, this](const stanza&) {
        note("a");
        conn->remove_handler(second);
        return true;
    });
    second = conn->add_handler(match().name("message"),
                               [this](const stanza&) { return note("b"), true; });
    peer.send(numbered(1));
    start();
    EXPECT_EQ(log, "a");
}

struct match_case {
    const char* name;
    match which;
    bool matches;
};

void PrintTo(const match_case& row, std::ostream* out) {
    *out << row.name;
}

class match_matrix : public ::testing::TestWithParam<match_case> {};

TEST_P(match_matrix, decides) {
    const auto stanza = stanza::parse(
        "<message xmlns='jabber:client' from='bob@x.org/r' type='chat' id='i1'>"
        "<a xmlns='urn:child'><b xmlns='urn:deep#frag'/></a></message>");
    EXPECT_EQ(GetParam().which.matches(stanza), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    rows, match_matrix,
    ::testing::Values(
        match_case{"everything", match(), true}, match_case{"name", match().name("message"), true},
        match_case{"upper_case_name", match().name("MESSAGE"), false},
        match_case{"root_ns", match().ns("jabber:client"), true},
        match_case{"child_ns", match().ns("urn:child"), true},
        match_case{"descendant_ns", match().ns("urn:deep#frag"), true},
        match_case{"other_ns", match().ns("urn:other"), false},
        match_case{"type_list", match().type("normal").type("chat"), true},
        match_case{"other_type", match().type("normal"), false},
        match_case{"id", match().id("i1"), true}, match_case{"other_id", match().id("i2"), false},
        match_case{"full_from", match().from("bob@x.org/r"), true},
        match_case{"full_from_normalised", match().from("BOB@X.org/r"), true},
        match_case{"bare_from_as_full", match().from("bob@x.org"), false},
        match_case{"bare_from", match().bare_from("bob@x.org"), true},
        match_case{"bare_from_of_full", match().bare_from("bob@x.org/other"), true},
        match_case{"fragment", match().ns("urn:deep").ignore_ns_fragment(), true},
        match_case{"fragment_kept", match().ns("urn:deep"), false},
        match_case{"all_of_them", match().name("message").type("chat").id("i1").ns("urn:child"),
                   true},
        match_case{"one_fails", match().name("message").type("chat").id("i2"), false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(match_defaults, absent_type_is_normal_or_available) {
    EXPECT_TRUE(match().type("normal").matches(stanza::parse("<message/>")));
    EXPECT_TRUE(match().type("available").matches(stanza::parse("<presence/>")));
    EXPECT_FALSE(match().type("chat").matches(stanza::parse("<message/>")));
    EXPECT_FALSE(match().from("a@b").matches(stanza::parse("<message/>")));
}

struct duty_case {
    const char* name;
    match which;
    bool answers;  // for a request with a payload in urn:payload
};

void PrintTo(const duty_case& row, std::ostream* out) {
    *out << row.name;
}

class request_duty : public stanza_handlers, public ::testing::WithParamInterface<duty_case> {};

TEST_P(request_duty, is_taken_on_only_by_the_name_iq_or_the_namespace_of_the_payload) {
    int seen = 0;
    conn->add_handler(GetParam().which, [&seen](const stanza&) { return ++seen > 0; });
    peer.send(
        "<iq type='get' id='1' from='romeo@example.net/x'>"
        "<query xmlns='urn:payload#v1'><inner xmlns='urn:inner'><message "
        "xmlns='jabber:client'/></inner></query></iq>");
    if (!GetParam().answers) {
        peer.expect(
            "<iq type='error' id='1' to='romeo@example.net/x'><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
    peer.expect_nothing(1s);
    start();
    pass(1s);
    EXPECT_EQ(seen, 1) << "all of them watch";
}

INSTANTIATE_TEST_SUITE_P(
    matches, request_duty,
    ::testing::Values(
        duty_case{"everything", match(), false}, duty_case{"iq", match().name("iq"), true},
        duty_case{"iq_of_somebody", match().name("iq").bare_from("romeo@example.net"), true},
        duty_case{"the_stanza_s_namespace", match().ns("jabber:client"), false},
        duty_case{"the_payload_s_namespace", match().ns("urn:payload#v1"), true},
        duty_case{"without_fragment", match().ns("urn:payload").ignore_ns_fragment(), true},
        duty_case{"a_namespace_inside", match().ns("urn:inner"), false},
        duty_case{"a_type", match().type("get"), false},
        duty_case{"a_sender", match().bare_from("romeo@example.net"), false},
        duty_case{"iq_with_the_stanza_s_namespace", match().name("iq").ns("jabber:client"), true}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(stanza_handlers, a_payload_in_the_stanza_s_namespace_is_nobody_s_duty) {
    conn->add_handler(match().ns("jabber:client"), [](const stanza&) { return true; });
    peer.send("<iq type='get' id='1' from='a@b'><query/></iq>")
        .expect(
            "<iq type='error' id='1' to='a@b'><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    start();
}

TEST_F(stanza_handlers, timed_handlers_keep_their_period) {
    std::vector<clock::duration> calls;
    const auto begin = time->now();
    peer.expect_nothing(900ms);
    conn->add_timed_handler(250ms, [&] {
        calls.push_back(time->now() - begin);
        return calls.size() < 3;
    });
    start();
    pass(2s);
    EXPECT_EQ(calls, (std::vector<clock::duration>{250ms, 500ms, 750ms}));
}

TEST_F(stanza_handlers, timed_handlers_survive_their_exceptions_and_wait_for_the_session) {
    int calls = 0;
    const auto id = conn->add_timed_handler(100ms, [&]() -> bool {
        ++calls;
        throw std::runtime_error("x");
    });
    pass(1s);
    EXPECT_EQ(calls, 0) << "not before the session is up";
    start();
    pass(1s);
    EXPECT_GE(calls, 9);
    conn->remove_handler(id);
    const int before = calls;
    pass(1s);
    EXPECT_EQ(calls, before);
}

task<bool> work_through(detail::event* gate, std::string* log, stanza received) {
    *log += received->child("body")->text();
    co_await gate->wait();
    *log += "!";
    co_return true;
}

TEST_F(stanza_handlers, coroutine_handlers_take_one_stanza_at_a_time_and_hold_up_nobody) {
    detail::event gate(context.get_executor());
    conn->add_handler(match().name("message"), [&](stanza received) {
        return work_through(&gate, &log, std::move(received));
    });
    int others = 0;
    conn->add_handler(match().name("message"), [&](const stanza&) { return ++others > 0; });
    peer.send(numbered(1))
        .send(numbered(2))
        .send("<iq type='get' id='p' from='a@b'><ping xmlns='urn:xmpp:ping'/></iq>");
    peer.expect(
        "<iq type='error' id='p' to='a@b'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    start();
    EXPECT_EQ(log, "1");
    EXPECT_EQ(others, 2) << "the others go on";
    gate.set();
    run_until_idle();
    EXPECT_EQ(log, "1!2!");
}

task<> pull_bodies(async_generator<stanza>& stanzas, int count, std::string* log) {
    for (int i = 0; i < count; ++i) {
        auto received = co_await stanzas.next();
        if (!received) co_return;
        *log += (*received)->child("body")->text();
    }
}

TEST_F(stanza_handlers, subscription_keeps_stanzas_until_they_are_pulled) {
    auto stanzas = conn->stanzas(match().name("message"));
    peer.send(numbered(1) + numbered(2) + "<presence from='a@b'/>" + numbered(3));
    start();
    run(pull_bodies(stanzas, 3, &log));
    EXPECT_EQ(log, "123");
}

TEST_F(stanza_handlers, subscription_survives_a_cancelled_pull_and_loses_nothing) {
    auto stanzas = conn->stanzas(match().name("message"));
    start();
    detail::job waiting;
    std::exception_ptr ended;
    waiting.start(context.get_executor(), pull_bodies(stanzas, 1, &log),
                  [&](std::exception_ptr failure) { ended = failure; });
    run_until_idle();
    waiting.cancel();
    run_until_idle();
    EXPECT_TRUE(ended);
    peer.send(numbered(1));
    run(pull_bodies(stanzas, 1, &log));
    EXPECT_EQ(log, "1");
}

// ---- a slow consumer (DESIGN section 5)

class slow_consumer : public stanza_handlers {
 protected:
    void flood(int count) {
        for (int i = 0; i < count; ++i) peer.send(numbered(i % 10));
    }
};

TEST_F(slow_consumer, pauses_reading_until_it_has_caught_up) {
    configure(settings().receive_queue(4, 8, overflow::pause));
    auto stanzas = conn->stanzas(match().name("message"));
    int seen = 0;
    conn->add_handler(match().name("message"), [&](const stanza&) { return ++seen > 0; });
    flood(20);
    start();
    EXPECT_EQ(seen, 4) << "reading stops at the soft limit";
    run(pull_bodies(stanzas, 20, &log));
    EXPECT_EQ(log, "01234567890123456789");
    EXPECT_EQ(seen, 20);
}

TEST_F(slow_consumer, gets_the_reply_that_it_awaits_although_its_queue_is_full) {
    configure(settings().receive_queue(4, 100, overflow::pause));
    auto stanzas = conn->stanzas(match().name("message"));
    flood(20);
    peer.expect(ping_request).send("<iq type='result' from='example.org' id='{id}'/>");
    start();
    std::string outcome;
    run(ask(*conn, &outcome));
    EXPECT_EQ(outcome, "result");
    run(pull_bodies(stanzas, 20, &log));
    EXPECT_EQ(log.size(), 20u) << "and nothing is lost";
}

TEST_F(slow_consumer, bounds_what_is_read_while_a_reply_is_awaited) {
    configure(settings().receive_queue(4, 8, overflow::pause));
    auto stanzas = conn->stanzas(match().name("message"));
    int seen = 0;
    conn->add_handler(match().name("message"), [&](const stanza&) { return ++seen > 0; });
    peer.expect(ping_request);
    flood(20);
    start();
    std::string outcome;
    run(ask(*conn, &outcome));
    EXPECT_EQ(outcome, "iq-timeout");
    EXPECT_EQ(seen, 8) << "the hard limit";
    run(pull_bodies(stanzas, 20, &log));
    EXPECT_EQ(log.size(), 20u);
}

TEST_F(slow_consumer, loses_the_oldest_when_it_says_so) {
    configure(settings().receive_queue(4, 8, overflow::drop_oldest));
    auto stanzas = conn->stanzas(match().name("message"));
    flood(10);
    start();
    run(pull_bodies(stanzas, 4, &log));
    EXPECT_EQ(log, "6789");
}

task<> note_next(async_generator<stanza>& stanzas, std::error_code* code) {
    *code = co_await code_of(stanzas.next());
}

TEST_F(slow_consumer, is_cut_off_when_it_says_so_and_the_session_stays) {
    configure(settings().receive_queue(4, 8, overflow::fail));
    auto stanzas = conn->stanzas(match().name("message"));
    flood(10);
    start();
    std::error_code code;
    run(pull_bodies(stanzas, 4, &log));
    EXPECT_EQ(log, "0123") << "what it had is still delivered";
    run(note_next(stanzas, &code));
    EXPECT_EQ(code, errc::queue_overflow);
    EXPECT_TRUE(conn->connected());
}

TEST_F(slow_consumer, that_is_dropped_lets_reading_go_on) {
    configure(settings().receive_queue(4, 8, overflow::pause));
    int seen = 0;
    conn->add_handler(match().name("message"), [&](const stanza&) { return ++seen > 0; });
    auto stanzas = std::make_optional(conn->stanzas(match().name("message")));
    flood(20);
    start();
    EXPECT_EQ(seen, 4);
    stanzas.reset();
    run_until_idle();
    EXPECT_EQ(seen, 20);
}

// ---- the status loop (DESIGN section 1, idea 2)

task<> ask_inside_the_loop(connection& conn, std::string* outcome) {
    auto statuses = conn.connect(credentials("juliet@example.org/balcony", "secret"));
    while (auto step = co_await statuses.next()) {
        if (step->code != status_code::connected) continue;
        co_await ask(conn, outcome);
        co_await conn.disconnect();
    }
}

TEST_F(stanza_handlers, a_request_inside_the_status_loop_is_answered_while_a_status_is_pending) {
    peer.expect(ping_request)
        .send("<iq type='result' from='example.org' id='{id}'/>")
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
    std::string outcome;
    run(ask_inside_the_loop(*conn, &outcome));
    EXPECT_EQ(outcome, "result");
}

TEST_F(stanza_handlers, dropping_the_statuses_does_not_end_the_session) {
    {
        auto dropped = conn->connect(credentials("juliet@example.org/balcony", "secret"));
    }
    run_until_idle();
    EXPECT_TRUE(conn->connected());
}

}  // namespace
}  // namespace xmpp::test
