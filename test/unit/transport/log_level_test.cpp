#include <xmpp/log.hpp>
#include <xmpp/status.hpp>

#include <gtest/gtest.h>

namespace xmpp {
namespace {

TEST(log_level, has_a_name_for_lines_of_a_log) {
    EXPECT_EQ(to_string(log_level::debug), "debug");
    EXPECT_EQ(to_string(log_level::info), "info");
    EXPECT_EQ(to_string(log_level::warning), "warning");
    EXPECT_EQ(to_string(log_level::error), "error");
    EXPECT_EQ(fmt::format("{:>8}|", log_level::warning), " warning|");
}

TEST(log_level, compares_by_gravity) {
    EXPECT_LT(log_level::debug, log_level::info);
    EXPECT_LT(log_level::info, log_level::warning);
    EXPECT_LT(log_level::warning, log_level::error);
}

TEST(a_status, is_formatted_as_one_line_whatever_the_server_says) {
    status step(status_code::disconnected, "conflict");
    step.text = "bye\r\nCONNECTED \u0085 \x1b[2J";
    EXPECT_EQ(fmt::format("{}", step),
              "DISCONNECTED conflict: bye\\r\\nCONNECTED \\u{0085} \\x1b[2J");
    EXPECT_EQ(step.text, "bye\r\nCONNECTED \u0085 \x1b[2J") << "the text is as it came";
}

}  // namespace
}  // namespace xmpp
