#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "server_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::testing {
namespace {

class server_routing : public server_fixture {
 protected:
    void expect_error(raw_client& client, std::string_view condition) {
        const auto reply = next(client);
        EXPECT_EQ(reply.type(), "error") << reply->to_xml();
        const auto* error = reply->child("error");
        ASSERT_TRUE(error) << reply->to_xml();
        EXPECT_TRUE(error->child(condition, ns::stanzas)) << reply->to_xml();
    }
};

TEST_F(server_routing, takes_a_message_to_a_full_address) {
    auto& juliet = log_in("juliet", "balcony");
    auto& romeo = log_in("romeo", "orchard");
    write(juliet,
          "<message to='romeo@example.test/orchard' id='m1' type='chat' xml:lang='en'>"
          "<body>Art &lt;thou&gt; there?</body><x xmlns='urn:x' a='1'/></message>");
    expect(romeo,
           "<message from='juliet@example.test/balcony' to='romeo@example.test/orchard' id='m1' "
           "type='chat' xml:lang='en'><body>Art &lt;thou&gt; there?</body><x xmlns='urn:x' "
           "a='1'/></message>");
}

TEST_F(server_routing, sets_the_true_sender) {
    auto& juliet = log_in("juliet", "balcony");
    auto& romeo = log_in("romeo", "orchard");
    write(juliet, "<message from='juliet@example.test' to='romeo@example.test/orchard'/>");
    expect(romeo, "<message from='juliet@example.test/balcony' to='romeo@example.test/orchard'/>");
}

TEST_F(server_routing, takes_a_message_to_the_highest_priority) {
    auto& juliet = log_in("juliet", "balcony");
    auto& low = come_online("romeo", "low", "<presence><priority>1</priority></presence>");
    auto& high = come_online("romeo", "high", "<presence><priority>5</priority></presence>");
    next(low);  // of the other's presence
    next(high);
    write(juliet, "<message to='romeo@example.test'><body>a</body></message>");
    expect(high, "<message from='*' to='romeo@example.test'><body>a</body></message>");
    expect_nothing(low);
}

TEST_F(server_routing, takes_a_headline_to_all_but_negative_priorities) {
    auto& juliet = log_in("juliet", "balcony");
    auto& low = come_online("romeo", "low");
    auto& high = come_online("romeo", "high", "<presence><priority>5</priority></presence>");
    auto& never = come_online("romeo", "never", "<presence><priority>-1</priority></presence>");
    for (int i = 0; i < 2; ++i) {
        next(low);
        next(high);
        next(never);
    }
    write(juliet, "<message to='romeo@example.test' type='headline'/>");
    expect(high, "<message from='*' to='*' type='headline'/>");
    expect(low, "<message from='*' to='*' type='headline'/>");
    expect_nothing(never);
}

TEST_F(server_routing, takes_a_chat_to_a_lost_resource_to_another) {
    auto& juliet = log_in("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    write(juliet, "<message to='romeo@example.test/gone' type='chat'><body>a</body></message>");
    expect(romeo, "<message from='*' to='romeo@example.test/gone' type='chat'>*</message>");
}

TEST_F(server_routing, returns_messages_that_nobody_can_have) {
    auto& juliet = log_in("juliet", "balcony");
    log_in("romeo", "orchard");  // without presence, hence not there for a bare address
    write(juliet, "<message to='romeo@example.test' id='1'><body>a</body></message>");
    expect(
        juliet,
        "<message type='error' id='1' from='romeo@example.test' to='juliet@example.test/balcony'>"
        "<error type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    write(juliet, "<message to='nobody@example.test/x'/>");
    expect_error(juliet, "service-unavailable");
    write(juliet, "<message to='romeo@example.test' type='groupchat'/>");
    expect_error(juliet, "service-unavailable");
    write(juliet, "<message to='romeo@example.net'/>");
    expect_error(juliet, "remote-server-not-found");
    write(juliet, "<message to='@example.test'/>");
    expect_error(juliet, "jid-malformed");
}

TEST_F(server_routing, never_answers_an_error) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet,
          "<message to='nobody@example.test' type='error'/>"
          "<message to='a@example.net' type='error'/>"
          "<iq to='romeo@example.test/x' type='result' id='1'/>"
          "<iq to='romeo@example.test/x' type='error' id='1'/>");
    expect_nothing(juliet);
}

TEST_F(server_routing, takes_requests_and_answers_between_clients) {
    auto& juliet = log_in("juliet", "balcony");
    auto& romeo = log_in("romeo", "orchard");
    write(juliet,
          "<iq to='romeo@example.test/orchard' type='get' id='1'>"
          "<query xmlns='jabber:iq:version'/></iq>");
    expect(romeo, "<iq from='juliet@example.test/balcony' to='*' type='get' id='1'>*</iq>");
    write(romeo, "<iq to='juliet@example.test/balcony' type='result' id='1'/>");
    expect(juliet, "<iq from='romeo@example.test/orchard' to='*' type='result' id='1'/>");
}

TEST_F(server_routing, answers_requests_to_those_who_are_away) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet,
          "<iq to='romeo@example.test/orchard' type='get' id='1'><ping "
          "xmlns='urn:xmpp:ping'/></iq>");
    expect_error(juliet, "service-unavailable");
    write(juliet,
          "<iq to='romeo@example.test' type='get' id='2'><query "
          "xmlns='jabber:iq:roster'/></iq>");
    expect_error(juliet, "service-unavailable");
}

TEST_F(server_routing, refuses_improper_requests) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet, "<iq type='get' id='1' to='example.test'/>");
    expect_error(juliet, "bad-request");
    write(juliet,
          "<iq type='get' id='1' to='example.test'><a xmlns='urn:x'/><b "
          "xmlns='urn:x'/></iq>");
    expect_error(juliet, "bad-request");
    write(juliet, "<iq type='what' id='1' to='example.test'/>");
    expect_error(juliet, "bad-request");
    write(juliet, "<iq type='get' id='1' to='example.test'><a xmlns='urn:x'/></iq>");
    expect_error(juliet, "service-unavailable");
}

TEST_F(server_routing, tells_about_itself) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet,
          "<iq type='get' id='1' to='example.test'><query "
          "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    const auto info = next(juliet);
    const auto* query = info->child("query", ns::disco_info);
    ASSERT_TRUE(query);
    EXPECT_EQ(query->child("identity")->attr("category"), "server");
    EXPECT_TRUE(query->child("feature"));
    write(juliet,
          "<iq type='get' id='2' to='example.test'><query "
          "xmlns='http://jabber.org/protocol/disco#items'/></iq>");
    expect(juliet,
           "<iq type='result' id='2' from='*' to='*'><query "
           "xmlns='http://jabber.org/protocol/disco#items'/></iq>");
    write(juliet,
          "<iq type='get' id='3' to='example.test'><query "
          "xmlns='jabber:iq:version'/></iq>");
    expect(juliet,
           "<iq type='result' id='3' from='*' to='*'><query "
           "xmlns='jabber:iq:version'><name>*</name><version>*</version></query></iq>");
    write(juliet,
          "<iq type='get' id='4' to='example.test'><query node='x' "
          "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    expect_error(juliet, "item-not-found");
}

TEST_F(server_routing, answers_for_the_own_account) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet,
          "<iq type='get' id='1'><query "
          "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    const auto info = next(juliet);
    EXPECT_EQ(info->child("query", ns::disco_info)->child("identity")->attr("category"), "account");
    write(juliet, "<iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(juliet, "<iq type='result' id='2' to='juliet@example.test/balcony'/>");
}

TEST_F(server_routing, sends_messages_to_the_echo_back) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet, "<message to='echo@example.test' type='chat' id='1'><body>ho</body></message>");
    expect(juliet,
           "<message from='echo@example.test' to='juliet@example.test/balcony' type='chat' "
           "id='1'><body>ho</body></message>");
    write(juliet, "<message to='echo@example.test' type='error'><body>ho</body></message>");
    expect_nothing(juliet);
}

TEST_F(server_routing, lets_the_test_watch_and_swallow) {
    std::vector<std::string> seen;
    server_->on_stanza([&](const stanza& received, const jid& from) {
        seen.push_back(fmt::format("{} {}", from, received->name()));
        return received.kind() != stanza_kind::message;
    });
    auto& juliet = log_in("juliet", "balcony");
    write(juliet, "<message to='nobody@example.test'/>");
    expect_nothing(juliet);
    EXPECT_EQ(seen, (std::vector<std::string>{"juliet@example.test/balcony message",
                                              "juliet@example.test/balcony iq"}));
}

TEST_F(server_routing, sends_what_the_test_wants_to_be_sent) {
    auto& one = log_in("juliet", "balcony");
    auto& two = log_in("juliet", "chamber");
    EXPECT_EQ(server_->send(message("juliet@example.test").body("a")), 2u);
    expect(one, "<message to='juliet@example.test'><body>a</body></message>");
    expect(two, "<message to='juliet@example.test'><body>a</body></message>");
    EXPECT_EQ(server_->send(message("juliet@example.test/chamber").body("b")), 1u);
    expect(two, "<message to='juliet@example.test/chamber'><body>b</body></message>");
    EXPECT_EQ(server_->send(message("juliet@example.test/gone")), 0u);
    expect_nothing(one);
}

TEST_F(server_routing, cuts_and_ends_sessions_at_the_tests_wish) {
    auto& one = log_in("juliet", "balcony");
    auto& two = log_in("juliet", "chamber");
    EXPECT_TRUE(server_->cut("juliet@example.test/balcony"));
    EXPECT_THROW(next(one), std::system_error);
    EXPECT_TRUE(server_->end_session("juliet@example.test/chamber", stream_condition::reset));
    expect_stream_error(two, "reset");
    EXPECT_FALSE(server_->cut("juliet@example.test/balcony"));
    EXPECT_FALSE(server_->end_session("juliet@example.test/chamber", stream_condition::reset));
}

TEST_F(server_routing, drops_a_client_that_does_not_read) {
    auto& slow = log_in("juliet", "balcony");
    const std::string body(1u << 16, 'x');
    for (int i = 0; i < 80; ++i) server_->send(message("juliet@example.test").body(body));
    run_until_idle(context_);
    EXPECT_TRUE(server_->sessions().empty());
    EXPECT_THROW(next(slow), std::system_error);
}

TEST_F(server_routing, refuses_connections_when_it_is_gone) {
    const auto dialer = server_->dialer();
    server_.reset();
    struct client {
        static task<> dials(dialer_function dialer) { co_await dialer("example.test", 5222); }
    };
    EXPECT_THROW(run_task(client::dials(dialer)), error);
}

}  // namespace
}  // namespace xmpp::testing
