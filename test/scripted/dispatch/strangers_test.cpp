// What anybody may send us, and how little it does.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* roster_request = "<iq type='get'><query xmlns='jabber:iq:roster'/></iq>";

std::string refusal_to(const std::string& whom, const std::string& id) {
    return fmt::format(
        "<iq type='error' id='{}' to='{}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        id, whom);
}

task<> ask_for_roster(connection& conn, std::string* outcome) {
    try {
        const auto roster = co_await conn.send_iq(iq::get().c("query", ns::roster), 10s);
        *outcome = roster.type();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

task<> pull_senders(async_generator<stanza>& requests, int count, std::vector<std::string>* from) {
    for (int i = 0; i < count; ++i) {
        auto request = co_await requests.next();
        if (request) from->push_back(request->from().str());
    }
}

class strangers : public session_test {
 protected:
    strangers() { peer.accept_login("juliet@example.org/balcony"); }
    void ask() {
        detail::spawn(context.get_executor(), ask_for_roster(*conn, &outcome),
                      [](const std::exception_ptr&) {});
        run_until_idle();
    }
    std::string outcome;
};

TEST_F(strangers, a_result_with_an_unknown_id_is_ignored) {
    peer.expect(roster_request)
        .send("<iq type='result' id='unknown' from='example.org'/>")
        .send("<iq type='error' id='unknown' from='eve@example.net'/>")
        .expect_nothing(1s)
        .send("<iq type='result' id='{id}'/>");
    start();
    ask();
    EXPECT_EQ(outcome, "") << "the request still waits";
    pass(2s);
    EXPECT_EQ(outcome, "result");
}

TEST_F(strangers, a_reply_is_never_answered_whatever_handlers_do) {
    int seen = 0;
    conn->on_iq("query", "urn:x", [](stanza) -> task<builder> { throw stanza_error("conflict"); });
    conn->add_handler(match().name("iq"), [&seen](const stanza&) -> bool {
        ++seen;
        throw std::runtime_error("cannot cope");
    });
    for (const auto* type : {"result", "error"}) {
        peer.send(
            fmt::format("<iq type='{}' id='1' from='eve@example.net'><query xmlns='urn:x'/>"
                        "<error type='cancel'/></iq>",
                        type));
    }
    peer.expect_nothing(1s);
    start();
    pass(2s);
    EXPECT_EQ(seen, 2);
}

TEST_F(strangers, a_result_with_two_payloads_is_no_answer_to_use) {
    peer.expect(roster_request)
        .send("<iq type='result' id='{id}'><query xmlns='jabber:iq:roster'/><q xmlns='u'/></iq>");
    start();
    ask();
    EXPECT_EQ(outcome, "bad-format");
}

TEST_F(strangers, a_roster_that_makes_no_sense_is_only_data) {
    peer.expect(roster_request)
        .send(
            "<iq type='result' id='{id}'><query xmlns='jabber:iq:roster'><item jid='@@@'/><item/>"
            "<item jid='a@b' subscription='sideways'><item/></item></query></iq>");
    start();
    ask();
    EXPECT_EQ(outcome, "result");
}

TEST_F(strangers, a_roster_that_is_not_well_formed_ends_the_session) {
    peer.expect(roster_request)
        .send_raw("<iq type='result'><query xmlns='jabber:iq:roster'><item jid='a'></query></iq>")
        .expect(stream_error("not-well-formed"))
        .expect_close();
    start();
    ask();
    EXPECT_EQ(outcome, "disconnected");
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNECTED ERROR(not-well-formed) "
              "DISCONNECTED(not-well-formed)");
}

TEST_F(strangers, a_flood_of_subscription_requests_is_kept_and_not_answered) {
    configure(settings().receive_queue(10, 20, overflow::drop_oldest));
    auto requests = conn->stanzas(match().name("presence").type("subscribe"));
    int seen = 0;
    conn->add_handler(match().name("presence"), [&seen](const stanza&) { return ++seen > 0; });
    for (int i = 0; i < 1000; ++i) {
        peer.send(fmt::format("<presence type='subscribe' from='eve{}@example.net'/>", i));
    }
    peer.expect_nothing(1s);
    start();
    pass(2s);
    EXPECT_EQ(seen, 1000);
    std::vector<std::string> kept;
    run(pull_senders(requests, 10, &kept));
    EXPECT_EQ(kept.front(), "eve990@example.net") << "the newest, as many as the queue holds";
    EXPECT_EQ(kept.back(), "eve999@example.net");
}

TEST_F(strangers, an_error_message_with_the_id_of_a_request_is_a_message) {
    int seen = 0;
    conn->add_handler(match().name("message").type("error"),
                      [&seen](const stanza&) { return ++seen > 0; });
    peer.expect(roster_request)
        .send("<message type='error' id='{id}' from='example.org'/>")
        .expect_nothing(1s)
        .send("<iq type='result' id='{id}'/>");
    start();
    ask();
    EXPECT_EQ(outcome, "");
    EXPECT_EQ(seen, 1) << "it goes to who handles messages";
    pass(2s);
    EXPECT_EQ(outcome, "result");
}

TEST_F(strangers, a_ping_is_refused_as_any_request) {
    peer.send("<iq type='get' id='p' from='eve@example.net/x'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect(refusal_to("eve@example.net/x", "p"))
        .send("<iq type='get' id='q' from='eve@example.net/x'><query xmlns='urn:x'/></iq>")
        .expect(refusal_to("eve@example.net/x", "q"));
    start();
}

TEST_F(strangers, a_ping_is_answered_where_the_program_says_so) {
    conn->on_iq("ping", std::string(ns::ping),
                [](stanza) -> task<builder> { co_return builder(); });
    peer.send("<iq type='get' id='p' from='eve@example.net/x'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect("<iq type='result' id='p' to='eve@example.net/x'/>");
    start();
}

TEST_F(strangers, learn_nothing_of_the_program) {
    for (const auto* payload : {"<query xmlns='jabber:iq:version'/>",
                                "<time xmlns='urn:xmpp:time'/>", "<query xmlns='jabber:iq:last'/>",
                                "<query xmlns='http://jabber.org/protocol/disco#info'/>"}) {
        peer.send(fmt::format("<iq type='get' id='q' from='eve@example.net/x'>{}</iq>", payload))
            .expect(refusal_to("eve@example.net/x", "q"));
    }
    start();
}

TEST_F(strangers, an_error_that_says_nothing_is_an_undefined_condition) {
    peer.expect(roster_request).send("<iq type='error' id='{id}'/>");
    start();
    ask();
    EXPECT_EQ(outcome, "undefined-condition");
}

TEST_F(strangers, a_stanza_from_no_address_is_delivered_without_one) {
    std::string seen;
    conn->add_handler(match().name("message"), [&seen](const stanza& received) {
        seen += fmt::format("[{}|{}]", received.from().str(), received->attr("from"));
        return true;
    });
    peer.send("<message from='@@' to='//'><body>x</body></message>")
        .send("<message from='a@b'><body>y</body></message>");
    start();
    EXPECT_EQ(seen, "[|@@][a@b|a@b]");
}

TEST_F(strangers, a_long_id_is_given_back_as_it_was) {
    const std::string id = "<&\"'>" + std::string(10'000, 'i');
    std::string written;
    for (const char c : id) {
        written += c == '<'    ? "&lt;"
                   : c == '&'  ? "&amp;"
                   : c == '\'' ? "&apos;"
                               : std::string(1, c);
    }
    peer.send(fmt::format("<iq type='get' id='{}' from='eve@example.net'><q xmlns='urn:x'/></iq>",
                          written))
        .expect(refusal_to("eve@example.net", written));
    start();
    EXPECT_EQ(peer.last().id(), id);
}

TEST_F(strangers, an_id_beyond_the_limit_of_attributes_closes_the_stream) {
    peer.send_raw(
            fmt::format("<iq type='get' id='{}' from='eve@example.net'><q xmlns='urn:x'/></iq>",
                        std::string(70'000, 'i')))
        .expect(stream_error("policy-violation"))
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().condition, "policy-violation");
}

}  // namespace
}  // namespace xmpp::test
