#include "xml/parser/stream_parser.hpp"

#include <xmpp/stanza.hpp>

#include "stream_transcript.hpp"
#include "xml/parser/document_parser.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace xmpp {
namespace {

using detail::stream_event_kind;
using detail::stream_parser;
using test::header;
using test::in_stream;

TEST(stream_parser, reports_the_header_with_its_attributes) {
    stream_parser parser;
    parser.feed(header);
    auto event = parser.next();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->kind(), stream_event_kind::stream_opened);
    const stanza opened = event->content();
    EXPECT_EQ(opened->name(), "stream");
    EXPECT_EQ(opened->ns(), "http://etherx.jabber.org/streams");
    EXPECT_EQ(opened->attr("from"), "example.org");
    EXPECT_EQ(opened->attr("version"), "1.0");
    EXPECT_EQ(opened.kind(), stanza_kind::other);
    EXPECT_FALSE(parser.next());
}

TEST(stream_parser, takes_a_header_only_with_the_namespace_of_its_stanzas) {
    const auto outcome = [](std::string_view declaration, bool of_component) {
        detail::stream_parser parser;
        if (of_component) parser.of_component();
        parser.feed("<s:stream xmlns:s='http://etherx.jabber.org/streams'");
        parser.feed(declaration);
        parser.feed(">");
        test::transcript events;
        test::drain(parser, events);
        return events.empty() ? std::string() : events.front();
    };
    EXPECT_EQ(outcome(" xmlns='jabber:client'", false), "opened");
    EXPECT_EQ(outcome(" xmlns='jabber:component:accept'", true), "opened");
    EXPECT_EQ(outcome("", false), "opened") << "each stanza declares its own";
    EXPECT_EQ(outcome(" xmlns='http://etherx.jabber.org/streams'", false), "opened");
    for (const auto* other : {" xmlns='jabber:server'", " xmlns='jabber:component:accept'"}) {
        EXPECT_EQ(outcome(other, false), "error: invalid-namespace") << other;
    }
    EXPECT_EQ(outcome(" xmlns='jabber:client'", true), "error: invalid-namespace");
}

TEST(stream_parser, hands_out_a_stanza_as_soon_as_its_last_byte_is_there) {
    stream_parser parser;
    parser.feed(in_stream("<message><body>x</body></message"));
    EXPECT_TRUE(parser.next());
    EXPECT_FALSE(parser.next());
    parser.feed(">");
    EXPECT_TRUE(parser.next());
}

TEST(stream_parser, a_large_stanza_delays_no_earlier_one) {
    stream_parser parser;
    parser.feed(in_stream("<a/><message><body>" + std::string(100'000, 'x')));
    EXPECT_EQ(parser.next()->kind(), stream_event_kind::stream_opened);
    EXPECT_EQ(parser.next()->content().root().name(), "a");
    EXPECT_FALSE(parser.next());
    parser.feed("</body></message");
    EXPECT_FALSE(parser.next());
    parser.feed(">");
    const stanza large = parser.next()->content();
    EXPECT_EQ(large->child("body")->text().size(), 100'000u);
}

TEST(stream_parser, a_character_may_be_split_anywhere) {
    const std::string content = in_stream("<a b='\xF0\x9F\x98\x80'>\xF0\x9F\x98\x80</a>");
    for (std::size_t cut = 0; cut <= content.size(); ++cut) {
        stream_parser parser;
        parser.feed(std::string_view(content).substr(0, cut));
        parser.feed(std::string_view(content).substr(cut));
        EXPECT_TRUE(parser.next());
        const stanza received = parser.next()->content();
        EXPECT_EQ(received->text(), "\xF0\x9F\x98\x80") << cut;
        EXPECT_EQ(received->attr("b"), "\xF0\x9F\x98\x80") << cut;
    }
}

TEST(stream_parser, throws_the_same_error_again) {
    stream_parser parser;
    parser.feed(in_stream("<a/><b></c>"));
    EXPECT_TRUE(parser.next());
    EXPECT_TRUE(parser.next());
    for (int i = 0; i < 2; ++i) {
        try {
            (void)parser.next();
            FAIL() << "no error";
        } catch (const error& e) {
            EXPECT_EQ(e.code(), stream_condition::not_well_formed);
            EXPECT_FALSE(e.explanation().empty());
        }
    }
    parser.feed("</b><good/>");
    EXPECT_THROW((void)parser.next(), error);
}

TEST(stream_parser, is_idle_only_when_nothing_came_after_the_last_event) {
    stream_parser parser;
    EXPECT_TRUE(parser.idle());
    parser.feed(in_stream("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    EXPECT_FALSE(parser.idle()) << "events are waiting";
    (void)parser.next();
    EXPECT_FALSE(parser.idle());
    (void)parser.next();
    EXPECT_TRUE(parser.idle());
    parser.feed("<");
    EXPECT_FALSE(parser.idle()) << "the beginning of something";
    parser.feed("a></a>");
    (void)parser.next();
    EXPECT_TRUE(parser.idle());
    parser.feed("\n");
    EXPECT_FALSE(parser.idle()) << "even white space";
}

TEST(stream_parser, is_not_idle_after_an_error) {
    stream_parser parser;
    parser.feed("<?xml version='1.0'?><!DOCTYPE x>");
    EXPECT_FALSE(parser.idle());
}

TEST(stream_parser, begins_anew_after_reset) {
    stream_parser parser;
    parser.feed(in_stream("<a/><b></c>"));
    for (int i = 0; i < 3; ++i) {
        parser.reset();
        EXPECT_TRUE(parser.idle());
        EXPECT_FALSE(parser.next());
        parser.feed("<?xml version='1.0'?>");
        parser.feed(in_stream("<a/><b " + std::string(2000, ' ')));
        EXPECT_EQ(parser.next()->kind(), stream_event_kind::stream_opened);
        EXPECT_EQ(parser.next()->kind(), stream_event_kind::stanza_received);
        EXPECT_FALSE(parser.next());
    }
}

TEST(stream_parser, stanzas_inherit_the_language_of_the_stream) {
    stream_parser parser;
    parser.feed(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "xml:lang='de'><message><body>x</body><body xml:lang='en'>y</body></message>");
    EXPECT_EQ(parser.next()->content().root().lang(), "de");
    const stanza received = parser.next()->content();
    EXPECT_EQ(received->lang(), "de");
    std::vector<std::string> languages;
    for (const element& body : received->children("body")) languages.emplace_back(body.lang());
    EXPECT_EQ(languages, (std::vector<std::string>{"de", "en"}));
    parser.reset();
    parser.feed(in_stream("<message/>"));
    (void)parser.next();
    const stanza next = parser.next()->content();
    EXPECT_EQ(next->lang(), "") << "the old stream's language is gone";
}

TEST(stream_parser, a_stanza_outlives_its_parser) {
    std::optional<stanza> kept;
    {
        stream_parser parser;
        parser.feed(in_stream("<a b='c'>text</a><d/>"));
        (void)parser.next();
        kept = parser.next()->content();
    }
    EXPECT_EQ((*kept)->text(), "text");
}

TEST(stream_parser, handles_may_be_used_and_dropped_in_several_threads) {
    const auto shared = stanza::parse("<message><body>x</body></message>");
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([copy = shared] {
            for (int k = 0; k < 1000; ++k) {
                const stanza mine = copy;
                EXPECT_EQ(mine->child("body")->text(), "x");
            }
        });
    }
}

TEST(document_parser, can_be_used_again_after_an_error) {
    detail::document_parser parser;
    EXPECT_THROW((void)parser.parse("<a><b></a>"), error);
    const stanza read = parser.parse("<?xml version='1.0'?> <a xmlns='urn:x'>t</a> ", "fr");
    EXPECT_EQ(read->ns(), "urn:x");
    EXPECT_EQ(read->lang(), "fr");
}

TEST(document_parser, wants_one_whole_document) {
    for (const auto* xml : {"", "   ", "<a>", "<a/><b/>", "text", "<a/>x", "<a/><!-- x -->"})
        EXPECT_THROW((void)detail::parse_document(xml), error) << xml;
}

TEST(document_parser, does_not_take_a_stream_element_for_a_stream) {
    const stanza read = detail::parse_document(std::string(header) + "<a/></stream:stream>");
    EXPECT_NE(read->child("a", "jabber:client"), nullptr);
}

}  // namespace
}  // namespace xmpp
