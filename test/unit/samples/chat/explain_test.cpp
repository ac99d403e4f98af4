#include "chat/explain.hpp"

#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <string>

using chat::advice;
using chat::explain;

TEST(explain, tells_the_status_and_the_option_that_helps) {
    const xmpp::status step(xmpp::status_code::connfail, "tls-unavailable",
                            xmpp::errc::tls_unavailable, {}, "no TLS");
    EXPECT_EQ(explain(step),
              "CONNFAIL tls-unavailable: no TLS\nFor a test on your own machine, --no-tls does "
              "without encryption.");
}

TEST(explain, adds_nothing_where_the_library_has_said_what_to_do) {
    const xmpp::status step(xmpp::status_code::authfail, "not-authorized",
                            xmpp::sasl_condition::not_authorized, {}, "check the password");
    EXPECT_EQ(explain(step), "AUTHFAIL not-authorized: check the password");
}

TEST(explain, says_no_more_than_the_status_when_all_is_well) {
    EXPECT_EQ(explain(xmpp::status(xmpp::status_code::connecting)), "CONNECTING");
}

TEST(explain, lets_no_control_character_of_the_server_through) {
    const xmpp::status step(xmpp::status_code::error, "x\033[2J", xmpp::stream_condition::reset, {},
                            "bye\033[2J\nfake");
    EXPECT_EQ(explain(step), "ERROR x\\x1b[2J: bye\\x1b[2J\\nfake");
}

TEST(advice, names_the_options_of_this_program) {
    EXPECT_NE(advice(xmpp::certificate_errc::unknown_issuer).find("--ca"), std::string::npos);
    EXPECT_NE(advice(xmpp::certificate_errc::self_signed).find("--ca"), std::string::npos);
    EXPECT_NE(advice(xmpp::errc::host_not_found).find("--service"), std::string::npos);
    EXPECT_NE(advice(xmpp::errc::tls_unavailable).find("--no-tls"), std::string::npos);
    EXPECT_NE(advice(xmpp::errc::stream_not_secure).find("--plaintext"), std::string::npos);
    EXPECT_NE(advice(xmpp::stream_condition::conflict).find("--resource"), std::string::npos);
}

TEST(advice, is_not_given_where_there_is_none) {
    EXPECT_EQ(advice({}), "");
    EXPECT_EQ(advice(xmpp::certificate_errc::expired), "");
    EXPECT_EQ(advice(std::make_error_code(std::errc::io_error)), "");
}

TEST(status_report, tells_a_failure_once) {
    const xmpp::status failed(xmpp::status_code::connfail, "connection-refused",
                              xmpp::errc::connection_refused, {}, "refused");
    const xmpp::status ended(xmpp::status_code::disconnected, "connection-refused",
                             xmpp::errc::connection_refused, {}, "refused");
    chat::status_report quiet(false);
    EXPECT_EQ(quiet.tell(xmpp::status(xmpp::status_code::connecting)), "");
    EXPECT_EQ(quiet.tell(failed), explain(failed));
    EXPECT_EQ(quiet.tell(ended), "");
}

TEST(status_report, tells_every_step_when_asked_to) {
    chat::status_report verbose(true);
    EXPECT_EQ(verbose.tell(xmpp::status(xmpp::status_code::connecting)), "CONNECTING");
    EXPECT_EQ(verbose.tell(xmpp::status(xmpp::status_code::disconnected)), "DISCONNECTED");
}
