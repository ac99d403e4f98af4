#include <xmpp/error.hpp>
#include <xmpp/message.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/xhtml_im.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace xmpp {
namespace {

/// What is left of markup on its way out and in again.
std::string safe(std::string_view markup) {
    const auto sent = stanza::parse(xhtml_im(markup).to_xml());
    return safe_html(sent.root());
}

struct row {
    const char* name;
    const char* markup;
    const char* left;
};
void PrintTo(const row& r, std::ostream* out) {
    *out << r.name;
}

class xhtml_im_rules : public ::testing::TestWithParam<row> {};

TEST_P(xhtml_im_rules, leave) {
    EXPECT_EQ(safe(GetParam().markup), GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(
    elements, xhtml_im_rules,
    ::testing::Values(
        row{"plain_text", "1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"},  //
        row{"allowed_ones", "<p>Hi <em>there</em>,<br/><strong>you</strong></p>",
            "<p>Hi <em>there</em>,<br/><strong>you</strong></p>"},
        row{"lists", "<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"},
        row{"others_leave_their_content_in_place", "<p><b>in</b> p</p>", "<p>in p</p>"},
        row{"nothing_but_others", "<b>x</b>", "x"},
        row{"others_inside_others", "<div><table>a<b><p>c</p></b></table>d</div>", "a<p>c</p>d"},
        row{"scripts_with_all_that_is_in_them", "a<script>alert(<p>1</p>)</script>b", "ab"},
        row{"styles_and_frames", "a<style>p{}</style><iframe src='x'>f</iframe>b", "ab"},
        row{"upper_case", "<P>x</P><SCRIPT>y</SCRIPT>", "xy"},
        row{"of_another_namespace", "<x:p xmlns:x='urn:x'>a</x:p><p xmlns='urn:y'>b</p>", "ab"},
        row{"content_of_those_that_have_none", "<br>a</br><img>b</img>", "<br/>a<img/>b"},
        row{"prefixed_ones", "<h:em xmlns:h='http://www.w3.org/1999/xhtml'>a</h:em>",
            "<em>a</em>"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    attributes, xhtml_im_rules,
    ::testing::Values(
        row{"links", "<a href='https://example.org/?a=1&amp;b=2'>x</a>",
            "<a href='https://example.org/?a=1&amp;b=2'>x</a>"},
        row{"links_to_addresses", "<a href='xmpp:a@b'>x</a><a href='MAILTO:a@b'>y</a>",
            "<a href='xmpp:a@b'>x</a><a href='MAILTO:a@b'>y</a>"},
        row{"no_script_in_a_link", "<a href='javascript:alert(1)'>x</a>", "<a>x</a>"},
        row{"no_disguised_script", "<a href='java&#9;script:alert(1)'>x</a>", "<a>x</a>"},
        row{"no_script_behind_a_space", "<a href=' javascript:x'>x</a>", "<a>x</a>"},
        row{"no_control_character_in_a_link", "<a href='https:&#10;//x'>x</a>", "<a>x</a>"},
        row{"no_relative_link", "<a href='/index'>x</a>", "<a>x</a>"},
        row{"no_page_in_a_link", "<a href='data:text/html,x'>x</a>", "<a>x</a>"},
        row{"pictures", "<img src='cid:1@bob.xmpp.org' alt='x' width='10' height='50%'/>",
            "<img src='cid:1@bob.xmpp.org' alt='x' width='10' height='50%'/>"},
        row{"pictures_inside", "<img src='data:image/png;base64,AAAA'/>",
            "<img src='data:image/png;base64,AAAA'/>"},
        row{"no_remote_picture", "<img src='https://example.org/x.png' alt='x'/>",
            "<img alt='x'/>"},
        row{"no_drawing_that_can_hold_scripts", "<img src='data:image/svg+xml;base64,AAAA'/>",
            "<img/>"},
        row{"no_strange_size", "<img width='1e9' height='-1'/>", "<img/>"},
        row{"no_giant_picture", "<img width='2001' height='101%'/>", "<img/>"},
        row{"large_pictures", "<img width='2000' height='100%'/>",
            "<img width='2000' height='100%'/>"},
        row{"no_event", "<p onclick='x()'>a</p><img onerror='x()'/>", "<p>a</p><img/>"},
        row{"no_identity", "<p id='a' class='b' title='c'>a</p>", "<p>a</p>"},
        row{"none_on_em", "<em style='color: red' href='https://x'>a</em>", "<em>a</em>"},
        row{"none_with_a_prefix", "<p xmlns:x='urn:x' x:style='color: red'>a</p>", "<p>a</p>"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    styles, xhtml_im_rules,
    ::testing::Values(
        row{"allowed_ones", "<p style='color:red;font-weight:bold'>a</p>",
            "<p style='color: red; font-weight: bold'>a</p>"},
        row{"others_go", "<p style='position:fixed; color: #ff0000;'>a</p>",
            "<p style='color: #ff0000'>a</p>"},
        row{"nothing_left", "<p style='position:fixed'>a</p>", "<p>a</p>"},
        row{"without_a_colon", "<p style='color'>a</p>", "<p>a</p>"},
        row{"colours", "<span style='color: rgb(1, 2, 3)'>a</span>",
            "<span style='color: rgb(1, 2, 3)'>a</span>"},
        row{"no_address", "<span style='background-color: url(https://x)'>a</span>",
            "<span>a</span>"},
        row{"no_call", "<span style='color: expression(alert(1))'>a</span>", "<span>a</span>"},
        row{"no_call_in_a_colour", "<span style='color: rgb(url(x))'>a</span>", "<span>a</span>"},
        row{"no_escape", "<span style='color: \\75rl(x)'>a</span>", "<span>a</span>"},
        row{"no_comment", "<span style='color: r/**/ed'>a</span>", "<span>a</span>"},
        row{"no_negative_margin", "<p style='margin-left: -500px; margin-right: -1em'>a</p>",
            "<p>a</p>"},
        row{"small_margins", "<p style='margin-left: 2em; margin-right: 10%'>a</p>",
            "<p style='margin-left: 2em; margin-right: 10%'>a</p>"},
        row{"margins_without_a_size", "<p style='margin-left:0;margin-right:auto'>a</p>",
            "<p style='margin-left: 0; margin-right: auto'>a</p>"},
        row{"no_giant_margin", "<p style='margin-left: 100000px; margin-right: 101%'>a</p>",
            "<p>a</p>"},
        row{"one_margin_at_a_time", "<p style='margin-left: 1px 2px'>a</p>", "<p>a</p>"},
        row{"no_margin_in_units_of_the_window", "<p style='margin-left: 50vw'>a</p>", "<p>a</p>"},
        row{"fonts", "<p style='font-size: 14px'>a</p><p style='font-size:x-large'>b</p>",
            "<p style='font-size: 14px'>a</p><p style='font-size: x-large'>b</p>"},
        row{"no_giant_font", "<p style='font-size: 2000px'>a</p><p style='font-size: 1e9px'>b</p>",
            "<p>a</p><p>b</p>"},
        row{"no_giant_font_in_parts",
            "<p style='font-size: 20em'>a</p><p style='font-size: 201%'>"
            "b</p><p style='font-size: 3rem'>c</p>",
            "<p>a</p><p>b</p><p>c</p>"},
        row{"no_font_that_can_not_be_seen",
            "<p style='font-size: 0'>a</p><p style='font-size: "
            "1px'>b</p><p style='font-size: 1%'>c</p>",
            "<p>a</p><p>b</p><p>c</p>"},
        row{"no_font_that_grows_from_element_to_element",
            "<p style='font-size: 150%'>a<span style='font-size: 1.5em'>b</span></p>"
            "<p style='font-size: larger'>c</p>",
            "<p style='font-size: 1.5rem'>a<span style='font-size: 1.5rem'>b</span></p>"
            "<p style='font-size: large'>c</p>"},
        row{"no_value", "<span style='color:;font-size: '>a</span>", "<span>a</span>"}),
    [](const auto& info) { return info.param.name; });

TEST(xhtml_im, lets_pictures_pass_that_were_asked_for) {
    const std::string markup =
        "<img src='https://example.org/x.png'/><img src='HTTP://example.org/y'/>"
        "<img src='cid:1@bob.xmpp.org'/>";
    const auto sent = stanza::parse(xhtml_im(markup, html_images::remote).to_xml());
    EXPECT_EQ(safe_html(sent.root(), html_images::remote), markup);
    EXPECT_EQ(safe_html(sent.root()), "<img/><img/><img src='cid:1@bob.xmpp.org'/>");
    EXPECT_EQ(xhtml_im("<img src='ftp://x'/>", html_images::remote).to_xml(),
              xhtml_im("<img/>").to_xml());
}

TEST(xhtml_im, goes_into_a_message) {
    const auto sent = message("romeo@example.org").body("Hi").add(xhtml_im("<p>Hi</p>"));
    EXPECT_EQ(sent.to_xml(),
              "<message to='romeo@example.org'><body>Hi</body>"
              "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
              "<body xmlns='http://www.w3.org/1999/xhtml'><p>Hi</p></body></html></message>");
}

TEST(xhtml_im, refuses_what_is_no_xml) {
    for (const auto* markup : {"<p>", "<br>", "</body><body>", "&nbsp;", "<p a=b/>"}) {
        try {
            (void)xhtml_im(markup);
            ADD_FAILURE() << markup << " was taken";
        } catch (const error& thrown) {
            EXPECT_FALSE(thrown.explanation().empty()) << markup;
        }
    }
}

TEST(xhtml_im, empty_elements_have_end_tags_where_html_wants_them) {
    EXPECT_EQ(safe("<p/><a href='https://x'/><br/>"), "<p></p><a href='https://x'></a><br/>");
}

TEST(xhtml_im, nothing_is_left_of_what_has_no_body) {
    const auto html = stanza::parse("<html xmlns='http://jabber.org/protocol/xhtml-im'/>");
    EXPECT_EQ(safe_html(html.root()), "");
}

TEST(xhtml_im, the_first_of_several_bodies_counts) {
    const auto html = stanza::parse(
        "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'>1</body>"
        "<body xmlns='http://www.w3.org/1999/xhtml'>2</body></html>");
    EXPECT_EQ(safe_html(html.root()), "1");
}

TEST(xhtml_im, what_is_safe_stays_as_it_is) {
    const std::string once =
        safe("<div><p style='color:red'>a<b>b</b></p><img src='cid:1'/></div>");
    EXPECT_EQ(safe(once), once);
}

}  // namespace
}  // namespace xmpp
