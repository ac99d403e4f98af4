#include "terminal/line_rules.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <string>
#include <string_view>
#include <vector>

using terminal::complete;
using terminal::cursor_row;
using terminal::first_key;

namespace {

class whole_keys : public testing::TestWithParam<std::string_view> {};

TEST_P(whole_keys, are_found_in_front_of_others_and_awaited_while_incomplete) {
    const std::string key(GetParam());
    EXPECT_EQ(first_key(key), key.size());
    EXPECT_EQ(first_key(key + "x"), key.size());
    EXPECT_EQ(first_key(key + key), key.size());
    for (std::size_t size = 0; size < key.size(); ++size)
        EXPECT_EQ(first_key(key.substr(0, size)), 0u) << size;
}

INSTANTIATE_TEST_SUITE_P(, whole_keys,
                         testing::Values("a", "\r", "\x7f", "é", "€", "𝄞", "\033[A", "\033[1;5C",
                                         "\033[3~", "\033OA", "\033b", "\033é", "\033\033[A"));

TEST(keys, of_broken_utf8_are_single_bytes) {
    EXPECT_EQ(first_key("\xFF"
                        "a"),
              1u);
    EXPECT_EQ(first_key("\xE2"
                        "a"),
              1u);
    EXPECT_EQ(first_key("\xE2\x82"
                        "a"),
              2u);
}

TEST(keys, do_not_swallow_what_follows_a_broken_escape_sequence) {
    EXPECT_EQ(first_key("\033[\r"), 2u);
    EXPECT_EQ(first_key("\033[1é"), 3u);
}

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

TEST(completion, finishes_the_only_name_with_a_space) {
    EXPECT_EQ(complete("/st", {"/status"}).insert, "atus ");
    EXPECT_EQ(complete("/status", {"/status"}).insert, " ");
}

TEST(completion, goes_as_far_as_all_names_agree) {
    const auto found = complete("rom", {"romeo", "romeoville"});
    EXPECT_EQ(found.insert, "eo");
    EXPECT_TRUE(found.candidates.empty());
}

TEST(completion, shows_the_names_when_it_can_go_no_further) {
    const std::vector<std::string> names{"romeo", "romeoville"};
    const auto found = complete("romeo", names);
    EXPECT_EQ(found.insert, "");
    EXPECT_EQ(found.candidates, names);
}

TEST(completion, of_nothing_does_nothing) {
    EXPECT_EQ(complete("x", {}).insert, "");
    EXPECT_TRUE(complete("x", {}).candidates.empty());
}

TEST(completion, does_not_cut_through_a_character) {
    EXPECT_EQ(complete("J", {"Jos\xC3\xA9", "Jos\xC3\xA8"}).insert, "os");
}

}  // namespace
