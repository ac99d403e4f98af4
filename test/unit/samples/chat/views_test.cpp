#include "chat/views.hpp"

#include <gtest/gtest.h>

#include <string>

using chat::paint_xml;

namespace {

/// Paints nothing: what is shown is the text alone.
const terminal::palette plain(false);
const terminal::palette coloured(true);

xmpp::stanza message(const std::string& content) {
    return xmpp::stanza::parse("<message xmlns='jabber:client' from='romeo@montague.lit/a'>" +
                               content + "</message>");
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(views, show_a_message_of_a_stranger_under_the_whole_address) {
    const chat::roster nobody;
    const auto shown = chat::show_message(message("<body>Hi</body>"), nobody, plain);
    EXPECT_TRUE(shown.ends_with(" romeo@montague.lit/a: Hi")) << shown;
}

TEST(views, show_a_message_of_a_contact_under_its_name) {
    chat::roster contacts;
    const auto query = xmpp::stanza::parse(
        "<query xmlns='jabber:iq:roster'><item jid='romeo@montague.lit' name='My&#10;Romeo'/>"
        "</query>");
    contacts.apply(query.root());
    const auto shown = chat::show_message(message("<body>Hi</body>"), contacts, plain);
    EXPECT_TRUE(shown.ends_with(" My␊Romeo: Hi")) << shown;
}

TEST(views, indent_the_further_lines_of_a_message) {
    const chat::roster nobody;
    const auto shown =
        chat::show_message(message("<body>one\n12:00 nurse: two</body>"), nobody, plain);
    EXPECT_TRUE(contains(shown, "one\n        12:00 nurse: two")) << shown;
}

TEST(views, show_when_a_late_message_was_sent) {
    const chat::roster nobody;
    const auto shown = chat::show_message(
        message("<body>Hi</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-02T03:04:05Z'/>"),
        nobody, plain);
    EXPECT_TRUE(shown.starts_with("2026-01-02T03:04:05Z ")) << shown;
}

TEST(views, show_nothing_of_a_message_without_text) {
    const chat::roster nobody;
    EXPECT_EQ(chat::show_message(message("<composing xmlns='x'/>"), nobody, plain), "");
    EXPECT_EQ(chat::show_message(message("<body/>"), nobody, plain), "");
}

TEST(views, show_a_roster_with_number_state_and_what_is_to_be_done) {
    chat::roster contacts;
    EXPECT_TRUE(contains(chat::show_roster(contacts, plain), "/subscribe"));

    const auto query = xmpp::stanza::parse(
        "<query xmlns='jabber:iq:roster'><item jid='romeo@montague.lit' subscription='both'/>"
        "<item jid='tybalt@capulet.lit' subscription='none' ask='subscribe'/></query>");
    contacts.apply(query.root());
    contacts.apply(xmpp::stanza::parse(
        "<presence xmlns='jabber:client' from='romeo@montague.lit/a'><show>away</show>"
        "<status>\u009b2JBack soon</status></presence>"));
    contacts.apply(xmpp::stanza::parse(
        "<presence xmlns='jabber:client' type='subscribe' from='paris@verona.lit'/>"));
    const auto shown = chat::show_roster(contacts, plain);
    EXPECT_TRUE(contains(shown, "  1  romeo ")) << shown;
    EXPECT_TRUE(contains(shown, "romeo@montague.lit  away: \uFFFD2JBack soon\n")) << shown;
    EXPECT_TRUE(contains(shown, "(has not answered yet)")) << shown;
    EXPECT_TRUE(contains(shown, "(asks to see your presence: /accept or /decline)")) << shown;
}

TEST(views, tell_why_a_message_came_back) {
    const auto bounce = message(
        "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>No such user</text></error>");
    EXPECT_EQ(chat::show_bounce(bounce), "item-not-found (No such user)");
}

/// What is left when the colours are taken out again.
std::string without_colours(std::string text) {
    for (auto at = text.find('\033'); at != std::string::npos; at = text.find('\033', at))
        text.erase(at, text.find('m', at) + 1 - at);
    return text;
}

TEST(xml_view, without_colours_shows_the_markup_as_it_is) {
    const std::string xml = "<a b='1' c=\"x>y\"><d/>t &lt; u</a>";
    EXPECT_EQ(paint_xml(xml, plain), xml);
}

TEST(xml_view, paints_tags_attributes_and_values_each_in_its_colour) {
    EXPECT_EQ(paint_xml("<a b='1'/>t", coloured),
              "\033[34m<a\033[0m\033[36m b\033[0m=\033[32m'1'\033[0m\033[34m/>\033[0mt");
}

TEST(xml_view, changes_nothing_but_colours_also_in_pieces_of_markup) {
    for (const std::string xml : {"<?xml version='1.0'?><stream:stream to='x' xmlns:stream=\"y\">",
                                  "</stream:stream>", "<a", "<a b", "<a b='", "text", "<", "<>",
                                  "</>", "a > b", "<a b='1' / c=2>", "<a/><b x=''/>"})
        EXPECT_EQ(without_colours(paint_xml(xml, coloured)), xml);
}

TEST(xml_view, lets_no_control_character_of_the_peer_through) {
    const auto painted = paint_xml("<a b='\u009b2J'>x\ny\033[2J</a>", plain);
    EXPECT_EQ(painted, "<a b='\uFFFD2J'>x␊y␛[2J</a>");
}

}  // namespace
