#include "server_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::testing {
namespace {

class server_presence : public server_fixture {
 protected:
    /// Gets the roster, which makes the client one that is told of changes.
    void get_roster(raw_client& client, const std::string& items = "") {
        write(client, "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        expect(client, fmt::format("<iq type='result' id='roster' to='*'><query "
                                   "xmlns='jabber:iq:roster'>{}</query></iq>",
                                   items));
    }
    void expect_push(raw_client& client, const std::string& item) {
        expect(client, fmt::format("<iq type='set' to='*'><query xmlns='jabber:iq:roster'>{}"
                                   "</query></iq>",
                                   item));
    }
    void set_roster(raw_client& client, const std::string& item) {
        write(client, fmt::format("<iq type='set' id='set'><query xmlns='jabber:iq:roster'>{}"
                                  "</query></iq>",
                                  item));
    }
    void expect_result(raw_client& client) {
        expect(client, "<iq type='result' id='set' to='*'/>");
    }
    void expect_error(raw_client& client, const std::string& condition) {
        expect(client, fmt::format("<iq type='error' id='set' to='*'><error type='*'><{} "
                                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>{}</error></iq>",
                                   condition,
                                   condition == "item-not-found"
                                       ? ""
                                       : "<text "
                                         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>*</text>"));
    }
    /// Both see each other; both have their rosters and are online with one resource.
    void befriend(raw_client& juliet, raw_client& romeo) {
        get_roster(juliet);
        get_roster(romeo);
        write(juliet, "<presence to='romeo@example.test' type='subscribe'/>");
        next(juliet);
        next(romeo);
        write(romeo,
              "<presence to='juliet@example.test' type='subscribed'/>"
              "<presence to='juliet@example.test' type='subscribe'/>");
        for (int i = 0; i < 4; ++i) next(juliet);  // subscribed, push, presence, subscribe
        for (int i = 0; i < 2; ++i) next(romeo);   // pushes
        write(juliet, "<presence to='romeo@example.test' type='subscribed'/>");
        for (int i = 0; i < 3; ++i) next(romeo);  // subscribed, push, presence
        next(juliet);                             // push
    }
};

TEST_F(server_presence, keeps_a_roster) {
    auto& juliet = log_in("juliet", "balcony");
    get_roster(juliet);
    set_roster(juliet, "<item jid='romeo@example.test' name='Romeo'><group>Lovers</group></item>");
    const std::string item =
        "<item jid='romeo@example.test' name='Romeo' subscription='none'><group>Lovers</group>"
        "</item>";
    expect_push(juliet, item);
    expect_result(juliet);
    auto& other = log_in("juliet", "chamber");
    get_roster(other, item);
    set_roster(other, "<item jid='romeo@example.test' subscription='remove'/>");
    const std::string removed = "<item jid='romeo@example.test' subscription='remove'/>";
    expect_push(other, removed);
    expect_push(juliet, removed);
    expect_result(other);
    get_roster(juliet);
}

TEST_F(server_presence, pushes_to_those_only_who_have_asked_for_the_roster) {
    auto& juliet = log_in("juliet", "balcony");
    set_roster(juliet, "<item jid='romeo@example.test'/>");
    expect_result(juliet);
}

TEST_F(server_presence, refuses_improper_roster_changes) {
    auto& juliet = log_in("juliet", "balcony");
    set_roster(juliet, "<item jid='a@b'/><item jid='c@d'/>");
    expect_error(juliet, "bad-request");
    set_roster(juliet, "<item jid='@b'/>");
    expect_error(juliet, "bad-request");
    set_roster(juliet, "<item jid='a@b'><group>x</group><group>x</group></item>");
    expect_error(juliet, "bad-request");
    set_roster(juliet, "<item jid='a@b'><group/></item>");
    expect_error(juliet, "not-acceptable");
    set_roster(juliet, "<item jid='a@b' subscription='remove'/>");
    expect_error(juliet, "item-not-found");
}

TEST_F(server_presence, subscribes_and_approves) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    get_roster(juliet);
    get_roster(romeo);

    write(juliet,
          "<presence to='romeo@example.test/orchard' type='subscribe' id='s'>"
          "<status>please</status></presence>");
    expect_push(juliet, "<item jid='romeo@example.test' subscription='none' ask='subscribe'/>");
    expect(romeo,
           "<presence from='juliet@example.test' to='romeo@example.test' type='subscribe' "
           "id='s'><status>please</status></presence>");

    write(romeo, "<presence to='juliet@example.test' type='subscribed'/>");
    expect_push(romeo, "<item jid='juliet@example.test' subscription='from'/>");
    expect(juliet,
           "<presence from='romeo@example.test' to='juliet@example.test' "
           "type='subscribed'/>");
    expect_push(juliet, "<item jid='romeo@example.test' subscription='to'/>");
    expect(juliet, "<presence from='romeo@example.test/orchard' to='juliet@example.test'/>");
    expect_nothing(romeo);
    expect_nothing(juliet);
}

TEST_F(server_presence, answers_for_one_who_has_approved_before) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    befriend(juliet, romeo);
    set_roster(juliet, "<item jid='nurse@example.test'/>");
    next(juliet);
    expect_result(juliet);
    write(juliet, "<presence to='romeo@example.test' type='unsubscribe'/>");
    expect_push(juliet, "<item jid='romeo@example.test' subscription='from'/>");
    expect(juliet, "<presence from='romeo@example.test/orchard' to='*' type='unavailable'/>");
    expect(romeo, "<presence from='juliet@example.test' to='*' type='unsubscribe'/>");
    expect_push(romeo, "<item jid='juliet@example.test' subscription='to'/>");
    expect_nothing(romeo);
}

TEST_F(server_presence, refuses_and_takes_back_an_approval) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    get_roster(juliet);
    get_roster(romeo);
    write(juliet, "<presence to='romeo@example.test' type='subscribe'/>");
    next(juliet);
    next(romeo);
    write(romeo, "<presence to='juliet@example.test' type='unsubscribed'/>");
    expect(juliet, "<presence from='romeo@example.test' to='*' type='unsubscribed'/>");
    expect_push(juliet, "<item jid='romeo@example.test' subscription='none'/>");
    expect_nothing(romeo);

    auto& nurse = come_online("nurse", "hall");
    get_roster(nurse);
    write(juliet, "<presence to='nurse@example.test' type='subscribe'/>");
    next(juliet);
    next(nurse);
    write(nurse, "<presence to='juliet@example.test' type='subscribed'/>");
    next(nurse);
    for (int i = 0; i < 3; ++i) next(juliet);
    write(nurse, "<presence to='juliet@example.test' type='unsubscribed'/>");
    expect_push(nurse, "<item jid='juliet@example.test' subscription='none'/>");
    expect(juliet, "<presence from='nurse@example.test' to='*' type='unsubscribed'/>");
    expect_push(juliet, "<item jid='nurse@example.test' subscription='none'/>");
    expect(juliet, "<presence from='nurse@example.test/hall' to='*' type='unavailable'/>");
}

TEST_F(server_presence, ignores_an_approval_that_nobody_asked_for) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    get_roster(juliet);
    write(romeo,
          "<presence to='juliet@example.test' type='subscribed'/>"
          "<presence to='juliet@example.test' type='unsubscribed'/>"
          "<presence to='nobody@example.test' type='subscribe'/>"
          "<presence to='romeo@example.test' type='subscribe'/>");
    expect_nothing(romeo);
    expect_nothing(juliet);
}

TEST_F(server_presence, keeps_a_request_until_the_user_comes) {
    auto& juliet = come_online("juliet", "balcony");
    write(juliet, "<presence to='romeo@example.test' type='subscribe'/>");
    expect_nothing(juliet);
    auto& romeo = come_online("romeo", "orchard");
    expect(romeo,
           "<presence from='juliet@example.test' to='romeo@example.test' "
           "type='subscribe'/>");
}

TEST_F(server_presence, tells_contacts_who_comes_and_who_goes) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    auto& nurse = come_online("nurse", "hall");
    befriend(juliet, romeo);

    write(romeo, "<presence><show>away</show></presence>");
    expect(juliet,
           "<presence from='romeo@example.test/orchard' to='juliet@example.test'>"
           "<show>away</show></presence>");
    next(romeo);  // the own one

    auto& second = come_online("juliet", "chamber");
    expect(second, "<presence from='juliet@example.test/balcony' to='*'/>");
    expect(second,
           "<presence from='romeo@example.test/orchard' to='juliet@example.test/chamber'>"
           "<show>away</show></presence>");
    expect(juliet, "<presence from='juliet@example.test/chamber' to='*'/>");
    expect(romeo, "<presence from='juliet@example.test/chamber' to='*'/>");

    write(second, "<presence type='unavailable'><status>bye</status></presence>");
    expect(romeo,
           "<presence from='juliet@example.test/chamber' to='*' type='unavailable'>"
           "<status>bye</status></presence>");
    expect(juliet,
           "<presence from='juliet@example.test/chamber' to='*' type='unavailable'>"
           "<status>bye</status></presence>");
    juliet.abort();
    expect(romeo, "<presence from='juliet@example.test/balcony' to='*' type='unavailable'/>");
    expect_nothing(nurse);
}

TEST_F(server_presence, ends_a_friendship_when_the_contact_is_removed) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    befriend(juliet, romeo);
    set_roster(juliet, "<item jid='romeo@example.test' subscription='remove'/>");
    expect(romeo, "<presence from='juliet@example.test' to='*' type='unsubscribe'/>");
    expect_push(romeo, "<item jid='juliet@example.test' subscription='to'/>");
    expect(romeo, "<presence from='juliet@example.test' to='*' type='unsubscribed'/>");
    expect_push(romeo, "<item jid='juliet@example.test' subscription='none'/>");
    expect(romeo, "<presence from='juliet@example.test/balcony' to='*' type='unavailable'/>");
    expect(juliet, "<presence from='romeo@example.test/orchard' to='*' type='unavailable'/>");
    expect_push(juliet, "<item jid='romeo@example.test' subscription='remove'/>");
    expect_result(juliet);
}

TEST_F(server_presence, takes_directed_presence_and_its_end_to_a_stranger) {
    auto& juliet = log_in("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    write(juliet, "<presence to='romeo@example.test/orchard'><show>chat</show></presence>");
    expect(romeo,
           "<presence from='juliet@example.test/balcony' to='romeo@example.test/orchard'>"
           "<show>chat</show></presence>");
    write(juliet, "</stream:stream>");
    expect(romeo,
           "<presence from='juliet@example.test/balcony' to='romeo@example.test/orchard' "
           "type='unavailable'/>");
}

TEST_F(server_presence, refuses_a_priority_that_is_none) {
    auto& juliet = log_in("juliet", "balcony");
    write(juliet, "<presence><priority>128</priority></presence>");
    EXPECT_EQ(next(juliet).type(), "error");
    write(juliet, "<presence><priority>x</priority></presence>");
    EXPECT_EQ(next(juliet).type(), "error");
}

TEST_F(server_presence, answers_a_probe_to_those_who_may_see) {
    auto& juliet = come_online("juliet", "balcony");
    auto& romeo = come_online("romeo", "orchard");
    auto& nurse = come_online("nurse", "hall");
    befriend(juliet, romeo);
    write(juliet, "<presence to='romeo@example.test' type='probe'/>");
    expect(juliet, "<presence from='romeo@example.test/orchard' to='*'/>");
    write(nurse, "<presence to='romeo@example.test' type='probe'/>");
    expect_nothing(nurse);
}

}  // namespace
}  // namespace xmpp::testing
