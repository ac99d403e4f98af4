#include <xmpp/stanza.hpp>

#include "allocation_counter.hpp"
#include "xml/parser/stream_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='capulet.example' version='1.0'>";

constexpr std::string_view short_message =
    "<message from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' "
    "type='chat' id='b4a91c3e-7d15'><body>Shall I hear more?</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/></message>";

std::string long_message() {
    std::string xml = "<message xmlns:x='urn:example:x'><list xmlns='urn:example:list'>";
    for (int i = 0; i < 400; ++i) xml += "<item x:kind='entry'>Some text &amp; more</item>";
    return xml + "</list></message>";
}

class parsing : public ::testing::Test {
 protected:
    parsing() { read(header); }

    void read(std::string_view xml) {
        parser_.feed(xml);
        const auto event = parser_.next();
        ASSERT_TRUE(event) << "no complete element: " << xml.substr(0, 80);
    }

    detail::stream_parser parser_;
};

TEST_F(parsing, a_stanza_is_one_allocation) {
    read(short_message);  // the parser's arrays grow to what its stream needs, and are kept
    const int used = allocations_of([&] {
        for (int i = 0; i < 100; ++i) read(short_message);
    });
    show("parse of a short message", 100, used);
    EXPECT_EQ(used, 100);
}

TEST_F(parsing, a_stanza_of_hundreds_of_elements_is_one_allocation) {
    const auto xml = long_message();
    read(xml);
    const int used = allocations_of([&] {
        for (int i = 0; i < 10; ++i) read(xml);
    });
    show("parse of a message with 400 children", 10, used);
    EXPECT_EQ(used, 10);
}

TEST_F(parsing, a_stanza_in_small_pieces_is_one_allocation) {
    read(short_message);
    const int used = allocations_of([&] {
        for (std::size_t at = 0; at + 8 < short_message.size(); at += 8)
            parser_.feed(short_message.substr(at, 8));
        read(short_message.substr((short_message.size() - 1) / 8 * 8));
    });
    show("parse of a short message in pieces of 8 bytes", 1, used);
    EXPECT_EQ(used, 1);
}

TEST_F(parsing, reading_and_copying_a_stanza_is_no_allocation) {
    parser_.feed(short_message);
    const stanza received(parser_.next()->content());
    std::size_t seen = 0;
    const int used = allocations_of([&] {
        const stanza copy = received;
        seen += copy->child("body")->text().size() + copy.id().size() + copy.type().size();
        for (const auto& child : copy->children()) seen += child.ns().size();
    });
    show("reading a stanza, and a copy of its handle", 1, used);
    EXPECT_GT(seen, 0u);
    EXPECT_EQ(used, 0);
}

}  // namespace
}  // namespace xmpp::test
