#include "terminal/keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using chat::first_key;

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

}  // namespace
