#include "chat/command.hpp"

#include <gtest/gtest.h>

using chat::action;
using chat::parse_command;

TEST(command, without_a_slash_is_a_message) {
    const auto said = parse_command("good morrow, /all ");
    EXPECT_EQ(said.what, action::say);
    EXPECT_EQ(said.text, "good morrow, /all ");
}

TEST(command, with_two_slashes_is_a_message_that_begins_with_one) {
    const auto said = parse_command("//me waves");
    EXPECT_EQ(said.what, action::say);
    EXPECT_EQ(said.text, "/me waves");
}

TEST(command, of_an_empty_line_is_nothing) {
    EXPECT_EQ(parse_command("").what, action::nothing);
    EXPECT_EQ(parse_command(" \t ").what, action::nothing);
}

TEST(command, takes_a_contact_whose_name_has_spaces) {
    EXPECT_EQ(parse_command("/to Romeo Montague").who, "Romeo Montague");
    EXPECT_EQ(parse_command("/to \"Romeo Montague\"").who, "Romeo Montague");
    EXPECT_EQ(parse_command("/to 3 ").who, "3");
}

TEST(command, takes_a_contact_and_a_text) {
    const auto sent = parse_command("/msg romeo@example.org  art thou there?");
    EXPECT_EQ(sent.what, action::msg);
    EXPECT_EQ(sent.who, "romeo@example.org");
    EXPECT_EQ(sent.text, "art thou there?");

    const auto quoted = parse_command("/msg \"Romeo Montague\" hey");
    EXPECT_EQ(quoted.who, "Romeo Montague");
    EXPECT_EQ(quoted.text, "hey");
}

TEST(command, keeps_the_rest_of_the_line_as_text) {
    EXPECT_EQ(parse_command("/status away back at \"three\"").text, "away back at \"three\"");
    EXPECT_EQ(parse_command("/raw <presence/>").text, "<presence/>");
    EXPECT_EQ(parse_command("/status").what, action::status);
}

TEST(command, may_leave_out_what_is_optional) {
    EXPECT_EQ(parse_command("/accept").what, action::accept);
    EXPECT_EQ(parse_command("/accept").who, "");
    EXPECT_EQ(parse_command("/ping").what, action::ping);
    EXPECT_EQ(parse_command("/xml").what, action::xml);
}

TEST(command, that_lacks_something_tells_how_it_goes) {
    for (const auto* line : {"/to", "/msg", "/msg romeo", "/raw", "/subscribe", "/remove",
                             "/help me", "/quit now", "/to \"a\" b"}) {
        const auto wrong = parse_command(line);
        EXPECT_EQ(wrong.what, action::mistake) << line;
        EXPECT_NE(wrong.text.find("it goes like this: /"), std::string::npos) << line;
    }
}

TEST(command, that_is_unknown_is_named) {
    const auto wrong = parse_command("/dance now");
    EXPECT_EQ(wrong.what, action::mistake);
    EXPECT_EQ(wrong.text, "there is no /dance; /help lists the commands");
}

TEST(command, survives_an_open_quote) {
    EXPECT_EQ(parse_command("/to \"Romeo").who, "\"Romeo");
    EXPECT_EQ(parse_command("/msg \" x").who, "\"");
}

TEST(command, in_the_help_is_one_that_exists) {
    for (const auto& each : chat::all_commands()) {
        const auto name = each.usage.substr(0, each.usage.find(' '));
        const auto parsed = parse_command(std::string(name) + " x y");
        EXPECT_EQ(parsed.text.find("there is no"), std::string::npos) << name;
        EXPECT_FALSE(each.meaning.empty());
    }
}

TEST(command, is_completed_by_its_beginning) {
    EXPECT_EQ(chat::command_completions("/r").size(), 3u);  // roster, remove, raw
    EXPECT_EQ(chat::command_completions("/x"), std::vector<std::string>{"/xml"});
    EXPECT_TRUE(chat::command_completions("/y").empty());
}
