// What follows from a failure, as a table: one row a kind of failure.
#include "session/failure.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "login/negotiation_io.hpp"
#include "session/outcome.hpp"
#include "session/reconnect_policy.hpp"
#include "stream/management/stream_management.hpp"
#include "transport/failures.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace xmpp::detail {
namespace {

using source = failure::source;

template <class Thrown>
std::exception_ptr thrown(Thrown what) {
    return std::make_exception_ptr(std::move(what));
}

stanza stream_error() {
    return stanza::parse("<error xmlns='http://etherx.jabber.org/streams'/>");
}

refusal told(stream_condition condition) {
    return refusal(error(condition), stream_error());
}

/// "CONNFAIL CONNTIMEOUT": as it is reported before a session was up, and of one that was; "-"
/// where DISCONNECTED says it all.
std::string statuses(const failure& why) {
    const outcome result(why);
    const auto up = result.session_failure();
    return fmt::format("{} {}", to_string(result.login_failure(false).code),
                       up ? to_string(up->code) : "-");
}

struct row {
    const char* name;
    std::exception_ptr cause;
    source from;
    const char* statuses;
    std::optional<std::string> closing;  // of our stream; nothing: the link is gone
    bool passes;
};
void PrintTo(const row& r, std::ostream* out) {
    *out << r.name;
}

std::string content(stream_condition condition) {
    return fmt::format("<{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
                       condition_name(condition));
}

std::vector<row> rows() {
    const std::string plain;
    const auto gone = std::nullopt;
    return {
        {"the_end_of_the_stream", nullptr, source::none, "CONNFAIL -", plain, true},
        {"a_broken_link", thrown(std::system_error(std::make_error_code(std::errc::broken_pipe))),
         source::system, "CONNFAIL -", gone, true},
        {"a_lost_connection", thrown(error(errc::connection_lost)), source::library, "CONNFAIL -",
         gone, true},
        {"a_timeout", thrown(error(errc::connect_timeout)), source::library,
         "CONNTIMEOUT CONNTIMEOUT", gone, true},
        {"a_missing_feature", thrown(error(errc::no_mechanism)), source::library, "CONNFAIL -",
         plain, false},
        {"what_is_not_expected", thrown(error(errc::unexpected_element)), source::library,
         "CONNFAIL -", content(stream_condition::not_authorized), false},
        {"broken_xml", thrown(error(stream_condition::not_well_formed)), source::library,
         "CONNFAIL ERROR", content(stream_condition::not_well_formed), false},
        {"an_exception_of_the_program", thrown(std::runtime_error("x")), source::program,
         "CONNFAIL -", gone, false},
        {"a_login_that_we_refuse", thrown(login_error(error(errc::connection_lost))), source::login,
         "AUTHFAIL -", plain, false},
        {"a_proof_that_is_wrong", thrown(error(errc::server_unverified)), source::library,
         "AUTHFAIL -", plain, false},
        {"a_conflict", thrown(told(stream_condition::conflict)), source::server, "CONNFAIL ERROR",
         plain, false},
        {"a_server_that_goes_down", thrown(told(stream_condition::system_shutdown)), source::server,
         "CONNFAIL ERROR", plain, true},
        {"a_refused_login", thrown(refusal(error(sasl_condition::not_authorized), stream_error())),
         source::server, "AUTHFAIL ERROR", plain, false},
        {"a_service_that_ends_the_session",
         thrown(session_terminated(error(bosh_condition::item_not_found), stream_error())),
         source::service, "CONNFAIL CONNFAIL", gone, false},
        {"another_place", thrown(see_other_uri(error(errc::closed_by_server), "wss://b/")),
         source::redirect, "CONNFAIL ERROR", plain, true},
        {"a_redirect_that_is_not_followed",
         thrown(refused_redirect(error(errc::too_many_redirects), {})), source::no_redirect,
         "CONNFAIL ERROR", plain, false},
        {"an_answer_to_no_request_to_resume", thrown(resumption_failed(error(errc::bad_format))),
         source::resumption, "CONNFAIL -", plain, true},
        {"a_wrong_count", thrown(wrong_handled_count(errc::handled_count_too_high, 1, 2)),
         source::count, "CONNFAIL ERROR",
         content(stream_condition::undefined_condition) +
             wrong_handled_count(errc::handled_count_too_high, 1, 2).to_xml(),
         true},
        {"a_status_of_HTTP", thrown(protocol_error(protocol::http, 403, error(errc::http_refused))),
         source::below, "CONNFAIL -", plain, false},
        {"a_login_that_was_refused_to_the_broker",
         thrown(shared_failure(error(errc::connection_lost), {}, true)), source::broker,
         "AUTHFAIL -", gone, false},
    };
}

class failures : public ::testing::TestWithParam<row> {};

TEST_P(failures, are_taken_apart_once) {
    const auto& expected = GetParam();
    const failure why(expected.cause);
    EXPECT_EQ(why.from(), expected.from);
    EXPECT_EQ(statuses(why), expected.statuses);
    EXPECT_EQ(closing_error(why), expected.closing);
    EXPECT_EQ(may_pass(why), expected.passes);
    EXPECT_EQ(static_cast<bool>(why), expected.cause != nullptr);
}

TEST_P(failures, reach_programs_as_errors) {
    const failure why(GetParam().cause);
    if (!why) {
        EXPECT_EQ(why.as_error(), nullptr);
        return;
    }
    EXPECT_THROW(std::rethrow_exception(why.as_error()), error);
}

INSTANTIATE_TEST_SUITE_P(table, failures, ::testing::ValuesIn(rows()),
                         [](const auto& info) { return info.param.name; });

TEST(failure, before_encryption_repeats_nothing_that_was_sent) {
    const failure forged(thrown(
        refusal(error(stream_condition::conflict, "conflict", "words", "ours"), stream_error())));
    const auto doubtful = forged.doubted();
    EXPECT_EQ(doubtful.from(), source::unencrypted);
    EXPECT_EQ(doubtful.code(), errc::unencrypted_answer);
    EXPECT_EQ(doubtful.text().find("words"), std::string::npos);
    EXPECT_FALSE(doubtful.element());
    EXPECT_EQ(closing_error(doubtful), std::string()) << "what it would be from the server";
    EXPECT_TRUE(may_pass(doubtful));
}

TEST(failure, of_the_link_is_not_doubted) {
    const failure lost(thrown(error(errc::connection_lost)));
    EXPECT_EQ(lost.doubted().from(), source::library);
    EXPECT_TRUE(is_of_link(lost));
    EXPECT_FALSE(is_of_link(failure(thrown(told(stream_condition::reset)))));
}

}  // namespace
}  // namespace xmpp::detail
