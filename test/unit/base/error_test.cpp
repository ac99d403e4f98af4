#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace xmpp {
namespace {

TEST(error, carries_the_word_of_its_code) {
    const error failure(errc::no_mechanism, "the server offers only X");
    EXPECT_EQ(failure.code(), errc::no_mechanism);
    EXPECT_EQ(failure.condition(), "no-auth-mech");
    EXPECT_EQ(failure.explanation(), "the server offers only X");
    EXPECT_EQ(failure.text(), "");
    EXPECT_NE(std::string(failure.what()).find("the server offers only X"), std::string::npos);
}

TEST(error, says_no_more_than_the_code_when_there_is_no_explanation) {
    const error failure(errc::iq_timeout);
    EXPECT_EQ(std::string(failure.what()), make_error_code(errc::iq_timeout).message());
}

TEST(error, keeps_the_peers_text_out_of_what) {
    const error failure(stream_condition::conflict, "conflict", "<script>");
    EXPECT_EQ(failure.text(), "<script>");
    EXPECT_EQ(std::string(failure.what()).find("<script>"), std::string::npos);
}

TEST(error, keeps_a_condition_that_no_rfc_knows) {
    const error failure(stream_condition::undefined_condition, "x-new", "");
    EXPECT_EQ(failure.condition(), "x-new");
}

template <class Enum>
void round_trips(Enum first, Enum last, Enum (*from_name)(std::string_view)) {
    for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
        const auto value = static_cast<Enum>(i);
        const auto name = condition_name(value);
        EXPECT_FALSE(name.empty());
        EXPECT_EQ(from_name(name), value) << name;
        EXPECT_NE(make_error_code(value).message(), "unknown error");
    }
    EXPECT_EQ(condition_name(
                  std::error_code(static_cast<int>(last) + 1, make_error_code(last).category())),
              "");
}

TEST(error, knows_every_condition_of_the_rfc_by_name) {
    round_trips<stream_condition>(
        stream_condition::bad_format, stream_condition::unsupported_version,
        [](std::string_view name) { return stream_condition_from(name); });
    round_trips<stanza_condition>(
        stanza_condition::bad_request, stanza_condition::unexpected_request,
        [](std::string_view name) { return stanza_condition_from(name); });
    round_trips<sasl_condition>(sasl_condition::aborted, sasl_condition::temporary_auth_failure,
                                [](std::string_view name) { return sasl_condition_from(name); });
    round_trips<bosh_condition>(bosh_condition::bad_request, bosh_condition::undefined_condition,
                                [](std::string_view name) { return bosh_condition_from(name); });
}

/// Every code of a category up to `last` says something to people that its name does not.
template <class Enum>
void says_more_than_its_name(Enum last) {
    for (int i = 1; i <= static_cast<int>(last); ++i) {
        const std::error_code code = static_cast<Enum>(i);
        const auto name = condition_name(code);
        const auto message = code.message();
        EXPECT_FALSE(name.empty()) << i;
        EXPECT_NE(message, name);
        EXPECT_NE(message, "unknown error") << name;
    }
}

TEST(error, every_failure_of_a_login_has_a_message_for_people) {
    says_more_than_its_name(errc::callback_failed);
    says_more_than_its_name(certificate_errc::other);
    says_more_than_its_name(sasl_condition::temporary_auth_failure);
}

TEST(error, falls_back_for_an_unknown_word) {
    EXPECT_EQ(stream_condition_from("x"), stream_condition::undefined_condition);
    EXPECT_EQ(stanza_condition_from("x"), stanza_condition::undefined_condition);
    EXPECT_EQ(sasl_condition_from("x"), sasl_condition::not_authorized);
    EXPECT_EQ(bosh_condition_from("x"), bosh_condition::undefined_condition);
}

TEST(error, has_a_message_for_its_last_code) {
    EXPECT_EQ(condition_name(errc::stanza_too_large), "stanza-too-large");
    EXPECT_EQ(condition_name(certificate_errc::other), "certificate-error");
}

TEST(error, has_no_word_for_codes_of_others) {
    EXPECT_EQ(condition_name(std::make_error_code(std::errc::timed_out)), "");
    EXPECT_EQ(condition_name(std::error_code(-1, xmpp_category())), "");
}

}  // namespace
}  // namespace xmpp
