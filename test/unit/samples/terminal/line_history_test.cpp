#include "terminal/line_history.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>

using terminal::line_history;

namespace {

TEST(line_history, walks_back_and_forth_and_keeps_the_draft) {
    line_history history;
    history.add("one");
    history.add("two");
    EXPECT_EQ(history.older("draft"), "two");
    EXPECT_EQ(history.older("two"), "one");
    EXPECT_EQ(history.older("one"), std::nullopt);
    EXPECT_EQ(history.newer(), "two");
    EXPECT_EQ(history.newer(), "draft");
    EXPECT_EQ(history.newer(), std::nullopt);
}

TEST(line_history, starts_at_the_end_again_after_a_new_line) {
    line_history history;
    history.add("one");
    history.add("two");
    history.older("");
    history.older("");
    history.add("three");
    EXPECT_EQ(history.older(""), "three");
}

TEST(line_history, notes_neither_empty_lines_nor_repetitions) {
    line_history history;
    history.add("one");
    history.add("");
    history.add("one");
    EXPECT_EQ(history.lines().size(), 1u);
}

TEST(line_history, forgets_the_oldest_beyond_its_limit) {
    line_history history(2);
    history.add("one");
    history.add("two");
    history.add("three");
    EXPECT_EQ(history.older(""), "three");
    EXPECT_EQ(history.older(""), "two");
    EXPECT_EQ(history.older(""), std::nullopt);
}

class history_file : public testing::Test {
 protected:
    history_file() {
        std::string name = (std::filesystem::temp_directory_path() / "history.XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~history_file() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

TEST_F(history_file, keeps_the_lines) {
    const auto file = folder_ / "a" / "b" / "history";
    line_history written;
    written.add("one");
    written.add("zwei Wörter");
    ASSERT_TRUE(written.save(file));
    ASSERT_TRUE(written.save(file));  // over the old one

    line_history read;
    read.load(file);
    EXPECT_EQ(read.lines(), written.lines());
}

TEST_F(history_file, can_be_read_by_its_owner_only_whatever_was_there_before) {
    using std::filesystem::perms;
    const auto file = folder_ / "history";
    std::ofstream(file) << "old\n";
    std::filesystem::permissions(file, perms(0644));
    line_history history;
    history.add("secret plans");
    ASSERT_TRUE(history.save(file));
    EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(history_file, is_done_without_where_it_cannot_be) {
    std::ofstream(folder_ / "file") << "";
    line_history history;
    history.load(folder_ / "missing");
    EXPECT_TRUE(history.lines().empty());
    EXPECT_FALSE(history.save(folder_ / "file" / "history"));
}

TEST(history_path, follows_the_xdg_rules) {
    ::setenv("HOME", "/home/juliet", 1);
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(terminal::history_path("xmpp-chat"), "/state/xmpp-chat/history");
    ::setenv("XDG_STATE_HOME", "relative", 1);  // to be ignored, they say
    EXPECT_EQ(terminal::history_path("xmpp-chat"), "/home/juliet/.local/state/xmpp-chat/history");
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("HOME");
    EXPECT_EQ(terminal::history_path("xmpp-chat"), "");
}

}  // namespace
