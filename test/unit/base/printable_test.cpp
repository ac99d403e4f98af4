#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace xmpp::detail {
namespace {

TEST(printable, text_stays_as_it_is) {
    EXPECT_EQ(printable("Bonjour, \u00E9t\u00E9 \U0001F600 \\ \u00A0"),
              "Bonjour, \u00E9t\u00E9 \U0001F600 \\ \u00A0");
    EXPECT_EQ(printable(""), "");
}

TEST(printable, no_text_begins_a_line_of_its_own) {
    EXPECT_EQ(printable("a\nCONNECTED\r\n\tb"), "a\\nCONNECTED\\r\\n\\tb");
    EXPECT_EQ(printable("a\u0085b\u2028c\u2029d"), "a\\u{0085}b\\u{2028}c\\u{2029}d");
}

TEST(printable, no_text_commands_a_terminal) {
    EXPECT_EQ(printable("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
    EXPECT_EQ(printable("\u009b2J\u0080\u009f"), "\\u{009b}2J\\u{0080}\\u{009f}");
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
}

TEST(printable, bytes_that_are_no_utf8_are_written_as_numbers) {
    EXPECT_EQ(printable("\x9b"
                        "2J"),
              "\\x9b2J");
    EXPECT_EQ(printable("a\xC3"), "a\\xc3");
    EXPECT_EQ(printable("\xC0\x8A\xF5"), "\\xc0\\x8a\\xf5");
}

}  // namespace
}  // namespace xmpp::detail
