#include "stream/management/resend.hpp"

#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using detail::kind_of;
using detail::outgoing_stanza;

const auto long_ago = std::chrono::system_clock::time_point(std::chrono::seconds(951782400));
const jid user("c@d/new");

TEST(kinds, are_told_by_name_and_namespace) {
    EXPECT_EQ(kind_of("<message/>"), stanza_kind::message);
    EXPECT_EQ(kind_of("<presence to='a'/>"), stanza_kind::presence);
    EXPECT_EQ(kind_of("<iq><query xmlns='x'/></iq>"), stanza_kind::iq);
    EXPECT_EQ(kind_of("<message xmlns='jabber:client'/>"), stanza_kind::message);
    EXPECT_EQ(kind_of("<message xmlns='urn:x'/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<message xmlns='jabber&#58;client'/>"), stanza_kind::message);
    EXPECT_EQ(kind_of("<c:iq xmlns:c='jabber:client'/>"), stanza_kind::iq);
    EXPECT_EQ(kind_of("<c:iq xmlns:c='urn:x'/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<stream:error/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<messages/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<r xmlns='urn:xmpp:sm:3'/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<iq"), stanza_kind::other);
    EXPECT_EQ(kind_of(""), stanza_kind::other);
}

TEST(another_stream, gets_a_message_with_its_time) {
    const outgoing_stanza original{
        stanza_kind::message,
        "<message to='a@b' from='c@d/old' id='1'><body>x &amp; y</body></message>", long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user),
              "<message to='a@b' id='1'><body>x &amp; y</body>"
              "<delay xmlns='urn:xmpp:delay' stamp='2000-02-29T00:00:00Z'/></message>");
}

TEST(another_stream, leaves_a_time_that_is_there) {
    const outgoing_stanza original{
        stanza_kind::message,
        "<message xml:lang='en'><delay xmlns='urn:xmpp:delay' stamp='1999-01-01T00:00:00Z'/>"
        "</message>",
        long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user), original.xml);
}

TEST(another_stream, takes_a_message_of_any_shape) {
    const auto stamped = [](const std::string& before, const std::string& after) {
        const std::string delay = "<delay xmlns='urn:xmpp:delay' stamp='2000-02-29T00:00:00Z'/>";
        const auto xml = before + after;
        const outgoing_stanza original{stanza_kind::message, xml, long_ago};
        EXPECT_TRUE(detail::can_be_sent(xml)) << xml.substr(0, 100);
        EXPECT_EQ(detail::for_another_stream(original, user), before + delay + after);
    };
    stamped("<message><!-- > </message> --><body>]]&gt;<![CDATA[</message>]]></body>",
            "</message>");
    stamped("<message a='>' b=\"&lt;/message>\">", "</message >");
    stamped("<c:message xmlns:c='jabber:client'>", "</c:message>");
    stamped("<message><x><delay xmlns='urn:xmpp:delay'/></x>", "</message>");
    stamped("<message><delay xmlns='urn:other'/>", "</message>");
    stamped("<message>" + std::string(3'000'000, 'x'), "</message>");
    std::string attributes;
    for (int i = 0; i < 3000; ++i) attributes += " a" + std::to_string(i) + "='" + "'";
    stamped("<message><x" + attributes + "/>", "</message>");
    std::string opened;
    std::string closed;
    for (int i = 0; i < 1000; ++i) {
        opened += "<x" + std::to_string(i) + ">";
        closed.insert(0, "</x" + std::to_string(i) + ">");
    }
    stamped("<message>" + opened + closed, "</message>");
    const outgoing_stanza empty{stanza_kind::message, "<message to='a@b' />", long_ago};
    EXPECT_EQ(detail::for_another_stream(empty, user),
              "<message to='a@b' ><delay xmlns='urn:xmpp:delay' stamp='2000-02-29T00:00:00Z'/>"
              "</message>");
}

TEST(another_stream, knows_a_time_by_its_namespace_however_it_is_declared) {
    for (const std::string xml :
         {"<message xmlns:d='urn:xmpp:delay'><d:delay stamp='x'/></message>",
          "<message><d:delay xmlns:d=\"urn:xmpp:delay\" stamp='x'></d:delay></message>"}) {
        const outgoing_stanza original{stanza_kind::message, xml, long_ago};
        EXPECT_EQ(detail::for_another_stream(original, user), xml);
    }
}

TEST(what_is_sent_again, is_a_stanza_and_well_formed) {
    for (const char* xml : {"<message/>", "<iq type='get'><a:b xmlns:a='urn:x'/></iq>",
                            "<presence><!-- x --></presence>"}) {
        EXPECT_TRUE(detail::can_be_sent(xml)) << xml;
    }
    for (const char* xml :
         {"", "text", "<r xmlns='urn:xmpp:sm:3'/>", "<message>", "<message></presence>",
          "<message/><message/>", "<message/> ", "<message>&nope;</message>",
          "<message a='1' a='2'/>", "<message><p:x/></message>", "<message>\x1a</message>",
          "<message>\xff</message>", "<message><a></b></message>", "<message a=b/>",
          "<message><!-- -- --></message>", "<message", "<message/",
          "<message></message></stream:stream><stream:stream>"}) {
        EXPECT_FALSE(detail::can_be_sent(xml)) << xml;
    }
}

TEST(another_stream, stamps_nothing_but_messages) {
    const outgoing_stanza original{stanza_kind::presence, "<presence from='c@d/old'/>", long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user), "<presence/>");
}

TEST(another_stream, of_a_component_has_the_sender_of_before) {
    const outgoing_stanza original{stanza_kind::presence, "<presence from='room@c.d/nick'/>",
                                   long_ago};
    EXPECT_EQ(detail::for_another_stream(original, jid("c.d")), original.xml);
}

TEST(the_same_stream, gets_a_stanza_without_its_sender) {
    const outgoing_stanza with{stanza_kind::message, "<message from='c@d/old' to='a@b'/>",
                               long_ago};
    EXPECT_EQ(detail::without_sender(with, user), "<message to='a@b'/>");
    const outgoing_stanza misleading{
        stanza_kind::message, "<message id=' from=' from='from@d/old' to='from@b'/>", long_ago};
    EXPECT_EQ(detail::without_sender(misleading, user), "<message id=' from=' to='from@b'/>");
    const outgoing_stanza without{stanza_kind::message, "<message  to='a@b' />", long_ago};
    EXPECT_EQ(detail::without_sender(without, user), without.xml) << "byte by byte";
}

}  // namespace
}  // namespace xmpp::test
