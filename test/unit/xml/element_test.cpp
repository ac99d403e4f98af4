#include <xmpp/element.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "xml/parser/stream_parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>
#include <string>
#include <type_traits>
#include <vector>

namespace xmpp {
namespace {

static_assert(!std::is_copy_constructible_v<element>);
static_assert(!std::is_default_constructible_v<element>);
static_assert(std::ranges::forward_range<decltype(std::declval<const element&>().children())>);
static_assert(std::ranges::forward_range<decltype(std::declval<const element&>().children(""))>);
static_assert(std::ranges::forward_range<decltype(std::declval<const element&>().attributes())>);

template <class T>
concept has_root = requires(T&& t) { static_cast<T&&>(t).root(); };
template <class T>
concept has_arrow = requires(T&& t) { static_cast<T&&>(t).operator->(); };
static_assert(has_root<stanza&> && has_root<const stanza&> && has_arrow<stanza&>);
static_assert(!has_root<stanza> && !has_root<const stanza> && !has_arrow<stanza>,
              "a pointer into a temporary must not compile");

std::vector<std::string> names(const auto& range) {
    std::vector<std::string> all;
    for (const element& e : range) all.emplace_back(e.name());
    return all;
}

TEST(element, tells_name_namespace_and_text) {
    const auto s = stanza::parse("<message xmlns='jabber:client'><body>a&amp;b</body></message>");
    EXPECT_EQ(s->name(), "message");
    EXPECT_EQ(s->ns(), "jabber:client");
    EXPECT_EQ(s->text(), "");
    EXPECT_EQ(s->child("body")->text(), "a&b");
    EXPECT_EQ(s->child("body")->ns(), "jabber:client");
}

TEST(element, a_child_is_looked_for_in_the_own_namespace) {
    const auto s = stanza::parse("<m xmlns='u:1'><x xmlns='u:2'/><x>here</x><y xmlns='u:2'/></m>");
    EXPECT_EQ(s->child("x")->text(), "here");
    EXPECT_EQ(s->child("y"), nullptr);
    EXPECT_EQ(s->child("x", "u:2")->ns(), "u:2");
    EXPECT_EQ(s->child("y", any_ns)->ns(), "u:2");
    EXPECT_EQ(s->child("z", any_ns), nullptr);
}

TEST(element, children_are_a_range_that_can_be_filtered) {
    const auto s = stanza::parse("<m xmlns='u:1'>t<a/>t<b xmlns='u:2'><c/></b><a/>t</m>");
    EXPECT_EQ(names(s->children()), (std::vector<std::string>{"a", "b", "a"}));
    EXPECT_EQ(names(s->children("a")), (std::vector<std::string>{"a", "a"}));
    EXPECT_EQ(names(s->children("b")), std::vector<std::string>());
    EXPECT_EQ(names(s->children("b", "u:2")), std::vector<std::string>{"b"});
    EXPECT_EQ(names(s->children("b", any_ns)), std::vector<std::string>{"b"});
    EXPECT_TRUE(s->child("a")->children().empty());
    EXPECT_EQ(std::ranges::distance(s->children()), 3);
    auto upper = s->children() | std::views::transform([](const element& e) { return e.name(); });
    EXPECT_EQ(*upper.begin(), "a");
}

TEST(element, knows_its_parent) {
    const auto s = stanza::parse("<a><b><c/></b>t<d/></a>");
    EXPECT_EQ(s->parent(), nullptr);
    const element* b = s->child("b");
    EXPECT_EQ(b->parent(), &s.root());
    EXPECT_EQ(b->child("c")->parent(), b);
    EXPECT_EQ(s->child("d")->parent(), &s.root());
}

TEST(element, text_is_all_direct_text_in_order) {
    const auto s = stanza::parse("<a>one <b>not</b>two<c/> <d/>three</a>");
    EXPECT_EQ(s->text(), "one two three");
    const auto late = stanza::parse("<a><b/>only<c/></a>");
    EXPECT_EQ(late->text(), "only");
}

TEST(element, a_prefixed_attribute_is_another_one) {
    const auto s = stanza::parse(
        "<message xmlns='jabber:client' xmlns:x='urn:u' x:from='admin@example' "
        "from='eve@example'/>");
    EXPECT_EQ(s->attr("from"), "eve@example");
    EXPECT_EQ(s.from(), jid("eve@example"));
    EXPECT_EQ(s->attr("from", "urn:u"), "admin@example");
    EXPECT_EQ(s->attributes().size(), 2u);
}

TEST(element, attributes_are_a_range_in_the_order_of_the_sender) {
    const auto s = stanza::parse("<a b='1' xmlns:p='urn:p' p:c='2' xml:lang='en' d=''/>");
    std::vector<std::string> seen;
    for (const auto a : s->attributes()) {
        seen.push_back(std::string(a.prefix) + "|" + std::string(a.name) + "|" + std::string(a.ns) +
                       "|" + std::string(a.value));
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"|b||1", "p|c|urn:p|2",
                                              "xml|lang|http://www.w3.org/XML/1998/namespace|en",
                                              "|d||"}));
}

TEST(element, an_empty_attribute_is_there) {
    const auto s = stanza::parse("<a b=''/>");
    EXPECT_TRUE(s->has_attr("b"));
    EXPECT_FALSE(s->has_attr("c"));
    EXPECT_EQ(s->attr("b"), s->attr("c"));
}

TEST(element, language_is_inherited) {
    const auto s =
        stanza::parse("<a xml:lang='en'><b><c xml:lang='de'><d/></c></b><e xml:lang=''/></a>");
    EXPECT_EQ(s->child("b")->lang(), "en");
    EXPECT_EQ(s->child("b")->child("c")->child("d")->lang(), "de");
    EXPECT_EQ(s->child("e")->lang(), "");
    const auto none = stanza::parse("<a><b lang='x'/></a>");
    EXPECT_EQ(none->child("b")->lang(), "");
}

std::string text_for(const stanza& s, std::string_view language) {
    const element* found = s->child_for("body", language);
    return found ? std::string(found->text()) : "(none)";
}

TEST(element, the_body_in_the_readers_language_is_found) {
    const auto s = stanza::parse(
        "<message><body xml:lang='en'>english</body><body xml:lang='DE'>german</body>"
        "<body>unmarked</body><body xml:lang='zh-Hant'>chinese</body>"
        "<x:body xmlns:x='urn:x' xml:lang='fr'>other</x:body></message>");
    EXPECT_EQ(text_for(s, "de"), "german");
    EXPECT_EQ(text_for(s, "de-AT"), "german");
    EXPECT_EQ(text_for(s, "zh-Hant-x-private"), "chinese");
    EXPECT_EQ(text_for(s, "zh-hant-TW"), "chinese");
    EXPECT_EQ(text_for(s, "zh"), "unmarked") << "a tag does not stand for longer ones";
    EXPECT_EQ(text_for(s, "fr"), "unmarked") << "not those of other namespaces";
    EXPECT_EQ(text_for(s, ""), "unmarked");
    EXPECT_EQ(text_for(s, "-"), "unmarked");
    EXPECT_EQ(s->child("body")->text(), "english");
}

TEST(element, bodies_without_a_language_have_that_of_the_stanza) {
    const auto s = stanza::parse(
        "<message xml:lang='de'><body xml:lang='en'>english</body><body>german</body>"
        "<body>german too</body></message>");
    EXPECT_EQ(text_for(s, "de"), "german");
    EXPECT_EQ(text_for(s, "fr"), "german");
    const auto marked = stanza::parse(
        "<message><body xml:lang='en'>english</body><body xml:lang='de'>german</body></message>");
    EXPECT_EQ(text_for(marked, "fr"), "english") << "the first";
    EXPECT_EQ(text_for(stanza::parse("<message/>"), "fr"), "(none)");
}

TEST(element, a_prefix_makes_no_difference) {
    const auto s =
        stanza::parse("<x:message xmlns:x='jabber:client'><x:body>t</x:body></x:message>");
    EXPECT_EQ(s.kind(), stanza_kind::message);
    EXPECT_EQ(s->child("body")->text(), "t");
    EXPECT_EQ(s->to_xml(), "<message xmlns='jabber:client'><body>t</body></message>");
}

TEST(element, a_child_named_message_is_a_child) {
    const auto s = stanza::parse("<iq xmlns='jabber:client'><message/></iq>");
    EXPECT_EQ(s.kind(), stanza_kind::iq);
    EXPECT_NE(s->child("message"), nullptr);
}

TEST(element, variants_of_the_empty_element_are_equal) {
    for (const auto* xml : {"<a></a>", "<a ></a >", "<a  />"}) {
        const auto s = stanza::parse(xml);
        EXPECT_EQ(s->to_xml(), "<a/>");
    }
}

TEST(element, markup_in_a_value_stays_a_string) {
    const auto s = stanza::parse("<field><value>&lt;b&gt;bold&lt;/b&gt;</value></field>");
    EXPECT_EQ(s->child("value")->text(), "<b>bold</b>");
    EXPECT_TRUE(s->child("value")->children().empty());
    EXPECT_EQ(s->to_xml(), "<field><value>&lt;b&gt;bold&lt;/b&gt;</value></field>");
}

TEST(to_xml, keeps_the_order_of_text_and_elements) {
    const std::string xml = "<a>one <b>two</b> three<c/><d>4</d>five</a>";
    const auto s = stanza::parse(xml);
    EXPECT_EQ(s->to_xml(), xml);
}

TEST(to_xml, every_element_stands_on_its_own) {
    const auto s = stanza::parse(
        "<m xmlns='jabber:client' xmlns:f='urn:f'><f:forwarded><message><body/></message>"
        "<f:x/></f:forwarded></m>");
    EXPECT_EQ(s->to_xml(),
              "<m xmlns='jabber:client' xmlns:f='urn:f'><f:forwarded><message><body/></message>"
              "<f:x/></f:forwarded></m>");
    const element* inner = s->child("forwarded", "urn:f")->child("message", any_ns);
    EXPECT_EQ(inner->to_xml(), "<message xmlns='jabber:client'><body/></message>");
}

TEST(to_xml, undeclares_the_namespace_of_elements_that_have_none) {
    const std::string xml = "<a xmlns='urn:a'><b xmlns=''><c xmlns='urn:a'/></b></a>";
    const auto s = stanza::parse(xml);
    EXPECT_EQ(s->to_xml(), xml);
}

TEST(to_xml, declares_the_prefixes_of_attributes) {
    const auto s = stanza::parse(
        "<a xmlns:p='urn:p' xmlns:q='urn:q'><b p:x='1' p:y='2' q:x='3' xml:lang='en'/></a>");
    EXPECT_EQ(s->to_xml(),
              "<a xmlns:p='urn:p' xmlns:q='urn:q'><b p:x='1' p:y='2' q:x='3' xml:lang='en'/></a>");
    const auto again = stanza::parse(s->to_xml());
    EXPECT_TRUE(equivalent(s.root(), again.root()));
}

TEST(to_xml, escapes_what_needs_it) {
    const auto s =
        stanza::parse("<a b='&lt;&amp;&quot;&apos;&gt;&#10;&#9;&#13;'>&lt;&amp;&gt;&#13;\"'</a>");
    EXPECT_EQ(s->to_xml(),
              "<a b='&lt;&amp;&quot;&apos;&gt;&#10;&#9;&#13;'>&lt;&amp;&gt;&#13;\"'</a>");
}

TEST(to_xml, gives_back_what_it_was_given) {
    for (const std::string xml :
         {"<a/>", "<a b='c'/>", "<a xmlns='u'><b/>t<b>x</b></a>", "<a>t<b>t<c>t<d/>t</c>t</b>t</a>",
          "<a xmlns='u' b='&apos;'><b xmlns='v'><c/></b><d/></a>"}) {
        const auto s = stanza::parse(xml);
        EXPECT_EQ(s->to_xml(), xml);
    }
}

TEST(equivalent, ignores_what_has_no_meaning) {
    const auto a = stanza::parse("<m xmlns='u' b='1' c='2'><x>t</x><y/></m>");
    const auto b =
        stanza::parse("<p:m xmlns:p='u' c='2' b='1'>\n  <p:x>t</p:x>\n <p:y></p:y>\n</p:m>");
    EXPECT_TRUE(equivalent(a.root(), b.root()));
    EXPECT_TRUE(equivalent(b.root(), a.root()));
}

TEST(equivalent, sees_what_has_a_meaning) {
    const auto a = stanza::parse("<m xmlns='u' b='1'><x>t</x><y/></m>");
    for (const auto* xml :
         {"<m xmlns='v' b='1'><x>t</x><y/></m>", "<n xmlns='u' b='1'><x>t</x><y/></n>",
          "<m xmlns='u' b='2'><x>t</x><y/></m>", "<m xmlns='u'><x>t</x><y/></m>",
          "<m xmlns='u' b='1' c='1'><x>t</x><y/></m>", "<m xmlns='u' b='1'><y/><x>t</x></m>",
          "<m xmlns='u' b='1'><x>t </x><y/></m>", "<m xmlns='u' b='1'><x>t</x></m>",
          "<m xmlns='u' b='1'><x>t</x><y/><y/></m>", "<m xmlns='u' b='1'><x>t<y/></x></m>",
          "<m xmlns='u' b='1'>w<x>t</x><y/></m>", "<m xmlns='u' b='1'><x>t</x><y> </y></m>",
          "<m xmlns='u' xmlns:p='p' p:b='1'><x>t</x><y/></m>"}) {
        const auto b = stanza::parse(xml);
        EXPECT_FALSE(equivalent(a.root(), b.root())) << xml;
        EXPECT_FALSE(equivalent(b.root(), a.root())) << xml;
    }
}

TEST(equivalent, compares_parts_of_trees) {
    const auto a = stanza::parse("<m><x>t</x></m>");
    const auto b = stanza::parse("<x>t</x>");
    EXPECT_TRUE(equivalent(*a->child("x"), b.root()));
}

/// What a received stanza is written as, where a stream declares p for a long namespace.
std::string written(std::string_view content) {
    detail::stream_parser parser;
    parser.feed(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "xmlns:p='urn:prefixed'>");
    parser.feed(content);
    parser.next();
    const auto event = parser.next();
    const stanza received(event->content());
    const auto xml = received->to_xml();
    const auto read_again = stanza::parse(xml);
    EXPECT_TRUE(equivalent(received.root(), read_again.root())) << xml;
    const auto wrapped = stanza::parse(builder("w", "urn:w").add(received.root()).to_xml());
    EXPECT_TRUE(equivalent(received.root(), *wrapped->children().begin()));
    return xml;
}

std::size_t count_of(std::string_view what, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
}

TEST(to_xml, writes_a_namespace_once_however_often_its_prefix_is_used) {
    const auto xml =
        written("<message><x><p:a/><p:b p:c='1' d='2'/></x><p:a><p:b>t</p:b></p:a></message>");
    EXPECT_EQ(xml,
              "<message xmlns='jabber:client' xmlns:p='urn:prefixed'><x><p:a/><p:b p:c='1' d='2'/>"
              "</x><p:a><p:b>t</p:b></p:a></message>");
}

TEST(to_xml, does_not_grow_with_prefixes) {
    const std::string ns(1000, 'n');
    for (const std::string& content :
         {"<message><r xmlns:q='" + ns + "'>", "<message xmlns:q='" + ns + "'><r>",
          "<message xmlns:q='u'><r xmlns:q='" + ns + "'>", "<message><q:r xmlns:q='" + ns + "'>",
          "<message><p:r xmlns:q='" + ns + "'>"}) {
        std::string body;
        for (int i = 0; i < 5000; ++i) body += i % 2 == 0 ? "<q:a/>" : "<b q:c=''/>";
        const auto end = content.find("<q:r") != content.npos   ? "</q:r></message>"
                         : content.find("<p:r") != content.npos ? "</p:r></message>"
                                                                : "</r></message>";
        const auto all = content + body + end;
        const auto xml = written(all);
        EXPECT_EQ(count_of(ns, xml), 1u);
        EXPECT_LE(xml.size(), all.size() + 200);
    }
}

TEST(to_xml, does_not_grow_where_a_default_namespace_is_declared_by_an_element_with_a_prefix) {
    const std::string ns(1000, 'n');
    std::string body;
    for (int i = 0; i < 5000; ++i) body += "<a/>";
    for (const std::string& all :
         {"<p:r xmlns='" + ns + "'>" + body + "</p:r>",
          "<message><p:r xmlns='" + ns + "'>" + body + "</p:r></message>",
          "<p:r xmlns='" + ns + "' xmlns:ns0='u'>" + body + "<ns0:b/><c xmlns=''><d/></c></p:r>"}) {
        const auto xml = written(all);
        EXPECT_EQ(count_of(ns, xml), 1u);
        EXPECT_LE(xml.size(), 5 * all.size());
    }
}

TEST(to_xml, keeps_what_a_prefix_means_where_it_is_declared_anew) {
    EXPECT_EQ(written("<message><p:a/><x xmlns:p='urn:other'><p:a/></x><p:a/></message>"),
              "<message xmlns='jabber:client' xmlns:p='urn:prefixed'><p:a/>"
              "<x xmlns:p='urn:other'><p:a/></x><p:a/></message>");
    written(
        "<p:message xmlns:p='jabber:client' xmlns='u'><a/><p:b/><x "
        "xmlns:p='v'><p:c/></x></p:message>");
    written("<message><a xmlns=''><p:b/><c/></a><q:d xmlns:q='jabber:client'/></message>");
}

TEST(to_xml, of_a_part_declares_what_stood_around_it) {
    const auto whole = stanza::parse(
        "<message xmlns='jabber:client' xmlns:p='urn:p' xmlns:q='urn:q'>"
        "<x p:i='1'><p:a/><q:b/><p:a/></x></message>");
    const auto& part = *whole->child("x");
    const auto xml = part.to_xml();
    const auto read_again = stanza::parse(xml);
    EXPECT_TRUE(equivalent(part, read_again.root())) << xml;
    EXPECT_EQ(count_of("urn:p", xml), 1u);
    EXPECT_EQ(count_of("urn:q", xml), 1u);
}

TEST(to_xml, writes_elements_in_the_namespace_of_xml_with_its_prefix) {
    EXPECT_EQ(written("<message><xml:x a='1'><body>t</body></xml:x></message>"),
              "<message xmlns='jabber:client'><xml:x a='1'><body>t</body></xml:x></message>");
    const auto part =
        stanza::parse("<message xmlns='jabber:client'><xml:x><body/></xml:x></message>");
    const auto& reserved = *part->children().begin();
    const auto xml = reserved.to_xml();
    EXPECT_TRUE(xml.starts_with("<xml:x")) << xml;
    const auto read_again = stanza::parse(xml);
    EXPECT_TRUE(equivalent(reserved, read_again.root())) << xml;
    EXPECT_EQ(builder("message").add(reserved).c("y").to_xml(),
              "<message><xml:x><body xmlns='jabber:client'/></xml:x><y/></message>");
}

}  // namespace
}  // namespace xmpp
