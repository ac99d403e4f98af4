// Servers let names in that our own rules (PRECIS) refuse. Their owners are somebody all the same.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

struct nickname {
    const char* name;
    const char* text;
};

void PrintTo(const nickname& row, std::ostream* out) {
    *out << row.name;
}

class odd_nickname : public session_test, public ::testing::WithParamInterface<nickname> {
 protected:
    odd_nickname() { peer.accept_login("juliet@example.org/balcony"); }
    std::string occupant() const { return fmt::format("room@conf.example/{}", GetParam().text); }
    std::string from() const { return fmt::format("from='{}'", occupant()); }
};

TEST_P(odd_nickname, is_kept_with_its_room) {
    std::vector<std::string> seen;
    conn->add_handler(match().bare_from("room@conf.example"), [&](const stanza& received) {
        seen.push_back(received.from().bare().str() + "|" +
                       std::string(received.from().resource()));
        return true;
    });
    peer.send(fmt::format("<message type='groupchat' {}><body>hi</body></message>", from()));
    start();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen.front(), fmt::format("room@conf.example|{}", GetParam().text));
}

TEST_P(odd_nickname, is_matched_by_the_address_that_an_earlier_stanza_had) {
    jid known;
    int again = 0;
    conn->add_handler(match().name("presence"), [&](const stanza& received) {
        known = received.from();
        conn->add_handler(match().name("message").from(known),
                          [&](const stanza&) { return ++again > 0; });
        return false;
    });
    peer.send(fmt::format("<presence {}/>", from()))
        .send("<message from='room@conf.example/other'/>")
        .send(fmt::format("<message {}/>", from()));
    start();
    EXPECT_EQ(again, 1);
}

TEST_P(odd_nickname, gets_the_answers_to_its_messages) {
    conn->add_handler(match().name("message"), [&](const stanza& received) {
        conn->enqueue(message(received.from()).type("chat").body("you too"));
        return true;
    });
    peer.send(fmt::format("<message type='chat' {}><body>hi</body></message>", from()))
        .expect(
            fmt::format("<message type='chat' to='{}'><body>you too</body></message>", occupant()));
    start();
}

task<> ask_whom(connection& conn, jid whom, std::string* outcome) {
    try {
        const auto reply = co_await conn.send_iq(iq::get(whom).c("ping", ns::ping), 1s);
        *outcome = reply.type();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

task<> join_as(connection& conn, builder entry, std::string* outcome) {
    try {
        const auto reply = co_await conn.send_presence(std::move(entry), 1s);
        *outcome = reply.from().resource();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

TEST_P(odd_nickname, answers_requests) {
    std::string outcome;
    conn->add_handler(match().name("message"), [&](const stanza& received) {
        detail::spawn(context.get_executor(), ask_whom(*conn, received.from(), &outcome),
                      [](const std::exception_ptr&) {});
        return true;
    });
    peer.send(fmt::format("<message {}/>", from()))
        .expect(
            fmt::format("<iq type='get' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>", occupant()))
        .send("<iq type='result' from='room@conf.example/other' id='{id}'/>")
        .send("<iq type='result' id='{id}'/>")
        .send(fmt::format("<iq type='result' {} id='{{id}}'/>", from()));
    start();
    run_until_idle();
    EXPECT_EQ(outcome, "result");
}

TEST_P(odd_nickname, answers_presence) {
    std::string outcome;
    peer.expect(fmt::format("<presence to='{}'/>", occupant()))
        .send(fmt::format("<presence {} id='{{id}}'/>", from()));
    start();
    builder entry("presence");
    entry.attr("to", occupant());
    run(join_as(*conn, std::move(entry), &outcome));
    EXPECT_EQ(outcome, GetParam().text);
}

TEST_P(odd_nickname, gets_the_answers_of_responders) {
    conn->on_iq("ping", std::string(ns::ping),
                [](stanza) -> task<builder> { co_return builder(); });
    peer.send(fmt::format("<iq type='get' id='1' {}><ping xmlns='urn:xmpp:ping'/></iq>", from()))
        .expect(fmt::format("<iq type='result' id='1' to='{}'/>", occupant()));
    start();
}

INSTANTIATE_TEST_SUITE_P(
    precis, odd_nickname,
    ::testing::Values(nickname{"middle_dot", "a\u00B7b"},
                      nickname{"vertical_kana_repeat_mark", "\u3031"},
                      nickname{"katakana_middle_dot_among_latin", "a\u30FBb"},
                      nickname{"arabic_tatweel", "\u0645\u0640\u0631"},
                      nickname{"geresh_after_latin", "x\u05F3"},
                      nickname{"code_point_of_a_later_unicode", "\U0003FFF0 hi"},
                      nickname{"private_use", "\uE000"},
                      nickname{"emoji_sequence", "\U0001F469\u200D\U0001F680"}),
    [](const auto& info) { return std::string(info.param.name); });

class odd_address : public session_test {
 protected:
    odd_address() { peer.accept_login("juliet@example.org/balcony"); }
};

TEST_F(odd_address, of_a_user_is_answered_too) {
    conn->add_handler(match().name("message"), [&](const stanza& received) {
        conn->enqueue(message(received.from()).body("you too"));
        return true;
    });
    peer.send("<message from='a\u00B7b@example.net/x'><body>hi</body></message>")
        .expect("<message to='a\u00B7b@example.net/x'><body>you too</body></message>");
    start();
}

TEST_F(odd_address, that_does_not_parse_at_all_is_compared_as_text) {
    std::string outcome;
    peer.expect("<iq type='get' to='a b@c'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' id='{id}'/>")
        .send("<iq type='result' from='example.org' id='{id}'/>")
        .send("<iq type='result' from='a b@d' id='{id}'/>")
        .send(
            "<iq type='error' from='a b@c' id='{id}'><error type='modify'>"
            "<jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    start();
    std::string code;
    auto query = iq::get();
    query.set_root_attr("to", "a b@c");
    query.c("ping", ns::ping);
    auto ask = [](connection& conn, builder request, std::string* out) -> task<> {
        try {
            co_await conn.send_iq(std::move(request), 1s);
            *out = "result";
        } catch (const error& failed) {
            *out = failed.condition();
        }
    };
    run(ask(*conn, std::move(query), &outcome));
    EXPECT_EQ(outcome, "jid-malformed");
}

TEST_F(odd_address, in_another_spelling_than_the_server_s_is_the_same) {
    std::string outcome;
    peer.expect(
            "<iq type='get' to='stra\u00DFe@example.net/\uFB01x'><ping "
            "xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' from='strase@example.net/fix' id='{id}'/>")
        .send("<iq type='result' from='strasse@example.org/fix' id='{id}'/>")
        .send("<iq type='result' from='strasse@example.net/FIX' id='{id}'/>")
        .send("<iq type='result' from='strasse@example.net/fix' id='{id}'/>");
    start();
    run(ask_whom(*conn, "stra\u00DFe@example.net/\uFB01x", &outcome));
    EXPECT_EQ(outcome, "result");
}

TEST_F(odd_address, of_nobody_gets_no_message) {
    std::string problem;
    conn->add_handler(match().name("message"), [&](const stanza& received) {
        try {
            conn->enqueue(message(received.from()).body("you too"));
        } catch (const error& refused) {
            problem = refused.condition();
        }
        return true;
    });
    peer.send("<message from='@@'><body>hi</body></message>").expect_nothing(1s);
    start();
    pass(1s);
    EXPECT_EQ(problem, "invalid-jid");
}

}  // namespace
}  // namespace xmpp::test
