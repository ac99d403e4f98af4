#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class exchange : public session_test {
 protected:
    exchange() { peer.accept_login("juliet@example.org/balcony"); }
    void spawn(task<> work) {
        detail::spawn(context.get_executor(), std::move(work), [](std::exception_ptr) {});
    }
};

/// How a request ended: "result", a condition, or an error's word.
task<> request(connection& conn, builder query, std::chrono::milliseconds limit,
               std::string* outcome) {
    try {
        const auto reply = co_await conn.send_iq(std::move(query), limit);
        *outcome = reply.type();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

TEST_F(exchange, result_completes_the_request) {
    peer.expect(ping_request).send("<iq type='result' from='example.org' id='{id}'/>");
    start();
    std::string outcome;
    run(request(*conn, ping(), 1s, &outcome));
    EXPECT_EQ(outcome, "result");
}

TEST_F(exchange, error_is_thrown_with_its_condition) {
    peer.expect(ping_request)
        .send(
            "<iq type='error' from='example.org' id='{id}'><error type='cancel'>"
            "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    start();
    std::string outcome;
    run(request(*conn, ping(), 1s, &outcome));
    EXPECT_EQ(outcome, "item-not-found");
}

TEST_F(exchange, no_answer_times_out_and_a_late_one_is_ignored) {
    peer.expect(ping_request);
    start();
    std::string outcome;
    const auto begin = time->now();
    run(request(*conn, ping(), 250ms, &outcome));
    EXPECT_EQ(outcome, "iq-timeout");
    EXPECT_EQ(time->now() - begin, 250ms);
    peer.send("<iq type='result' from='example.org' id='{id}'/>");
    run_until_idle();
    EXPECT_TRUE(conn->connected());
}

struct sender_case {
    const char* name;
    const char* to;    // of the request; empty: none
    const char* from;  // attribute of the answer
    bool accepted;
};

void PrintTo(const sender_case& row, std::ostream* out) {
    *out << row.name;
}

class reply_sender : public exchange, public ::testing::WithParamInterface<sender_case> {};

TEST_P(reply_sender, decides_whether_it_is_the_answer) {
    const auto& row = GetParam();
    const std::string to = row.to;
    peer.expect(fmt::format("<iq type='get'{}><ping xmlns='urn:xmpp:ping'/></iq>",
                            to.empty() ? std::string() : fmt::format(" to='{}'", to)))
        .send(fmt::format("<iq type='result' {} id='{{id}}'/>", row.from));
    start();
    std::string outcome;
    run(request(*conn, iq::get(to.empty() ? jid() : jid(to)).c("ping", ns::ping), 1s, &outcome));
    EXPECT_EQ(outcome, row.accepted ? "result" : "iq-timeout");
}

INSTANTIATE_TEST_SUITE_P(
    rfc6120_8_1_2_1, reply_sender,
    ::testing::Values(
        sender_case{"stranger", "romeo@example.net/x", "from='eve@example.net/x'", false},
        sender_case{"whoever_was_asked", "romeo@example.net/x", "from='romeo@example.net/x'", true},
        sender_case{"in_another_spelling", "romeo@example.net/x", "from='Romeo@EXAMPLE.net/x'",
                    true},
        sender_case{"other_resource", "room@muc.example/a", "from='room@muc.example/b'", false},
        sender_case{"nobody_for_somebody_else", "romeo@example.net/x", "", false},
        sender_case{"account_without_from", "", "", true},
        sender_case{"account_bare", "", "from='juliet@example.org'", true},
        sender_case{"account_full", "", "from='juliet@example.org/balcony'", true},
        sender_case{"server", "", "from='example.org'", true},
        sender_case{"not_another_account", "", "from='romeo@example.org'", false},
        sender_case{"not_another_resource_of_ours", "", "from='juliet@example.org/garden'", false},
        sender_case{"server_without_from", "example.org", "", true},
        sender_case{"server_as_account", "example.org", "from='juliet@example.org'", true},
        sender_case{"server_as_stranger", "example.org", "from='example.net'", false},
        sender_case{"no_address", "example.org", "from='@@'", false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(exchange, keeps_the_id_that_is_there) {
    peer.expect("<iq type='get' to='example.org' id='mine'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' from='example.org' id='mine'/>");
    start();
    std::string outcome;
    auto query = ping();
    query.set_id("mine");
    run(request(*conn, std::move(query), 1s, &outcome));
    EXPECT_EQ(outcome, "result");
}

TEST_F(exchange, the_same_id_at_two_entities_is_kept_apart) {
    peer.expect("<iq type='get' to='a@x' id='same'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect("<iq type='get' to='b@x' id='same'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send(
            "<iq type='error' from='b@x' id='same'><error type='cancel'>"
            "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .send("<iq type='result' from='a@x' id='same'/>");
    start();
    std::string first;
    std::string second;
    auto to_a = iq::get("a@x").c("ping", ns::ping);
    auto to_b = iq::get("b@x").c("ping", ns::ping);
    to_a.set_id("same");
    to_b.set_id("same");
    spawn(request(*conn, std::move(to_a), 1s, &first));
    run(request(*conn, std::move(to_b), 1s, &second));
    run_until_idle();
    EXPECT_EQ(first, "result");
    EXPECT_EQ(second, "gone");
}

task<> join(connection& conn, std::string* outcome) {
    try {
        const auto answer = co_await conn.send_presence(presence("room@muc.example/nick"), 1s);
        *outcome = answer.from().resource();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

TEST_F(exchange, presence_is_answered_by_presence) {
    peer.expect("<presence to='room@muc.example/nick'/>")
        .send("<presence from='room@muc.example/nick' id='{id}'/>");
    start();
    std::string outcome;
    run(join(*conn, &outcome));
    EXPECT_EQ(outcome, "nick");
}

TEST_F(exchange, presence_error_is_thrown) {
    peer.expect("<presence to='room@muc.example/nick'/>")
        .send(
            "<presence type='error' from='room@muc.example/nick' id='{id}'><error type='cancel'>"
            "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    start();
    std::string outcome;
    run(join(*conn, &outcome));
    EXPECT_EQ(outcome, "conflict");
}

TEST_F(exchange, presence_is_answered_by_the_room_under_another_nickname) {
    peer.expect("<presence to='room@muc.example/nick'/>")
        .send("<presence from='room@muc.example/other' id='stale'/>")
        .send("<presence from='other@muc.example/nick' id='{id}'/>")
        .send(
            "<presence from='room@muc.example/given' id='{id}'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/>"
            "<status code='201'/><status code='210'/></x></presence>");
    start();
    std::string outcome;
    run(join(*conn, &outcome));
    EXPECT_EQ(outcome, "given");
}

TEST_F(exchange, presence_is_answered_by_an_error_of_the_room_itself) {
    peer.expect("<presence to='room@muc.example/nick'/>")
        .send(
            "<presence type='error' from='room@muc.example' id='{id}'><error type='auth'>"
            "<registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            "</presence>");
    start();
    std::string outcome;
    run(join(*conn, &outcome));
    EXPECT_EQ(outcome, "registration-required");
}

TEST_F(exchange, unhandled_requests_get_service_unavailable) {
    peer.send("<iq type='get' id='7' from='romeo@example.net/x'><query xmlns='urn:x'/></iq>")
        .expect(
            "<iq type='error' id='7' to='romeo@example.net/x'><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .send("<iq type='result' id='8' from='romeo@example.net/x'/>")
        .send("<iq type='error' id='9' from='romeo@example.net/x'/>")
        .expect_nothing(1s);
    start();
    pass(2s);
}

TEST_F(exchange, a_request_without_id_is_ignored) {
    peer.send("<iq type='get' from='romeo@example.net/x'><query xmlns='urn:x'/></iq>")
        .expect_nothing(1s);
    start();
    pass(2s);
}

TEST_F(exchange, malformed_requests_get_bad_request) {
    for (const auto* bad : {"<iq id='1' from='a@b'><q xmlns='urn:x'/></iq>",
                            "<iq id='1' from='a@b' type='ask'><q xmlns='urn:x'/></iq>",
                            "<iq id='1' from='a@b' type='get'/>"}) {
        peer.send(bad).expect(
            "<iq type='error' id='1' to='a@b'><error type='modify'>"
            "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
    start();
}

task<builder> tell_version(stanza) {
    co_return builder("query", ns::version).child("name", "ours");
}
task<builder> nothing_to_say(stanza) {
    co_return builder();
}
task<builder> forbid(stanza) {
    throw stanza_error("forbidden", "not you");
    co_return builder();
}
task<builder> break_down(stanza) {
    throw std::runtime_error("secret detail");
    co_return builder();
}

TEST_F(exchange, responders_answer_with_result_error_or_nothing) {
    std::string log;
    conn->on_log([&](log_level level, std::string_view line) {
        if (level == log_level::error) log += line;
    });
    conn->on_iq("query", std::string(ns::version), tell_version);
    conn->on_iq("ping", std::string(ns::ping), nothing_to_say);
    conn->on_iq("forbidden", "urn:x", forbid);
    conn->on_iq("broken", "urn:x", break_down);
    peer.send("<iq type='get' id='1' from='a@b'><query xmlns='jabber:iq:version'/></iq>")
        .expect(
            "<iq type='result' id='1' to='a@b'><query xmlns='jabber:iq:version'>"
            "<name>ours</name></query></iq>")
        .send("<iq type='get' id='2' from='a@b'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect("<iq type='result' id='2' to='a@b'/>")
        .send("<iq type='set' id='3' from='a@b'><forbidden xmlns='urn:x'/></iq>")
        .expect(
            "<iq type='error' id='3' to='a@b'><error type='auth'>"
            "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>not you</text></error></iq>")
        .send("<iq type='set' id='4' from='a@b'><broken xmlns='urn:x'/></iq>")
        .expect(
            "<iq type='error' id='4' to='a@b'><error type='cancel'>"
            "<internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "</error></iq>");
    start();
    EXPECT_EQ(log, "a responder threw: secret detail") << "nobody else is told";
}

TEST_F(exchange, pause_holds_back_until_resume) {
    start();
    conn->pause();
    for (const auto* body : {"1", "2", "3"}) conn->enqueue(message("a@b").body(body));
    peer.expect_nothing(1s);
    pass(1s);
    for (const auto* body : {"1", "2", "3"}) {
        peer.expect(fmt::format("<message to='a@b'><body>{}</body></message>", body));
    }
    conn->resume();
    run_until_idle();
}

task<> send_all(connection& conn, int count, int* sent) {
    for (int i = 0; i < count; ++i) {
        co_await conn.send(message("a@b").body(fmt::to_string(i)));
        ++*sent;
    }
    co_await conn.flush();
}

TEST_F(exchange, stanzas_leave_in_order) {
    for (int i = 0; i < 50; ++i) {
        peer.expect(fmt::format("<message to='a@b'><body>{}</body></message>", i));
    }
    start();
    int sent = 0;
    run(send_all(*conn, 50, &sent));
    EXPECT_EQ(sent, 50);
}

TEST_F(exchange, send_waits_above_the_high_water_mark_and_enqueue_fails_at_the_hard_bound) {
    configure(settings().send_queue_bytes(100, 400));
    start();
    conn->pause();
    int sent = 0;
    spawn(send_all(*conn, 20, &sent));
    run_until_idle();
    const int accepted = sent;
    EXPECT_GT(accepted, 0);
    EXPECT_LT(accepted, 20);
    try {
        for (int i = 0; i < 20; ++i) conn->enqueue(message("a@b").body("more"));
        FAIL() << "there is a hard bound";
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::queue_overflow);
    }
    run_until_idle();
    EXPECT_EQ(sent, accepted);
}

TEST_F(exchange, nothing_can_be_sent_without_a_session) {
    connection idle(context.get_executor(), "", settings());
    EXPECT_THROW(idle.enqueue(message("a@b")), error);
    std::string outcome;
    run(request(idle, ping(), 1s, &outcome));
    EXPECT_EQ(outcome, "not-connected");
    start();
}

TEST_F(exchange, observers_see_everything_with_secrets_blacked_out) {
    std::string in;
    std::string out;
    std::string xml;
    conn->on_raw_input([&](std::string_view bytes) { in += bytes; });
    conn->on_raw_output([&](std::string_view bytes) { out += bytes; });
    conn->on_xml_output([&](std::string_view element) { xml += element; });
    peer.expect("<message to='a@b'><body>hi</body></message>");
    start();
    conn->enqueue(message("a@b").body("hi"));
    run_until_idle();
    EXPECT_NE(in.find("<stream:features>"), std::string::npos) << in;
    EXPECT_NE(out.find("<message to='a@b'><body>hi</body></message>"), std::string::npos) << out;
    EXPECT_NE(xml.find("<message to='a@b'><body>hi</body></message>"), std::string::npos) << xml;
    for (const auto& seen : {in, out, xml}) {
        EXPECT_EQ(seen.find("AGp1bGlldABzZWNyZXQ="), std::string::npos)
            << "the password is in " << seen;
    }
    EXPECT_NE(out.find("[redacted]"), std::string::npos);
}

TEST_F(exchange, raw_trace_shows_the_true_bytes) {
    configure(settings().raw_trace(true));
    std::string out;
    conn->on_raw_output([&](std::string_view bytes) { out += bytes; });
    start();
    EXPECT_NE(out.find("AGp1bGlldABzZWNyZXQ="), std::string::npos);
}

}  // namespace
}  // namespace xmpp::test
