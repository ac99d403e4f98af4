#include "terminal/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

TEST(utf8, goes_to_wide_characters_and_back) {
    const std::string text = "aé€𝄞\u07FF\u0800\uFFFF\U00010000\U0010FFFF";
    EXPECT_EQ(chat::to_utf8(chat::to_wide(text)), text);
    EXPECT_EQ(chat::to_wide("é€").size(), 2u);
}

TEST(utf8, tells_the_length_of_a_character_from_its_first_byte) {
    EXPECT_EQ(chat::utf8_length('a'), 1u);
    EXPECT_EQ(chat::utf8_length(0xC3), 2u);
    EXPECT_EQ(chat::utf8_length(0xE2), 3u);
    EXPECT_EQ(chat::utf8_length(0xF4), 4u);
    for (const unsigned char none : {0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF})
        EXPECT_EQ(chat::utf8_length(none), 1u) << int(none);
}
