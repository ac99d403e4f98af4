#include "xml/parser/framed_parser.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {
namespace {

using detail::framed_parser;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What the messages hold, each element as XML.
std::vector<std::string> elements_of(const std::vector<std::string>& messages) {
    framed_parser parser;
    std::vector<std::string> found;
    for (const auto& message : messages) {
        parser.feed(message);
        while (auto element = parser.next()) found.push_back(element->root().to_xml());
    }
    EXPECT_TRUE(parser.idle());
    return found;
}

std::error_code failure_of(std::string_view message, std::size_t elements_before = 0) {
    framed_parser parser;
    parser.feed("<presence xmlns='jabber:client'/>");
    parser.feed(message);
    std::size_t elements = 0;
    std::error_code code;
    try {
        while (parser.next()) ++elements;
    } catch (const error& thrown) {
        code = thrown.code();
    }
    EXPECT_EQ(elements, elements_before + 1) << message;
    parser.feed("<presence/>");
    try {
        (void)parser.next();
        if (code) ADD_FAILURE() << "goes on after " << message;
    } catch (const error& thrown) {
        EXPECT_EQ(thrown.code(), code);
    }
    EXPECT_FALSE(code && parser.idle());
    return code;
}

TEST(framed_parser, gives_an_element_for_each_message) {
    EXPECT_THAT(elements_of({"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='1'/>",
                             "<message xmlns='jabber:client'><body>1 &lt; 2</body></message>"}),
                ElementsAre("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='1'/>",
                            "<message xmlns='jabber:client'><body>1 &lt; 2</body></message>"));
}

TEST(framed_parser, takes_several_elements_in_one_message) {
    EXPECT_THAT(elements_of({"<a xmlns='x'/><b xmlns='x'/>\n<c xmlns='x'/>"}),
                ElementsAre("<a xmlns='x'/>", "<b xmlns='x'/>", "<c xmlns='x'/>"));
}

TEST(framed_parser, skips_declarations_white_space_and_empty_messages) {
    EXPECT_THAT(elements_of({"<?xml version='1.0'?><a xmlns='x'/>", "", " \r\n\t",
                             " <?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?xml version='1.0'?> "
                             "<b xmlns='x'/>\n"}),
                ElementsAre("<a xmlns='x'/>", "<b xmlns='x'/>"));
    EXPECT_THAT(elements_of({"<?xml version='1.0'?>"}), IsEmpty());
}

TEST(framed_parser, knows_the_namespaces_that_a_stream_would_declare) {
    framed_parser parser;
    parser.feed("<stream:features/>");
    const stanza features(*parser.next());
    EXPECT_EQ(features->ns(), ns::streams);
    parser.feed("<message/>");
    const stanza message(*parser.next());
    EXPECT_EQ(message.kind(), stanza_kind::message);
    parser.feed(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind "
        "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
    const stanza declared(*parser.next());
    EXPECT_EQ(declared->ns(), ns::streams);
}

TEST(framed_parser, gives_elements_the_language_of_the_stream) {
    framed_parser parser;
    parser.language("de");
    parser.feed("<message/>");
    EXPECT_EQ(parser.next()->root().lang(), "de");
    parser.reset();
    parser.feed("<message/>");
    EXPECT_EQ(parser.next()->root().lang(), "");
}

TEST(framed_parser, refuses_text_and_stream_tags) {
    EXPECT_EQ(failure_of("some text"), stream_condition::bad_format);
    EXPECT_EQ(failure_of("<a/>text", 1), stream_condition::bad_format);
    EXPECT_EQ(failure_of("<stream:stream xmlns='jabber:client' "
                         "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"),
              stream_condition::invalid_xml);
    EXPECT_EQ(failure_of("</stream:stream>"), stream_condition::invalid_xml);
}

TEST(framed_parser, refuses_a_message_that_is_not_whole) {
    for (const auto* message :
         {"<", "<message", "<message>", "<message><body/>", "<message><body>text</body></message",
          "<message a='", "<message><![CDATA[x]]>"}) {
        EXPECT_EQ(failure_of(message), stream_condition::not_well_formed) << message;
    }
    EXPECT_EQ(failure_of("<a/><b>", 1), stream_condition::not_well_formed);
    EXPECT_EQ(failure_of("<a></b>"), stream_condition::not_well_formed);
    EXPECT_EQ(failure_of("<?xml version='1.0'"), stream_condition::not_well_formed);
    EXPECT_EQ(failure_of(std::string(100'000, '<')), stream_condition::not_well_formed);
    EXPECT_EQ(failure_of("<a b='" + std::string(200'000, 'x')), stream_condition::not_well_formed);
}

TEST(framed_parser, has_the_limits_of_a_stream) {
    EXPECT_EQ(failure_of("<!-- no -->"), stream_condition::restricted_xml);
    EXPECT_EQ(failure_of("<?php ?><a/>"), stream_condition::restricted_xml);
    EXPECT_EQ(failure_of("<!DOCTYPE a><a/>"), stream_condition::restricted_xml);
    EXPECT_EQ(failure_of("<x:a/>"), stream_condition::bad_namespace_prefix);
    EXPECT_EQ(failure_of("<a>" + std::string(2U << 20U, 'x') + "</a>"),
              stream_condition::policy_violation);
    std::string deep;
    for (int i = 0; i < 200; ++i) deep += "<a>";
    for (int i = 0; i < 200; ++i) deep += "</a>";
    EXPECT_EQ(failure_of(deep), stream_condition::policy_violation);
}

TEST(framed_parser, begins_anew_after_an_error) {
    framed_parser parser;
    parser.feed("<a>");
    EXPECT_THROW((void)parser.next(), error);
    parser.reset();
    EXPECT_TRUE(parser.idle());
    parser.feed("<a xmlns='x'/>");
    EXPECT_EQ(parser.next()->root().to_xml(), "<a xmlns='x'/>");
}

}  // namespace
}  // namespace xmpp::test
