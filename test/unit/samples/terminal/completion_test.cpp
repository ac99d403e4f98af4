#include "terminal/completion.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using chat::complete;

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
