// Texts of the program that can't stand in XML: refused at the call, or left out where only people
// read them.
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class unsendable_text : public session_test {
 protected:
    testing::scripted_peer& expect_farewell(const std::string& content) {
        return peer.expect(fmt::format("<presence type='unavailable'>{}</presence>", content))
            .expect_close()
            .close_stream();
    }
};

template <class Action>
std::error_code code_thrown_by(Action action) {
    try {
        action();
    } catch (const error& failure) {
        return failure.code();
    }
    return {};
}

TEST_F(unsendable_text, in_a_reason_to_disconnect_is_left_out) {
    peer.accept_login(juliet);
    expect_farewell("<status>gone  &lt;now&gt;</status>");
    start();
    const auto begin = time->now();
    run(conn->disconnect("gone \x1a\xff <now>"));
    EXPECT_EQ(path(), std::string(up) + " DISCONNECTING(gone  <now>) DISCONNECTED");
    EXPECT_EQ(time->now(), begin) << "no time limit has passed";
}

TEST_F(unsendable_text, that_is_all_of_a_reason_leaves_a_farewell_without_one) {
    peer.accept_login(juliet);
    expect_farewell("");
    start();
    run(conn->disconnect("\x1a"));
    EXPECT_EQ(path(), std::string(up) + " DISCONNECTING DISCONNECTED");
}

TEST_F(unsendable_text, in_a_reason_to_drain_is_left_out) {
    peer.accept_login(juliet);
    expect_farewell("<status>gone </status>");
    start();
    bool drained = false;
    const auto body = [](connection& conn, bool* all) -> task<> {
        *all = co_await conn.drain(10s, "gone \x1a");
    };
    run(body(*conn, &drained));
    EXPECT_TRUE(drained);
    EXPECT_EQ(steps.back().code, status_code::disconnected);
}

TEST_F(unsendable_text, in_a_resource_to_bind_is_refused_and_bind_can_be_called_again) {
    configure(settings().explicit_resource_binding(true));
    peer.accept_login(juliet);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED");
    std::error_code refused;
    const auto body = [](connection& conn, std::error_code* code) -> task<> {
        *code = co_await code_of(conn.bind("a\x1a"));
        co_await conn.bind("balcony");
    };
    run(body(*conn, &refused));
    run_until_idle();
    EXPECT_EQ(refused, errc::invalid_jid);
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED CONNECTED");
}

TEST_F(unsendable_text, in_an_error_reply_is_left_out_and_who_asked_gets_an_answer) {
    peer.accept_login(juliet)
        .send("<iq type='get' id='q' from='a@b/c'><query xmlns='urn:q'/></iq>")
        .expect(
            "<iq type='error' id='q' to='a@b/c'><error type='modify'>"
            "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no </text></error></iq>");
    conn->on_iq("query", "urn:q", [](stanza) -> task<builder> {
        throw stanza_error("bad-request", "no \x1a");
        co_return builder();
    });
    start();
    run_until_idle();
}

TEST_F(unsendable_text, in_the_name_for_a_login_without_SASL_is_refused_before_anything_is_sent) {
    configure(settings().allow_legacy_auth(true));
    offer(peer, "<auth xmlns='http://jabber.org/features/iq-auth'/>").expect_close();
    run_session(credentials(juliet, "secret").authcid("a\x1a"));
    EXPECT_EQ(path(), "CONNECTING AUTHFAIL(prohibited-string) DISCONNECTED(prohibited-string)");
}

TEST_F(unsendable_text, in_a_route_is_refused_by_connect) {
    configure(settings().route("xmpp:a\x1a"));
    EXPECT_EQ(
        code_thrown_by([&] { static_cast<void>(conn->connect(credentials(juliet, "secret"))); }),
        errc::invalid_options);
}

TEST(unsendable_text_in_options, is_refused_by_the_setter) {
    EXPECT_EQ(code_thrown_by([] { options().language("e\x1a"); }), errc::invalid_options);
    EXPECT_EQ(code_thrown_by([] { options().language("de AT"); }), errc::invalid_options);
    EXPECT_EQ(code_thrown_by([] { options().language(std::string(256, 'a')); }),
              errc::invalid_options);
    EXPECT_EQ(options().language("de-AT-1996").language(), "de-AT-1996");
}

TEST(unsendable_text_in_credentials, is_refused_by_the_setter) {
    const credentials who("juliet@example.org", "secret");
    for (const auto* name : {"a\x1a", "\xff", "\x7f\x01"}) {
        EXPECT_EQ(code_thrown_by([&] { credentials(who).resource(name); }), errc::invalid_jid);
    }
    EXPECT_EQ(code_thrown_by([&] { credentials(who).resource(std::string(1024, 'a')); }),
              errc::invalid_jid);
    EXPECT_EQ(credentials(who).resource("a\u00b7b").resource(), "a\u00b7b");
    EXPECT_EQ(credentials(who).resource("").resource(), "");
}

}  // namespace
}  // namespace xmpp::test
