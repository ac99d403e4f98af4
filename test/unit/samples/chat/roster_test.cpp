#include "chat/roster.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using chat::availability;
using chat::roster;

namespace {

void apply_roster(roster& contacts, const std::string& items) {
    const auto query = xmpp::stanza::parse("<query xmlns='jabber:iq:roster'>" + items + "</query>");
    contacts.apply(query.root());
}

bool apply_presence(roster& contacts, const std::string& from, const std::string& type,
                    const std::string& content = {}) {
    const auto attribute = type.empty() ? std::string() : " type='" + type + "'";
    return contacts.apply(xmpp::stanza::parse("<presence xmlns='jabber:client' from='" + from +
                                              "'" + attribute + ">" + content + "</presence>"));
}

std::vector<std::string> addresses(const chat::contacts_found& found) {
    std::vector<std::string> result;
    for (const auto* who : found) result.push_back(who->address.str());
    return result;
}

using names = std::vector<std::string>;

class capulets : public testing::Test {
 protected:
    capulets() {
        apply_roster(contacts,
                     "<item jid='romeo@montague.lit' name='Romeo' subscription='both'/>"
                     "<item jid='nurse@capulet.lit' name='The Nurse' subscription='to'/>"
                     "<item jid='mercutio@verona.lit' subscription='none' ask='subscribe'/>");
    }

    const chat::contact& who(const std::string& address) { return *contacts.find(address); }

    roster contacts;
};

TEST_F(capulets, are_listed_by_name) {
    EXPECT_EQ(addresses(contacts.listed()),
              (names{"mercutio@verona.lit", "romeo@montague.lit", "nurse@capulet.lit"}));
    EXPECT_EQ(who("mercutio@verona.lit").display_name(), "mercutio");
    EXPECT_TRUE(who("mercutio@verona.lit").pending);
    EXPECT_EQ(who("nurse@capulet.lit").subscription, "to");
}

TEST_F(capulets, are_changed_and_removed_by_a_push) {
    apply_roster(contacts, "<item jid='nurse@capulet.lit' name='Angelica' subscription='both'/>");
    EXPECT_EQ(who("nurse@capulet.lit").display_name(), "Angelica");
    apply_roster(contacts, "<item jid='romeo@montague.lit' subscription='remove'/>");
    EXPECT_EQ(addresses(contacts.listed()), (names{"nurse@capulet.lit", "mercutio@verona.lit"}));
}

TEST_F(capulets, keep_their_numbers_whoever_comes_and_goes) {
    const auto number = who("nurse@capulet.lit").number;
    apply_roster(contacts, "<item jid='romeo@montague.lit' subscription='remove'/>");
    apply_roster(contacts, "<item jid='abram@montague.lit' subscription='none'/>");
    EXPECT_EQ(who("nurse@capulet.lit").number, number);
    EXPECT_EQ(addresses(contacts.search(std::to_string(number))), names{"nurse@capulet.lit"});
    EXPECT_TRUE(contacts.search("0").empty());
    EXPECT_TRUE(contacts.search("99").empty());
}

TEST_F(capulets, are_found_by_name_address_local_part_and_beginning_in_any_case) {
    EXPECT_EQ(addresses(contacts.search("the nurse")), names{"nurse@capulet.lit"});
    EXPECT_EQ(addresses(contacts.search("nurse@capulet.lit")), names{"nurse@capulet.lit"});
    EXPECT_EQ(addresses(contacts.search("nurse")), names{"nurse@capulet.lit"});
    EXPECT_EQ(addresses(contacts.search("MERC")), names{"mercutio@verona.lit"});
    EXPECT_TRUE(contacts.search("tybalt").empty());
    EXPECT_TRUE(contacts.search("omeo").empty());
}

TEST_F(capulets, are_found_exactly_before_they_are_found_by_beginning) {
    apply_roster(contacts, "<item jid='romeoville@us.lit' subscription='none'/>");
    EXPECT_EQ(addresses(contacts.search("romeo")), names{"romeo@montague.lit"});
    EXPECT_EQ(contacts.search("rom").size(), 2u);
}

TEST_F(capulets, are_several_when_a_stranger_has_the_same_local_part) {
    contacts.remember("romeo@evil.lit");
    EXPECT_EQ(contacts.search("romeo").size(), 2u);
    EXPECT_EQ(who("romeo@evil.lit").display_name(), "romeo@evil.lit");
    EXPECT_EQ(contacts.listed().size(), 3u);
}

TEST_F(capulets, show_the_presence_of_the_device_that_messages_would_reach) {
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::offline);
    EXPECT_TRUE(apply_presence(contacts, "romeo@montague.lit/phone", "",
                               "<show>dnd</show><status>Duel</status><priority>5</priority>"));
    EXPECT_FALSE(apply_presence(contacts, "romeo@montague.lit/orchard", ""));
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::busy);
    EXPECT_EQ(who("romeo@montague.lit").presence().text, "Duel");

    EXPECT_TRUE(apply_presence(contacts, "romeo@montague.lit/phone", "unavailable"));
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::online);
    EXPECT_TRUE(apply_presence(contacts, "romeo@montague.lit/orchard", "unavailable"));
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::offline);
}

TEST_F(capulets, prefer_the_device_that_is_there_when_priorities_are_equal) {
    apply_presence(contacts, "romeo@montague.lit/phone", "", "<show>xa</show>");
    apply_presence(contacts, "romeo@montague.lit/orchard", "", "<show>chat</show>");
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::free_for_chat);
}

TEST_F(capulets, take_an_odd_priority_for_none) {
    apply_presence(contacts, "romeo@montague.lit/a", "", "<priority>1x</priority>");
    EXPECT_EQ(who("romeo@montague.lit").presence().priority, 0);
}

TEST_F(capulets, are_all_offline_when_the_account_itself_is_said_to_be) {
    apply_presence(contacts, "romeo@montague.lit/a", "");
    apply_presence(contacts, "romeo@montague.lit/b", "");
    EXPECT_TRUE(apply_presence(contacts, "romeo@montague.lit", "unavailable"));
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::offline);
}

TEST_F(capulets, may_ask_to_see_our_presence_until_they_are_answered) {
    EXPECT_TRUE(apply_presence(contacts, "tybalt@capulet.lit", "subscribe"));
    EXPECT_FALSE(apply_presence(contacts, "tybalt@capulet.lit", "subscribe"));
    EXPECT_EQ(contacts.listed().size(), 4u);
    contacts.request_answered("tybalt@capulet.lit");
    EXPECT_EQ(contacts.listed().size(), 3u);
}

TEST_F(capulets, are_not_changed_by_other_kinds_of_presence) {
    EXPECT_FALSE(apply_presence(contacts, "romeo@montague.lit", "subscribed"));
    EXPECT_FALSE(apply_presence(contacts, "romeo@montague.lit/a", "error"));
    EXPECT_EQ(who("romeo@montague.lit").presence().state, availability::offline);
}

TEST_F(capulets, without_an_address_are_ignored) {
    apply_roster(contacts, "<item jid='@' subscription='both'/><item subscription='both'/>");
    EXPECT_EQ(contacts.listed().size(), 3u);
}

TEST_F(capulets, are_completed_by_name_or_address) {
    EXPECT_EQ(contacts.completions("ro"), names{"Romeo"});
    EXPECT_EQ(contacts.completions("merc"), names{"mercutio@verona.lit"});
    EXPECT_EQ(contacts.completions("nurse@"), names{"nurse@capulet.lit"});
    apply_roster(contacts, "<item jid='tybalt@capulet.lit' name='Tyb&#10;alt'/>");
    EXPECT_EQ(contacts.completions("tyb"), names{"tybalt@capulet.lit"});
}

}  // namespace
