#include "terminal/screen_layout.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

using chat::cursor_row;

namespace {

/// The width of characters is known to the locale.
class screen_layout : public testing::Test {
 protected:
    static void SetUpTestSuite() { ASSERT_TRUE(std::setlocale(LC_CTYPE, "C.UTF-8")); }
    static void TearDownTestSuite() { std::setlocale(LC_CTYPE, "C"); }
};

TEST_F(screen_layout, keeps_a_short_line_on_the_first_row) {
    EXPECT_EQ(cursor_row(L"> ", L"", 80), 0u);
    EXPECT_EQ(cursor_row(L"> ", std::wstring(77, L'x'), 80), 0u);
}

TEST_F(screen_layout, puts_the_cursor_on_the_next_row_when_one_is_full) {
    EXPECT_EQ(cursor_row(L"> ", std::wstring(78, L'x'), 80), 1u);
    EXPECT_EQ(cursor_row(L"> ", std::wstring(157, L'x'), 80), 1u);
    EXPECT_EQ(cursor_row(L"> ", std::wstring(158, L'x'), 80), 2u);
}

TEST_F(screen_layout, counts_two_cells_for_wide_and_control_characters) {
    EXPECT_EQ(cursor_row(L"", L"日本語日", 10), 0u);
    EXPECT_EQ(cursor_row(L"", L"日本語日本", 10), 1u);
    EXPECT_EQ(cursor_row(L"", L"\x01\x02\x03\x04\x05", 10), 1u);
}

TEST_F(screen_layout, moves_a_wide_character_that_does_not_fit_to_the_next_row) {
    EXPECT_EQ(cursor_row(L"", L"123日本語日", 10), 1u);  // 3 + 3 * 2, one cell left over, 2
    EXPECT_EQ(cursor_row(L"", L"123日本語日日日日", 10), 1u);
    EXPECT_EQ(cursor_row(L"", L"123日本語日日日日日", 10), 2u);
}

TEST_F(screen_layout, survives_a_terminal_without_columns) {
    EXPECT_GE(cursor_row(L"> ", L"abc", 0), 1u);
}

}  // namespace
