#include <xmpp/error.hpp>
#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

namespace xmpp {
namespace {

static_assert(std::is_same_v<decltype(message("a@b").type("chat")), message&&>);
static_assert(std::is_same_v<decltype(std::declval<message&>().body("x")), message&>);
static_assert(std::is_same_v<decltype(presence().show("away")), presence&&>);
static_assert(std::is_same_v<decltype(iq::get().id("1")), iq&&>);
static_assert(std::is_nothrow_move_constructible_v<message>);

TEST(message, is_written_as_it_is_said) {
    EXPECT_EQ(message("romeo@example.org").type("chat").body("Art thou there?").to_xml(),
              "<message to='romeo@example.org' type='chat'><body>Art thou there?</body></message>");
    EXPECT_EQ(message("a@b").subject("s").thread("t").body("x").body("y", "de").to_xml(),
              "<message to='a@b'><subject>s</subject><thread>t</thread><body>x</body>"
              "<body xml:lang='de'>y</body></message>");
    EXPECT_EQ(message().to_xml(), "<message/>");
}

template <class Make>
std::error_code refusal_of(Make make) {
    try {
        make();
        return {};
    } catch (const error& refused) {
        return refused.code();
    }
}

TEST(message, goes_to_nobody_only_where_that_is_said) {
    EXPECT_EQ(refusal_of([] { message{jid()}; }), errc::invalid_jid);
    EXPECT_EQ(refusal_of([] { presence{jid()}; }), errc::invalid_jid);
    EXPECT_EQ(refusal_of([] { message("a@b").from(jid()); }), errc::invalid_jid);
    EXPECT_EQ(iq::get(jid()).to_xml(), "<iq type='get'/>") << "the own account";
}

TEST(message, attributes_can_come_after_the_body) {
    EXPECT_EQ(message("a@b").body("x").type("chat").id("1").lang("en").from("c@d").to_xml(),
              "<message to='a@b' type='chat' id='1' xml:lang='en' from='c@d'><body>x</body>"
              "</message>");
}

TEST(message, its_setters_mean_the_message_wherever_the_builder_is) {
    message m("a@b");
    m.c("x", "urn:x").c("y");
    m.type("chat").body("hi").c("z", "urn:z");
    EXPECT_EQ(m.to_xml(),
              "<message to='a@b' type='chat'><x xmlns='urn:x'><y/></x><body>hi</body>"
              "<z xmlns='urn:z'/></message>");
}

TEST(presence, is_written_as_it_is_said) {
    EXPECT_EQ(presence().to_xml(), "<presence/>");
    EXPECT_EQ(presence("room@muc.example/nick").c("x", "http://jabber.org/protocol/muc").to_xml(),
              "<presence to='room@muc.example/nick'><x xmlns='http://jabber.org/protocol/muc'/>"
              "</presence>");
    EXPECT_EQ(presence()
                  .show("away")
                  .status("Back at three")
                  .status("Um drei", "de")
                  .priority(-1)
                  .to_xml(),
              "<presence><show>away</show><status>Back at three</status>"
              "<status xml:lang='de'>Um drei</status><priority>-1</priority></presence>");
    EXPECT_EQ(presence("a@b").type("subscribe").to_xml(), "<presence to='a@b' type='subscribe'/>");
}

TEST(presence, refuses_a_priority_out_of_range) {
    EXPECT_EQ(presence().priority(127).to_xml(), "<presence><priority>127</priority></presence>");
    for (const int value : {-129, 128}) {
        try {
            (void)presence().priority(value);
            FAIL() << value;
        } catch (const error& e) {
            EXPECT_EQ(e.code(), errc::bad_format);
        }
    }
}

TEST(iq, is_written_as_it_is_said) {
    EXPECT_EQ(iq::get("example.org").c("query", ns::version).to_xml(),
              "<iq type='get' to='example.org'><query xmlns='jabber:iq:version'/></iq>");
    EXPECT_EQ(iq::set().id("1").to_xml(), "<iq type='set' id='1'/>");
    EXPECT_EQ(iq::result("a@b").to_xml(), "<iq type='result' to='a@b'/>");
}

}  // namespace
}  // namespace xmpp
