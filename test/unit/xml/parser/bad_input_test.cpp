#include <xmpp/element.hpp>

#include "stream_transcript.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

// The bad inputs of section A (docs/coverage.md), as far as one stream and its parser are
// concerned. Each runs with the bytes at once, one at a time, in small pieces, and cut in two
// everywhere.

namespace xmpp {
namespace {

using test::transcript;
using namespace std::string_literals;

struct input_case {
    std::string name;
    std::string bytes;
    transcript expected;
};

class bad_xml : public testing::TestWithParam<input_case> {};

TEST_P(bad_xml, is_handled_alike_however_it_is_cut) {
    EXPECT_EQ(test::parse_stream(GetParam().bytes), GetParam().expected);
}

input_case stanza_case(std::string name, std::string_view content, transcript after_header) {
    after_header.insert(after_header.begin(), "opened");
    return {std::move(name), test::in_stream(content), std::move(after_header)};
}

input_case refused(std::string name, std::string_view content, const std::string& condition) {
    return stanza_case(std::move(name), content, {"error: " + condition});
}

input_case refused_stream(std::string name, std::string bytes, const std::string& condition) {
    return {std::move(name), std::move(bytes), {"error: " + condition}};
}

input_case text_case(std::string name, std::string_view text, std::string_view escaped) {
    return stanza_case(std::move(name), "<a>" + std::string(text) + "</a>",
                       {"<a xmlns='jabber:client'>" + std::string(escaped) + "</a>"});
}

const std::string stream_ns = "http://etherx.jabber.org/streams";

std::vector<input_case> declarations() {
    const std::string laughs =
        "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>";
    const std::string header(test::header);
    return {
        refused_stream("doctype_before_the_stream", "<!DOCTYPE x>" + header, "restricted-xml"),
        refused("doctype_between_stanzas", "<!DOCTYPE x><a/>", "restricted-xml"),
        refused("doctype_inside_a_stanza", "<a><!DOCTYPE x></a>", "restricted-xml"),
        refused_stream("internal_entity",
                       "<!DOCTYPE x [<!ENTITY e 'text'>]>" + header + "<a>&e;</a>",
                       "restricted-xml"),
        refused_stream("billion_laughs", laughs + header + "<a>&c;</a>", "restricted-xml"),
        refused_stream("external_dtd", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + header,
                       "restricted-xml"),
        refused_stream("external_entity",
                       "<!DOCTYPE x [<!ENTITY e SYSTEM 'http://example.org/'>]>" + header,
                       "restricted-xml"),
        refused("processing_instruction", "<?php echo ?><a/>", "restricted-xml"),
        refused("processing_instruction_in_a_stanza", "<a><?php echo ?></a>", "restricted-xml"),
        refused("broken_instruction", "<?php \xFF ?><a/>", "not-well-formed"),
        refused("long_instruction_that_breaks_late",
                "<?php " + std::string(2000, ' ') + "\xFF\xFF ?>", "restricted-xml"),
        refused("long_comment_that_breaks_late",
                "<a><!-- " + std::string(2000, ' ') + "\xFF\xFF --></a>", "restricted-xml"),
        refused_stream("long_declaration",
                       "<?xml version='1.0'" + std::string(2000, ' ') + "?>" + header,
                       "restricted-xml"),
        refused("long_declaration_behind_text",
                "<a>text<?xml version=" + std::string(2000, 'q') + "'1.0'?></a>", "restricted-xml"),
        refused_stream("a_long_literal_in_place_of_the_stream",
                       "<?xml version='1.0'?>\"" + std::string(2000, 'q') + "\x01",
                       "not-well-formed"),
        refused_stream("a_long_declaration_of_nothing",
                       "<!xml version='1.0'" + std::string(2000, ' ') + "?>" + header,
                       "not-well-formed"),
        refused_stream("long_declaration_that_breaks_late",
                       "<?xml version='1.0'?'" + std::string(2000, ' ') + "\xFF\xFF",
                       "restricted-xml"),
        refused("comment_before_a_stanza", "<!-- x --><a/>", "restricted-xml"),
        refused("comment_inside_a_stanza", "<a><!-- x --></a>", "restricted-xml"),
        refused("unknown_entity", "<a>&foo;</a>", "not-well-formed"),
        refused("unknown_entity_in_an_attribute", "<a b='&foo;'/>", "not-well-formed"),
        {"utf16_declared",
         "<?xml version='1.0' encoding='UTF-16'?>" + header,
         {"error: unsupported-encoding"}},
        {"latin1_declared",
         "<?xml version='1.0' encoding='ISO-8859-1'?>" + header,
         {"error: unsupported-encoding"}},
        {"utf8_in_other_case",
         "<?xml version='1.0' encoding='uTf-8'?>" + header + "<a/>",
         {"opened", "<a xmlns='jabber:client'/>"}},
        refused_stream("utf16_byte_order_mark", "\xFF\xFE<\0s\0"s, "unsupported-encoding"),
        refused_stream("utf16_byte_order_mark_big_endian", "\xFE\xFF\0<"s, "unsupported-encoding"),
        refused_stream("utf16_without_byte_order_mark", "4\0<\0s\0"s, "not-well-formed"),
        {"utf8_byte_order_mark_at_the_start",
         "\xEF\xBB\xBF" + header + "<a/>",
         {"opened", "<a xmlns='jabber:client'/>"}},
        text_case("zero_width_no_break_space_in_text", "x\xEF\xBB\xBFy", "x\xEF\xBB\xBFy"),
        refused("second_xml_declaration", "<?xml version='1.0'?><a/>", "not-well-formed"),
        refused_stream("stream_in_a_wrong_namespace", "<stream xmlns='urn:other'>",
                       "invalid-namespace"),
        refused_stream("root_that_is_no_stream", "<s:foo xmlns:s='" + stream_ns + "'>",
                       "bad-format"),
    };
}

std::vector<input_case> characters() {
    std::vector<input_case> cases{
        text_case("numeric_reference", "&#65;", "A"),
        refused("reference_to_nul", "<a>&#0;</a>", "not-well-formed"),
        refused("reference_to_a_control_character", "<a>&#x1F;</a>", "not-well-formed"),
        refused("reference_to_a_non_character", "<a>&#xFFFE;</a>", "not-well-formed"),
        refused("reference_to_a_surrogate", "<a>&#xD800;</a>", "not-well-formed"),
        text_case("four_byte_character", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"),
        refused("cdata_end_in_text", "<a>]]></a>", "not-well-formed"),
        text_case("cdata_is_text", "<![CDATA[<b>&amp;</b>]]>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
        text_case("markup_as_a_value_stays_text", "&lt;b/&gt;", "&lt;b/&gt;"),
    };
    for (int c = 0; c < 0x20; ++c) {
        if (c == '\t' || c == '\n' || c == '\r') continue;  // these are white space
        cases.push_back(refused("raw_control_character_" + std::to_string(c),
                                "<a>x" + std::string(1, static_cast<char>(c)) + "</a>",
                                "not-well-formed"));
    }
    const std::vector<std::pair<std::string, std::string>> invalid{
        {"lone_trail", "\x80"},
        {"overlong_two_bytes", "\xC0\xAF"},
        {"overlong_three_bytes", "\xE0\x80\x80"},
        {"surrogate", "\xED\xA0\x80"},
        {"beyond_unicode", "\xF4\x90\x80\x80"},
        {"fe", "\xFE"},
        {"ff", "\xFF"},
        {"truncated", "\xE2\x82"}};
    for (const auto& [name, bytes] : invalid) {
        cases.push_back(
            refused("invalid_utf8_in_text_" + name, "<a>" + bytes + "</a>", "not-well-formed"));
        cases.push_back(refused("invalid_utf8_in_an_attribute_" + name, "<a b='" + bytes + "'/>",
                                "not-well-formed"));
        cases.push_back(
            refused("invalid_utf8_in_a_name_" + name, "<a" + bytes + "/>", "not-well-formed"));
        cases.push_back(refused("invalid_utf8_in_a_namespace_" + name,
                                "<a xmlns='urn:" + bytes + "'/>", "not-well-formed"));
    }
    return cases;
}

std::vector<input_case> namespaces() {
    return {
        refused("unit_separator_in_a_namespace", "<a xmlns='urn:\x1F'/>", "not-well-formed"),
        refused("form_feed_in_a_namespace", "<a xmlns='urn:\x0C'/>", "not-well-formed"),
        refused("our_separator_in_a_namespace", "<a xmlns='urn:\x01'/>", "not-well-formed"),
        refused("our_separator_as_a_reference", "<a xmlns='urn:&#1;x'/>", "not-well-formed"),
        stanza_case("line_feed_in_a_namespace", "<a xmlns='urn:x&#10;b'/>",
                    {"<a xmlns='urn:x&#10;b'/>"}),
        stanza_case("space_in_a_namespace", "<a xmlns='urn:x b'/>", {"<a xmlns='urn:x b'/>"}),
        stanza_case("vertical_bar_in_a_namespace", "<a xmlns='urn:x|b'/>",
                    {"<a xmlns='urn:x|b'/>"}),
        stanza_case("a_prefixed_attribute_beside_the_real_one",
                    "<message xmlns:x='urn:u' x:from='admin@example' from='eve@example'/>",
                    {"<message xmlns='jabber:client' xmlns:x='urn:u' x:from='admin@example' "
                     "from='eve@example'/>"}),
        stanza_case("a_stanza_with_a_prefix", "<x:message xmlns:x='jabber:client'/>",
                    {"<message xmlns='jabber:client'/>"}),
        stanza_case("a_message_in_a_stanza", "<iq><message/></iq>",
                    {"<iq xmlns='jabber:client'><message/></iq>"}),
        {"another_prefix_for_the_stream",
         "<s:stream xmlns='jabber:client' xmlns:s='" + stream_ns + "'><a/></s:stream>",
         {"opened", "<a xmlns='jabber:client'/>", "closed"}},
        refused("undeclared_prefix_of_an_element", "<x:a/>", "bad-namespace-prefix"),
        refused("undeclared_prefix_of_an_attribute", "<a x:b='1'/>", "bad-namespace-prefix"),
        refused("xml_prefix_redeclared", "<a xmlns:xml='urn:x'/>", "not-well-formed"),
        refused("xmlns_prefix_declared", "<a xmlns:xmlns='urn:x'/>", "not-well-formed"),
        refused("prefix_bound_to_nothing", "<a xmlns:x=''/>", "not-well-formed"),
        refused("duplicate_attribute", "<a b='1' b='2'/>", "not-well-formed"),
        refused("duplicate_expanded_name", "<a xmlns:x='urn:u' xmlns:y='urn:u' x:b='1' y:b='2'/>",
                "not-well-formed"),
        stanza_case("namespace_of_the_stream_header", "<stream:features><b/></stream:features>",
                    {"<features xmlns='" + stream_ns + "'><b xmlns='jabber:client'/></features>"}),
    };
}

std::vector<input_case> structure() {
    const std::string a = "<a xmlns='jabber:client'/>";
    transcript eleven(11, a);
    std::string many;
    for (int i = 0; i < 11; ++i) many += "<a/>";
    return {
        refused("mismatched_end_tag", "<a><b></a></b>", "not-well-formed"),
        stanza_case("white_space_between_stanzas",
                    "\n \r\n\t<a/>" + std::string(3000, '\n') + "<a/>", {a, a}),
        refused("text_between_stanzas", "x<a/>", "bad-format"),
        refused("text_between_stanzas_that_breaks_later", "x]]>", "bad-format"),
        refused("an_end_of_cdata_between_stanzas", "]]>", "not-well-formed"),
        refused("an_end_of_cdata_behind_white_space", "  ]]>", "not-well-formed"),
        stanza_case("text_behind_a_stanza_that_breaks_later", "<a></a>x]]]><b/>",
                    {a, "error: bad-format"}),
        stanza_case("bytes_after_the_end", "<a/></stream:stream></stream:stream><b/>\x01",
                    {a, "closed"}),
        refused("stream_in_the_stream", test::header, "invalid-xml"),
        stanza_case("empty_element_variants", "<a/><a></a><a ></a >", {a, a, a}),
        stanza_case("attribute_normalisation", "<a b='1\n2\t3&#10;4'/>",
                    {"<a xmlns='jabber:client' b='1 2 3&#10;4'/>"}),
        stanza_case("a_stanza_whose_end_is_missing_delays_no_earlier_one",
                    "<a/><a/><b>" + std::string(500, 'x'), {a, a}),
        stanza_case("eleven_stanzas_in_one_read", many, eleven),
        stanza_case("error_half_way", "<a/><b><c></b><a/>", {a, "error: not-well-formed"}),
    };
}

std::string case_name(const testing::TestParamInfo<input_case>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(declarations, bad_xml, testing::ValuesIn(declarations()), case_name);
INSTANTIATE_TEST_SUITE_P(characters, bad_xml, testing::ValuesIn(characters()), case_name);
INSTANTIATE_TEST_SUITE_P(namespaces, bad_xml, testing::ValuesIn(namespaces()), case_name);
INSTANTIATE_TEST_SUITE_P(structure, bad_xml, testing::ValuesIn(structure()), case_name);

}  // namespace
}  // namespace xmpp
