#include "dispatch/status_feed.hpp"

#include "support/co_test.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {
namespace {

task<std::vector<status>> collect(async_generator<status> statuses) {
    std::vector<status> steps;
    while (auto step = co_await statuses.next()) steps.push_back(std::move(*step));
    co_return steps;
}

CO_TEST(status_feed, forgets_passing_statuses_that_nobody_pulls_but_no_terminal_one) {
    const auto feed = std::make_shared<status_feed>(context.get_executor());
    feed->report(status(status_code::error, "first"));
    for (int i = 0; i < 1000; ++i) feed->report(status(status_code::reconnecting));
    feed->report(status(status_code::disconnected, "last"));
    feed->close();
    const auto steps = co_await collect(async_generator<status>(feed));
    EXPECT_LE(steps.size(), 64u);
    EXPECT_EQ(steps.front().condition, "first");
    EXPECT_EQ(steps.back().condition, "last");
}

TEST(status, is_formatted_with_condition_and_text) {
    EXPECT_EQ(fmt::format("{}", status(status_code::connected)), "CONNECTED");
    EXPECT_EQ(fmt::format("{}", status(status_code::authfail, "not-authorized",
                                       sasl_condition::not_authorized, {}, "wrong password")),
              "AUTHFAIL not-authorized: wrong password");
}

TEST(status, has_the_numbers_and_names_of_the_model) {
    const std::vector<std::string> names{
        "ERROR",       "CONNECTING",   "CONNFAIL",      "AUTHENTICATING", "AUTHFAIL",
        "CONNECTED",   "DISCONNECTED", "DISCONNECTING", "ATTACHED",       "REDIRECT",
        "CONNTIMEOUT", "BINDREQUIRED", "ATTACHFAIL",    "RECONNECTING"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(to_string(static_cast<status_code>(i)), names[i]);
    }
    EXPECT_EQ(to_string(static_cast<status_code>(99)), "UNKNOWN");
}

}  // namespace
}  // namespace xmpp::detail
