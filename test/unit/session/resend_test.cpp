#include "session/resend.hpp"

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
    EXPECT_EQ(kind_of("<messages/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<r xmlns='urn:xmpp:sm:3'/>"), stanza_kind::other);
    EXPECT_EQ(kind_of("<iq"), stanza_kind::other);
    EXPECT_EQ(kind_of(""), stanza_kind::other);
}

TEST(another_stream, gets_a_message_with_its_time) {
    const outgoing_stanza original{
        stanza_kind::message,
        "<message to='a@b' from='c@d/old' id='1'><body>x &amp; y</body></message>", long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user).to_xml(),
              "<message to='a@b' id='1'><body>x &amp; y</body>"
              "<delay xmlns='urn:xmpp:delay' stamp='2000-02-29T00:00:00Z'/></message>");
}

TEST(another_stream, leaves_a_time_that_is_there) {
    const outgoing_stanza original{
        stanza_kind::message,
        "<message xml:lang='en'><delay xmlns='urn:xmpp:delay' stamp='1999-01-01T00:00:00Z'/>"
        "</message>",
        long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user).to_xml(), original.xml);
}

TEST(another_stream, stamps_nothing_but_messages) {
    const outgoing_stanza original{stanza_kind::presence, "<presence from='c@d/old'/>", long_ago};
    EXPECT_EQ(detail::for_another_stream(original, user).to_xml(), "<presence/>");
}

TEST(another_stream, of_a_component_has_the_sender_of_before) {
    const outgoing_stanza original{stanza_kind::presence, "<presence from='room@c.d/nick'/>",
                                   long_ago};
    EXPECT_EQ(detail::for_another_stream(original, jid("c.d")).to_xml(), original.xml);
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
