#include "terminal/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace std::literals;
using terminal::safe_lines;
using terminal::safe_text;

TEST(utf8, goes_to_wide_characters_and_back) {
    const std::string text = "aé€𝄞\u07FF\u0800\uFFFF\U00010000\U0010FFFF";
    EXPECT_EQ(terminal::to_utf8(terminal::to_wide(text)), text);
    EXPECT_EQ(terminal::to_wide("é€").size(), 2u);
}

TEST(utf8, tells_the_length_of_a_character_from_its_first_byte) {
    EXPECT_EQ(terminal::utf8_length('a'), 1u);
    EXPECT_EQ(terminal::utf8_length(0xC3), 2u);
    EXPECT_EQ(terminal::utf8_length(0xE2), 3u);
    EXPECT_EQ(terminal::utf8_length(0xF4), 4u);
    for (const unsigned char none : {0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF})
        EXPECT_EQ(terminal::utf8_length(none), 1u) << int(none);
}

TEST(safe_text, leaves_ordinary_text_as_it_is) {
    EXPECT_EQ(safe_text("Wherefore art thou? ♥ Ромео 日本 👍🏽"),
              "Wherefore art thou? ♥ Ромео 日本 👍🏽");
    EXPECT_EQ(safe_text(""), "");
}

TEST(safe_text, shows_control_characters_as_pictures_of_themselves) {
    EXPECT_EQ(safe_text("\033[2J"), "␛[2J");
    EXPECT_EQ(safe_text("a\r\nb\tc\177"), "a␍␊b␉c␡");
    EXPECT_EQ(safe_text("\0"sv), "␀");
}

TEST(safe_text, lets_no_byte_through_that_a_terminal_would_obey) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto safe = safe_text(std::string(1, static_cast<char>(byte)));
        for (const unsigned char c : safe) EXPECT_TRUE(c >= 0x20 && c != 0x7F) << byte;
        const bool printable = byte >= 0x20 && byte < 0x7F;
        EXPECT_EQ(safe.size() == 1, printable) << byte;
    }
}

TEST(safe_text, replaces_the_upper_control_characters) {
    EXPECT_EQ(safe_text("\u009b31m\u0085"), "\uFFFD31m\uFFFD");
}

TEST(safe_text, replaces_what_turns_the_writing_direction_around) {
    EXPECT_EQ(safe_text("a\u202Egpj.exe\u2066b"), "a\uFFFDgpj.exe\uFFFDb");
}

TEST(safe_text, replaces_bytes_that_are_not_utf8) {
    EXPECT_EQ(safe_text("a\xFF"
                        "b"),
              "a\uFFFDb");
    EXPECT_EQ(safe_text("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
    EXPECT_EQ(safe_text("\xE2\x82"), "\uFFFD\uFFFD");            // cut off
    EXPECT_EQ(safe_text("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(safe_text("\xE2\x1B[m"), "\uFFFD␛[m");             // the escape is not swallowed
}

TEST(safe_lines, splits_at_line_feeds_only) {
    EXPECT_EQ(safe_lines("one\ntwo\r\n"), (std::vector<std::string>{"one", "two␍", ""}));
    EXPECT_EQ(safe_lines(""), std::vector<std::string>{""});
}
