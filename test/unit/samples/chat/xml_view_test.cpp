#include "chat/xml_view.hpp"

#include "plain_palette.hpp"

#include <gtest/gtest.h>

#include <string>

using chat::paint_xml;
using chat::palette;

namespace {

const palette coloured(true);

/// What is left when the colours are taken out again.
std::string without_colours(std::string text) {
    for (auto at = text.find('\033'); at != std::string::npos; at = text.find('\033', at))
        text.erase(at, text.find('m', at) + 1 - at);
    return text;
}

TEST(xml_view, without_colours_shows_the_markup_as_it_is) {
    const std::string xml = "<a b='1' c=\"x>y\"><d/>t &lt; u</a>";
    EXPECT_EQ(paint_xml(xml, plain), xml);
}

TEST(xml_view, paints_tags_attributes_and_values_each_in_its_colour) {
    EXPECT_EQ(paint_xml("<a b='1'/>t", coloured),
              "\033[34m<a\033[0m\033[36m b\033[0m=\033[32m'1'\033[0m\033[34m/>\033[0mt");
}

TEST(xml_view, changes_nothing_but_colours_also_in_pieces_of_markup) {
    for (const std::string xml : {"<?xml version='1.0'?><stream:stream to='x' xmlns:stream=\"y\">",
                                  "</stream:stream>", "<a", "<a b", "<a b='", "text", "<", "<>",
                                  "</>", "a > b", "<a b='1' / c=2>", "<a/><b x=''/>"})
        EXPECT_EQ(without_colours(paint_xml(xml, coloured)), xml);
}

TEST(xml_view, lets_no_control_character_of_the_peer_through) {
    const auto painted = paint_xml("<a b='\u009b2J'>x\ny\033[2J</a>", plain);
    EXPECT_EQ(painted, "<a b='\uFFFD2J'>x␊y␛[2J</a>");
}

TEST(palette, that_is_off_paints_nothing) {
    EXPECT_EQ(plain.paint(chat::colour::red, "x"), "x");
    EXPECT_EQ(coloured.paint(chat::colour::none, "x"), "x");
    EXPECT_EQ(coloured.paint(chat::colour::red, "x"), "\033[31mx\033[0m");
}

}  // namespace
