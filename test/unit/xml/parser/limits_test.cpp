#include "stream_transcript.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xmpp {
namespace {

using test::in_stream;
using test::parse_pieces;
using test::parse_stream;
using test::transcript;

const transcript too_much{"opened", "error: policy-violation"};

std::string repeat(std::string_view what, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += what;
    return all;
}

std::string nested(std::size_t depth) {
    return repeat("<a>", depth) + repeat("</a>", depth);
}

detail::xml_limits small_stanzas(std::size_t bytes) {
    detail::xml_limits limits;
    limits.stanza_bytes = bytes;
    return limits;
}

TEST(xml_limits, depth_up_to_the_limit) {
    EXPECT_EQ(parse_stream(in_stream(nested(118))).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream(nested(128))).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream(nested(129))), too_much);
    EXPECT_EQ(parse_stream(in_stream(nested(100'000))), too_much);
}

TEST(xml_limits, a_deep_tree_costs_no_stack) {
    detail::xml_limits deep;
    deep.depth = 200'000;
    const auto events = parse_pieces(in_stream(nested(100'000)), 65'536, deep);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_TRUE(events[1].ends_with("</a></a></a>"));
}

TEST(xml_limits, size_up_to_the_limit) {
    const std::string fits = "<a>" + std::string(993, 'x') + "</a>";
    const std::string exceeds = "<a>" + std::string(994, 'x') + "</a>";
    ASSERT_EQ(fits.size(), 1000u);
    EXPECT_EQ(parse_stream(in_stream(fits), small_stanzas(1000)).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream(exceeds), small_stanzas(1000)), too_much);
    EXPECT_EQ(parse_stream(in_stream("<b/>" + fits + "<b/>"), small_stanzas(1000)).size(), 4u);
}

TEST(xml_limits, the_end_of_the_stanza_is_not_waited_for) {
    const std::string endless = "<a><b>" + std::string(1100, 'x');
    EXPECT_EQ(parse_stream(in_stream(endless), small_stanzas(1000)), too_much);
    EXPECT_EQ(parse_stream(in_stream("<a><b/><b/>" + repeat("<c/>", 400)), small_stanzas(1000)),
              too_much);
}

TEST(xml_limits, long_names_values_and_namespaces) {
    const std::string mebibyte(1U << 20U, 'n');
    for (const std::string& content :
         {"<" + mebibyte + "/>", "<a " + mebibyte + "=''/>", "<a b='" + mebibyte + "'/>",
          "<a xmlns='" + mebibyte + "'/>"}) {
        EXPECT_EQ(parse_stream(in_stream(content)), too_much);
    }
    const std::string name(1024, 'n');
    EXPECT_EQ(parse_stream(in_stream("<" + name + "/>")).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream("<" + name + "n/>")), too_much);
    EXPECT_EQ(parse_stream(in_stream("<a " + name + "n=''/>")), too_much);
    EXPECT_EQ(parse_stream(in_stream("<a xmlns='" + name + "n'/>")), too_much);
    EXPECT_EQ(parse_stream(in_stream("<a xmlns:" + name + "n='u' " + name + "n:b=''/>")), too_much);
}

TEST(xml_limits, attribute_values_up_to_the_limit) {
    const std::string value(65'536, 'v');
    EXPECT_EQ(parse_stream(in_stream("<a b='" + value + "'/>")).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream("<a b='" + value + "v'/>")), too_much);
}

std::string with_attributes(std::size_t count) {
    std::string tag = "<a";
    for (std::size_t i = 0; i < count; ++i) tag += " b" + std::to_string(i) + "=''";
    return tag + "/>";
}

TEST(xml_limits, attributes_up_to_the_limit) {
    EXPECT_EQ(parse_stream(in_stream(with_attributes(256))).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream(with_attributes(257))), too_much);
    EXPECT_EQ(parse_stream(in_stream(with_attributes(100'000))), too_much);
}

TEST(xml_limits, many_children) {
    const auto events = parse_stream(in_stream("<a>" + repeat("<b/>", 10'000) + "</a>"));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1], "<a xmlns='jabber:client'>" + repeat("<b/>", 10'000) + "</a>");
}

TEST(xml_limits, many_namespace_declarations) {
    std::string tag = "<a";
    for (int i = 0; i < 100'000; ++i) tag += " xmlns:n" + std::to_string(i) + "='u'";
    EXPECT_EQ(parse_stream(in_stream(tag + "/>")), too_much);
}

TEST(xml_limits, namespace_declarations_up_to_the_limit) {
    const auto tag = [](int count) {
        std::string text = "<a";
        for (int i = 0; i < count; ++i) text += " xmlns:n" + std::to_string(i) + "='u'";
        return text + "/>";
    };
    EXPECT_EQ(parse_stream(in_stream(tag(256))).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream(tag(257))), too_much);
}

TEST(xml_limits, there_are_never_enough_attributes_for_collisions_to_matter) {
    std::string tag = "<a";
    for (std::size_t i = 1; i <= 300; ++i) tag += " " + std::string(i, 'b') + "=''";
    EXPECT_EQ(parse_stream(in_stream(tag + "/>")), too_much);
}

TEST(xml_limits, a_start_tag_without_an_end) {
    EXPECT_EQ(parse_stream(in_stream("<a b='" + std::string(20'000, '>')), small_stanzas(10'000)),
              too_much);
    EXPECT_EQ(parse_stream(in_stream("<a " + std::string(1100, ' ') + "b=''/>")).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream("<a>&" + std::string(2000, 'e'))).back(),
              "error: not-well-formed");
    EXPECT_EQ(parse_stream(in_stream("<!--" + std::string(2000, 'e'))).back(),
              "error: restricted-xml");
}

TEST(xml_limits, a_long_tag_in_small_pieces_is_read_like_a_short_one) {
    std::string tag = "<a b='" + repeat("\">", 3000) + "' c=\"" + repeat("'>", 3000) + "\">x</a>";
    const auto events = parse_stream(in_stream(tag + "<d/>"));
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[2], "<d xmlns='jabber:client'/>");
}

TEST(xml_limits, white_space_between_stanzas_is_not_counted) {
    const auto bytes = in_stream("<a/>" + std::string(10U << 20U, '\n') + "<a/>");
    EXPECT_EQ(parse_pieces(bytes, 4096, small_stanzas(1000)).size(), 3u);
}

TEST(xml_limits, a_prefix_does_not_multiply_a_namespace_beyond_bounds) {
    const std::string uri(1000, 'u');
    std::string content = "<a xmlns:p='p" + uri + "' xmlns:q='q" + uri + "' xmlns:r='r" + uri +
                          "' xmlns:s='s" + uri + "u' xmlns:t='t" + uri + "uu'>";
    const auto legal = content + repeat("<p:x/><q:x/>", 40'000) + "</a>";
    EXPECT_EQ(parse_pieces(in_stream(legal), 65'536).size(), 2u);
}

TEST(xml_limits, a_long_text_in_pieces_is_one_text) {
    const std::string text = repeat("line &amp; \xF0\x9F\x98\x80\n", 2000);
    const auto events = parse_stream(in_stream("<a>" + text + "</a>"));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1], "<a xmlns='jabber:client'>" + text + "</a>");
}

}  // namespace
}  // namespace xmpp
