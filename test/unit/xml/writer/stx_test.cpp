#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/stx.hpp>

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace xmpp {
namespace {

TEST(stx, fills_the_holes) {
    const std::string text = "Art thou there?";
    EXPECT_EQ(stx("<message to='{}'><body>{}</body></message>", jid("a@b"), text).to_xml(),
              "<message to='a@b'><body>Art thou there?</body></message>");
    EXPECT_EQ(stx("<a/>").to_xml(), "<a/>");
    EXPECT_EQ(stx(" <a\n  b = \"1\"\t>x</a > ").to_xml(), "<a\n  b = \"1\"\t>x</a>");
}

TEST(stx, escapes_by_position) {
    const auto b = stx("<a x='{}' y=\"-{}-\" z={}>{}</a>", "<'\">", "<'\">", "<'\">", "<'\">&");
    EXPECT_EQ(b.to_xml(),
              "<a x='&lt;&apos;&quot;&gt;' y=\"-&lt;&apos;&quot;&gt;-\" z='&lt;&apos;&quot;&gt;'>"
              "&lt;'\"&gt;&amp;</a>");
    try {
        (void)stx("<a>{}</a>", "\x01");
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::not_well_formed);
    }
    EXPECT_THROW((void)stx("<a b={}/>", "\xFF"), error);
}

TEST(stx, prints_what_fmt_prints) {
    EXPECT_EQ(stx("<a>{} {} {} {} {}</a>", 5, true, 2.5, 'c', std::string_view("v")).to_xml(),
              "<a>5 true 2.5 c v</a>");
}

TEST(stx, doubled_braces_are_braces) {
    EXPECT_EQ(stx("<a b='{{{}}}'>{{}} {}</a>", 1, 2).to_xml(), "<a b='{1}'>{} 2</a>");
    EXPECT_EQ(stx("<a>{{</a>").c("b").to_xml(), "<a>{<b/></a>");
}

TEST(stx, an_absent_value_leaves_its_attribute_out) {
    const std::optional<std::string> none;
    const std::optional<std::string> some = "x";
    EXPECT_EQ(stx("<a b='{}' c={} d=\"{}\"  e='1'>{}</a>", none, none, none, none).to_xml(),
              "<a  e='1'></a>");
    EXPECT_EQ(stx("<a b='{}' c={}>{}</a>", some, some, some).to_xml(), "<a b='x' c='x'>x</a>");
    EXPECT_EQ(stx("<a b='v{}'/>", none).to_xml(), "<a b='v'/>");
    EXPECT_EQ(stx("<a>{}</a>", std::optional<builder>()).to_xml(), "<a></a>");
}

TEST(stx, splices_markup_into_content) {
    const auto received = stanza::parse("<message xmlns='jabber:client'><body>t</body></message>");
    EXPECT_EQ(stx("<iq><q xmlns='urn:q'>{}{}</q>{}</iq>", builder("i").t("<"),
                  builder("j", "urn:q"), builder("k", "urn:k"))
                  .to_xml(),
              "<iq><q xmlns='urn:q'><i>&lt;</i><j/></q><k xmlns='urn:k'/></iq>");
    EXPECT_EQ(stx("<f xmlns='urn:xmpp:forward:0'>{}</f>", received).to_xml(),
              "<f xmlns='urn:xmpp:forward:0'><message "
              "xmlns='jabber:client'><body>t</body></message></f>");
    EXPECT_EQ(stx("<message>{}</message>", *received->child("body")).to_xml(),
              "<message><body>t</body></message>");
    EXPECT_EQ(stx("<f xmlns='{}'>{}</f>", "urn:f", message("a@b")).to_xml(),
              "<f xmlns='urn:f'><message xmlns='jabber:client' to='a@b'/></f>");
    EXPECT_EQ(stx("<a>{}</a>", unsafe_xml("<b/>&lt;")).to_xml(), "<a><b/>&lt;</a>");
    EXPECT_EQ(stx("<a>{}</a>", stx("<b>{}</b>", 1)).to_xml(), "<a><b>1</b></a>");
    EXPECT_EQ(stx("<a>{}</a>", builder()).to_xml(), "<a></a>");
}

TEST(stx, splices_ranges_of_anything) {
    const std::vector<std::string> words{"a<", "b"};
    const std::array<int, 3> numbers{1, 2, 3};
    EXPECT_EQ(stx("<a>{}|{}</a>", words, numbers).to_xml(), "<a>a&lt;b|123</a>");
    std::vector<builder> items;
    for (int i = 0; i < 2; ++i) items.push_back(builder("i").attr("n", i));
    EXPECT_EQ(stx("<a>{}</a>", items).to_xml(), "<a><i n='0'/><i n='1'/></a>");
    EXPECT_EQ(stx("<a>{}</a>", words | std::views::transform(
                                           [](const std::string& w) { return builder("w").t(w); }))
                  .to_xml(),
              "<a><w>a&lt;</w><w>b</w></a>");
    const auto received = stanza::parse("<x><y/><z/></x>");
    EXPECT_EQ(stx("<a xmlns='u'>{}</a>", received->children()).to_xml(),
              "<a xmlns='u'><y xmlns=''/><z xmlns=''/></a>");
    EXPECT_EQ(stx("<a>{}</a>", std::vector<std::optional<std::vector<int>>>{{}, {{4, 5}}}).to_xml(),
              "<a>45</a>");
}

TEST(stx, the_result_goes_on_as_a_builder) {
    auto b = stx("<iq type='{}' to='{}' id={}><x xmlns='urn:x'/></iq>", "get", "a@b&c", "i1");
    EXPECT_EQ(b.type(), "get");
    EXPECT_EQ(b.to(), "a@b&c");
    EXPECT_EQ(b.id(), "i1");
    EXPECT_EQ(b.name(), "iq");
    b.attr("z", "1").c("y", "urn:y").t("t").up().add(builder("w"));
    EXPECT_EQ(b.to_xml(),
              "<iq type='get' to='a@b&amp;c' id='i1' z='1'><x xmlns='urn:x'/><y xmlns='urn:y'>t</y>"
              "<w/></iq>");
    EXPECT_EQ(stx("<iq type='get'/>").c("ping", ns::ping).to_xml(),
              "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_EQ(stx("<q xmlns='urn:q'/>").c("i", "urn:q").to_xml(), "<q xmlns='urn:q'><i/></q>");
    EXPECT_EQ(stx("<q xmlns=\"urn:q\"/>").c("i", "urn:q").to_xml(), "<q xmlns=\"urn:q\"><i/></q>");
    EXPECT_EQ(stx("<q xmlns='{}'/>", "urn:q").c("i", "urn:q").to_xml(),
              "<q xmlns='urn:q'><i/></q>");
}

TEST(stx, leaves_the_content_namespace_to_the_transport) {
    EXPECT_EQ(stx("<message to='a@b' xmlns='jabber:client'><body/></message>").to_xml(),
              "<message to='a@b'><body/></message>");
    EXPECT_EQ(
        builder("f", ns::forward).add(stx("<message xmlns=\"jabber:client\" id='1'/>")).to_xml(),
        "<f xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' id='1'/></f>");
    EXPECT_EQ(stx("<f xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>{}</message></f>",
                  builder("body", ns::client))
                  .to_xml(),
              "<f xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body/></message></f>");
}

TEST(stx, keeps_entities_and_characters_beyond_ascii) {
    EXPECT_EQ(
        stx("<\xC3\xA4 b='&#x20AC;&amp;'>\xE2\x82\xAC&lt;{}</\xC3\xA4>", "\xE2\x82\xAC").to_xml(),
        "<\xC3\xA4 b='&#x20AC;&amp;'>\xE2\x82\xAC&lt;\xE2\x82\xAC</\xC3\xA4>");
    EXPECT_EQ(stx("<a id='&#x41;&#66;&apos;'/>").id(), "AB'");
}

}  // namespace
}  // namespace xmpp
