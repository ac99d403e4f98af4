#include <xmpp/log.hpp>

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

}  // namespace
}  // namespace xmpp
