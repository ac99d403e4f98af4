#include "login/negotiation.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::detail {
namespace {

stanza features(const std::string& children) {
    return stanza::parse(fmt::format(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>{}</stream:features>",
        children));
}

const std::string starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string sasl = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
const std::string bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
const std::string session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>";
const std::string optional_session =
    "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>";

struct step_case {
    const char* name;
    std::string offered;
    int state;
    tls_mode tls;
    negotiation_step next;
};

void PrintTo(const step_case& row, std::ostream* out) {
    *out << row.name;
}

class next_step_table : public ::testing::TestWithParam<step_case> {};

TEST_P(next_step_table, decides) {
    const auto& row = GetParam();
    EXPECT_EQ(next_step(features(row.offered), static_cast<std::uint8_t>(row.state), row.tls),
              row.next);
}

constexpr int logged_in = encrypted | authenticated;

INSTANTIATE_TEST_SUITE_P(
    rows, next_step_table,
    ::testing::Values(step_case{"tls_first", starttls + sasl, nothing_yet, tls_mode::required,
                                negotiation_step::start_tls},
                      step_case{"tls_when_offered", starttls + sasl, nothing_yet,
                                tls_mode::optional, negotiation_step::start_tls},
                      step_case{"no_tls_when_not_offered", sasl, nothing_yet, tls_mode::optional,
                                negotiation_step::authenticate},
                      step_case{"never_tls", starttls + sasl, nothing_yet, tls_mode::disabled,
                                negotiation_step::authenticate},
                      step_case{"no_second_tls", starttls + sasl, encrypted, tls_mode::required,
                                negotiation_step::authenticate},
                      step_case{"bind_after_login", sasl + bind, logged_in, tls_mode::required,
                                negotiation_step::bind},
                      step_case{"mandatory_session", bind + session, logged_in | bound,
                                tls_mode::required, negotiation_step::open_session},
                      step_case{"optional_session", bind + optional_session, logged_in | bound,
                                tls_mode::required, negotiation_step::done},
                      step_case{"nothing_left", bind + session, logged_in | bound | session_open,
                                tls_mode::required, negotiation_step::done},
                      step_case{"compression_is_ignored",
                                "<compression xmlns='http://jabber.org/features/compress'/>" + bind,
                                logged_in, tls_mode::required, negotiation_step::bind}),
    [](const auto& info) { return std::string(info.param.name); });

errc missing(const std::string& offered, int state, tls_mode tls) {
    try {
        (void)next_step(features(offered), static_cast<std::uint8_t>(state), tls);
    } catch (const error& refused) {
        EXPECT_FALSE(refused.explanation().empty());
        return static_cast<errc>(refused.code().value());
    }
    ADD_FAILURE() << "nothing was missing";
    return {};
}

const std::string legacy = "<auth xmlns='http://jabber.org/features/iq-auth'/>";
const std::string plain =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    "</mechanisms>";

negotiation_step with_legacy(const std::string& offered, int state, tls_mode tls) {
    return next_step(features(offered), static_cast<std::uint8_t>(state), tls, true);
}

TEST(next_step, takes_the_login_of_before_sasl_where_there_is_no_other) {
    using enum negotiation_step;
    EXPECT_EQ(with_legacy(legacy, encrypted, tls_mode::required), authenticate_legacy);
    EXPECT_EQ(with_legacy(sasl + legacy, encrypted, tls_mode::required), authenticate_legacy);
    EXPECT_EQ(with_legacy(legacy + plain, encrypted, tls_mode::required), authenticate);
    EXPECT_EQ(with_legacy(starttls + legacy, nothing_yet, tls_mode::optional), start_tls);
    EXPECT_EQ(
        with_legacy(legacy, encrypted | authenticated | bound | session_open, tls_mode::required),
        done);
    EXPECT_THROW((void)with_legacy(legacy, nothing_yet, tls_mode::required), error);
    EXPECT_THROW((void)with_legacy("", encrypted, tls_mode::required), error);
}

TEST(describe_features, names_them) {
    EXPECT_EQ(describe_features(features(starttls + sasl)), "starttls, mechanisms");
    EXPECT_EQ(describe_features(features("")), "none");
}

TEST(next_step, refuses_to_go_on_without_what_must_come) {
    EXPECT_EQ(missing(sasl, nothing_yet, tls_mode::required), errc::tls_unavailable);
    EXPECT_EQ(missing("", encrypted, tls_mode::required), errc::no_mechanism);
    EXPECT_EQ(missing(sasl, logged_in, tls_mode::required), errc::no_bind);
}

}  // namespace
}  // namespace xmpp::detail
