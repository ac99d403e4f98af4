#include "sasl/login_pin.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace xmpp::detail::sasl;

constexpr login_strength best{true, exposure::nothing, 512, bound_to::connection, true};
constexpr login_reach any{best, true};

struct row {
    const char* before;
    const char* before_binding;
    const char* now;
    const char* now_binding;
    bool taken;
};

class login_pin_rows : public testing::TestWithParam<row> {};

TEST_P(login_pin_rows, take_what_is_as_strong_in_each_part_and_nothing_less) {
    const auto& [before, before_binding, now, now_binding, taken] = GetParam();
    login_pin pin;
    EXPECT_TRUE(pin.learn(strength_of(before, true, before_binding)));
    const auto lacking = pin.lacks(strength_of(now, true, now_binding), any);
    EXPECT_EQ(lacking.empty(), taken) << before << " then " << now << ": " << lacking;
}

const row table[] = {
    {"PLAIN", "", "PLAIN", "", true},
    {"PLAIN", "", "SCRAM-SHA-1", "", true},
    {"PLAIN", "", "X-OWN", "", true},
    {"X-OWN", "", "PLAIN", "", false},
    {"X-OWN", "", "SCRAM-SHA-1", "", true},
    {"SCRAM-SHA-1", "", "PLAIN", "", false},
    {"SCRAM-SHA-1-PLUS", "tls-exporter", "X-OWN", "", true},
    {"SCRAM-SHA-1", "", "SCRAM-SHA-1", "", true},
    {"SCRAM-SHA-1", "", "SCRAM-SHA-512", "", true},
    {"SCRAM-SHA-1", "", "EXTERNAL", "", true},
    {"SCRAM-SHA-256", "", "SCRAM-SHA-1", "", false},
    {"SCRAM-SHA-512", "", "SCRAM-SHA-384", "", false},
    {"SCRAM-SHA-512", "", "SCRAM-SHA-1-PLUS", "tls-exporter", false},
    {"SCRAM-SHA-256", "", "SCRAM-SHA-256-PLUS", "tls-exporter", true},
    {"SCRAM-SHA-1-PLUS", "tls-exporter", "SCRAM-SHA-512", "", false},
    {"SCRAM-SHA-1-PLUS", "tls-exporter", "SCRAM-SHA-512-PLUS", "tls-exporter", true},
    {"SCRAM-SHA-1-PLUS", "tls-exporter", "SCRAM-SHA-1-PLUS", "tls-unique", true},
    {"SCRAM-SHA-1-PLUS", "tls-exporter", "SCRAM-SHA-1-PLUS", "tls-server-end-point", false},
    {"SCRAM-SHA-1-PLUS", "tls-server-end-point", "SCRAM-SHA-1-PLUS", "tls-server-end-point", true},
    {"EXTERNAL", "", "SCRAM-SHA-512-PLUS", "tls-exporter", false},
    {"EXTERNAL", "", "EXTERNAL", "", true},
    {"OAUTHBEARER", "", "X-OAUTH2", "", true},
    {"ANONYMOUS", "", "ANONYMOUS", "", true},
};

INSTANTIATE_TEST_SUITE_P(table, login_pin_rows, testing::ValuesIn(table));

TEST(login_pin, takes_anything_as_long_as_nothing_is_known) {
    EXPECT_TRUE(login_pin().lacks(strength_of("PLAIN", false), any).empty());
    EXPECT_FALSE(login_pin().wants_encryption());
    EXPECT_FALSE(login_pin().wants_offer_proof());
}

TEST(login_pin, wants_the_encryption_that_was_there) {
    login_pin pin;
    pin.learn(strength_of("SCRAM-SHA-1", true));
    EXPECT_EQ(pin.lacks(strength_of("SCRAM-SHA-512", false), any), "encryption");
    EXPECT_TRUE(pin.wants_encryption());
}

TEST(login_pin, does_not_forget_what_was_better_when_a_login_has_less) {
    login_pin pin;
    pin.learn(strength_of("SCRAM-SHA-256-PLUS", true, "tls-exporter"));
    EXPECT_FALSE(pin.learn(strength_of("SCRAM-SHA-1", true)));
    EXPECT_FALSE(pin.lacks(strength_of("SCRAM-SHA-256", true), any).empty());
}

TEST(login_pin, does_not_hold_against_the_server_what_the_program_has_given_up) {
    login_pin pin;
    pin.learn(best);
    const auto plain = strength_of("PLAIN", false);
    EXPECT_TRUE(pin.lacks(plain, {plain}).empty());
    const auto scram = strength_of("SCRAM-SHA-256", true);
    EXPECT_TRUE(pin.lacks(scram, {scram}).empty());
    EXPECT_FALSE(pin.lacks(strength_of("SCRAM-SHA-1", true), {scram}).empty());
}

TEST(login_pin, lets_a_password_follow_a_mechanism_of_the_program_that_is_gone) {
    login_pin pin;
    pin.learn(strength_of("X-OWN", true));
    EXPECT_TRUE(pin.lacks(strength_of("PLAIN", true), {best, false}).empty());
    EXPECT_FALSE(pin.lacks(strength_of("PLAIN", true), {best, true}).empty());
}

TEST(login_pin, remembers_that_the_offer_was_proved) {
    login_pin pin;
    auto had = strength_of("SCRAM-SHA-1", true);
    pin.learn(had);
    EXPECT_FALSE(pin.wants_offer_proof());
    had.offer_proved = true;
    pin.learn(had);
    EXPECT_TRUE(pin.wants_offer_proof());
}

TEST(login_pin, comes_back_from_its_text) {
    for (const auto& had : {best, strength_of("PLAIN", false), strength_of("SCRAM-SHA-384", true),
                            strength_of("SCRAM-SHA-1-PLUS", true, "tls-server-end-point"),
                            strength_of("EXTERNAL", true), strength_of("X-OWN", true)}) {
        login_pin pin;
        pin.learn(had);
        auto read = login_pin::parse(pin.serialize());
        ASSERT_TRUE(read);
        EXPECT_EQ(read->serialize(), pin.serialize());
        EXPECT_FALSE(read->learn(had));
    }
}

TEST(login_pin, takes_no_other_text) {
    login_pin pin;
    pin.learn(best);
    const auto good = pin.serialize();
    for (std::size_t at = 0; at < good.size(); ++at) {
        EXPECT_FALSE(login_pin::parse(good.substr(0, at))) << at;
        auto other = good;
        other[at] = '9';
        EXPECT_FALSE(login_pin::parse(other)) << at;
    }
    EXPECT_FALSE(login_pin::parse(good + "0"));
    EXPECT_FALSE(login_pin::parse(""));
}

}  // namespace
