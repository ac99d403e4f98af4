#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

class binding : public session_test {};

testing::scripted_peer& log_in(testing::scripted_peer& peer) {
    return offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header();
}

TEST_F(binding, contract_B28_features_without_binding) {
    log_in(peer).features("").expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNFAIL(no-bind) DISCONNECTED(no-bind)");
    EXPECT_EQ(steps.back().error, errc::no_bind);
}

struct bind_case {
    const char* name;
    const char* answer;
    const char* condition;
};

void PrintTo(const bind_case& row, std::ostream* out) {
    *out << row.name;
}

class bad_binding : public binding, public ::testing::WithParamInterface<bind_case> {};

TEST_P(bad_binding, contract_B29_ends_in_authfail) {
    const auto& row = GetParam();
    log_in(peer)
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony"
            "</resource></bind></iq>")
        .send(row.answer)
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("CONNECTING AUTHENTICATING AUTHFAIL({0}) DISCONNECTED({0})",
                                  row.condition));
    ASSERT_TRUE(step(status_code::authfail).detail);
    EXPECT_EQ(step(status_code::authfail).detail->kind(), stanza_kind::iq);
}

#define BIND(content)                                                                     \
    "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" content \
    "</bind></iq>"
#define BIND_ERROR(condition)                                     \
    "<iq type='error' id='{id}'><error type='cancel'><" condition \
    " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

INSTANTIATE_TEST_SUITE_P(
    answers, bad_binding,
    ::testing::Values(
        bind_case{"bad_input_C49_conflict", BIND_ERROR("conflict"), "conflict"},
        bind_case{"bad_input_C49_resource_constraint", BIND_ERROR("resource-constraint"),
                  "resource-constraint"},
        bind_case{"bad_input_C49_not_allowed", BIND_ERROR("not-allowed"), "not-allowed"},
        bind_case{"without_bind", "<iq type='result' id='{id}'/>", "bad-format"},
        bind_case{"bad_input_C48_other_account", BIND("<jid>romeo@example.org/x</jid>"),
                  "host-mismatch"},
        bind_case{"bad_input_C48_empty_jid", BIND("<jid/>"), "bad-format"},
        bind_case{"bad_input_C48_bare_jid", BIND("<jid>juliet@example.org</jid>"), "bad-format"},
        bind_case{"bad_input_C48_two_jids",
                  BIND("<jid>juliet@example.org/a</jid><jid>juliet@example.org/b</jid>"),
                  "bad-format"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace xmpp::test
