#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

class binding : public session_test {};

constexpr const char* anonymous_features =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism>"
    "</mechanisms>";

task<> note_failure(connection& conn, builder request, std::error_code* code) {
    try {
        co_await conn.send_iq(std::move(request), std::chrono::seconds(1));
    } catch (const error& failed) {
        *code = failed.code();
    }
}

testing::scripted_peer& log_in(testing::scripted_peer& peer) {
    return offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header();
}

TEST_F(binding, is_missed_in_features_without_it) {
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

TEST_P(bad_binding, ends_in_authfail) {
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
        bind_case{"conflict", BIND_ERROR("conflict"), "conflict"},
        bind_case{"resource_constraint", BIND_ERROR("resource-constraint"), "resource-constraint"},
        bind_case{"not_allowed", BIND_ERROR("not-allowed"), "not-allowed"},
        bind_case{"without_bind", "<iq type='result' id='{id}'/>", "bad-format"},
        bind_case{"other_account", BIND("<jid>romeo@example.org/x</jid>"), "host-mismatch"},
        bind_case{"empty_jid", BIND("<jid/>"), "bad-format"},
        bind_case{"another_domain", BIND("<jid>juliet@example.net/x</jid>"), "host-mismatch"},
        bind_case{"from_a_stranger",
                  "<iq type='result' id='{id}' from='mallory@evil.test/x'>"
                  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  "<jid>juliet@example.org/x</jid></bind></iq>",
                  "unexpected-element"},
        bind_case{"from_another_user_here",
                  "<iq type='result' id='{id}' from='mallory@example.org'>"
                  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  "<jid>juliet@example.org/x</jid></bind></iq>",
                  "unexpected-element"},
        bind_case{"from_no_address",
                  "<iq type='result' id='{id}' from='@@'>"
                  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  "<jid>juliet@example.org/x</jid></bind></iq>",
                  "unexpected-element"},
        bind_case{"bare_jid", BIND("<jid>juliet@example.org</jid>"), "bad-format"},
        bind_case{"two_jids",
                  BIND("<jid>juliet@example.org/a</jid><jid>juliet@example.org/b</jid>"),
                  "bad-format"}),
    [](const auto& info) { return std::string(info.param.name); });

/// What the server calls us, and what it says of that.
struct bound_case {
    const char* name;
    const char* login;
    const char* result;  // attributes
    const char* jid;     // as it is written
    const char* user;
};

void PrintTo(const bound_case& row, std::ostream* out) {
    *out << row.name;
}

class accepted_binding : public binding, public ::testing::WithParamInterface<bound_case> {};

TEST_P(accepted_binding, the_server_says_who_we_are) {
    const auto& row = GetParam();
    const jid login(row.login);
    const bool anonymous = login.local().empty();
    offer(peer, anonymous ? anonymous_features : plain_features)
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='*'>*</auth>")
        .send(success)
        .expect_header()
        .send_header()
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(bind_request)
        .send(fmt::format("<iq type='result' id='{{id}}' {}>"
                          "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{}</jid></bind>"
                          "</iq>",
                          row.result, row.jid));
    start(anonymous ? credentials::anonymous("example.org") : credentials(login, "secret"));
    EXPECT_EQ(path(), up);
    EXPECT_EQ(conn->user().str(), row.user);
    EXPECT_EQ(conn->authzid().str(), conn->user().bare().str());
}

INSTANTIATE_TEST_SUITE_P(
    answers, accepted_binding,
    ::testing::Values(
        bound_case{"sharp_s_folded", "stra\u00DFe@example.org/x", "", "strasse@example.org/x",
                   "strasse@example.org/x"},
        bound_case{"final_sigma_folded", "\u03A3\u0391\u03A3@example.org/x", "",
                   "\u03C3\u03B1\u03C3@example.org/x", "\u03C3\u03B1\u03C3@example.org/x"},
        bound_case{"from_the_account_as_folded", "stra\u00DFe@example.org/x",
                   "from='strasse@example.org'", "strasse@example.org/x", "strasse@example.org/x"},
        bound_case{"from_the_server", juliet, "from='example.org'", "juliet@example.org/x",
                   "juliet@example.org/x"},
        bound_case{"from_the_account", juliet, "from='juliet@example.org'", "juliet@example.org/x",
                   "juliet@example.org/x"},
        bound_case{"from_the_new_address", juliet, "from='juliet@example.org/x'",
                   "juliet@example.org/x", "juliet@example.org/x"},
        bound_case{"odd_resource", juliet, "", "juliet@example.org/a\u00B7b",
                   "juliet@example.org/a\u00B7b"},
        bound_case{"on_a_line_of_its_own", juliet, "", "\n  juliet@example.org/x\n",
                   "juliet@example.org/x"},
        bound_case{"with_a_line_break_behind", juliet, "", "juliet@example.org/x \n ",
                   "juliet@example.org/x"},
        bound_case{"with_a_space_that_belongs_there", juliet, "", "juliet@example.org/x ",
                   "juliet@example.org/x "},
        bound_case{"anonymous", "example.org", "", "n7@example.org/x", "n7@example.org/x"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(binding, of_somebody_anonymous_is_at_the_domain_that_was_asked_for) {
    offer(peer, anonymous_features)
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'>*</auth>")
        .send(success)
        .expect_header()
        .send_header()
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(bind_request)
        .send(BIND("<jid>n7@example.net/x</jid>"))
        .expect_close();
    run_session(credentials::anonymous("example.org"));
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(host-mismatch) DISCONNECTED(host-mismatch)");
}

TEST_F(binding, requests_to_the_account_are_answered_however_it_is_spelled) {
    log_in(peer)
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(bind_request)
        .send(BIND("<jid>strasse@example.org/x</jid>"))
        .expect("<iq type='get' to='stra\u00DFe@example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' id='{id}' from='strasse@example.org'/>")
        .expect("<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' id='{id}' from='strasse@example.org'/>");
    start(credentials("stra\u00DFe@example.org/x", "secret"));
    for (auto request : {iq::get("stra\u00DFe@example.org"), iq::get()}) {
        std::error_code code;
        request.c("ping", ns::ping);
        run(note_failure(*conn, std::move(request), &code));
        EXPECT_FALSE(code) << code.message();
    }
}

/// Waits for the program to bind, with reads of one byte or more.
class bind_required : public binding, public ::testing::WithParamInterface<std::size_t> {
 protected:
    bind_required() {
        peer.streams(testing::memory_stream_options().max_read(GetParam()));
        configure(settings().explicit_resource_binding(true));
        log_in(peer).features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
        start();
        EXPECT_EQ(path(), waiting);
    }

    void expect_end(std::string_view condition) {
        run_until_idle();
        EXPECT_EQ(path(), fmt::format("{0} CONNFAIL({1}) DISCONNECTED({1})", waiting, condition));
    }

    static constexpr const char* waiting = "CONNECTING AUTHENTICATING BINDREQUIRED";
};

TEST_P(bind_required, a_lost_link_is_noticed_at_once) {
    peer.cut();
    expect_end("connection-lost");
}

TEST_P(bind_required, a_link_that_ends_is_noticed_at_once) {
    peer.end();
    expect_end("connection-lost");
}

TEST_P(bind_required, the_end_of_the_stream_is_noticed_at_once) {
    peer.close_stream().expect_close();
    expect_end("closed-by-server");
}

TEST_P(bind_required, a_stream_error_is_noticed_at_once) {
    peer.send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    expect_end("conflict");
    EXPECT_TRUE(steps.back().detail);
}

TEST_P(bind_required, a_stanza_is_out_of_place) {
    peer.send("<message from='a@b'><body>early</body></message>")
        .expect(stream_error("not-authorized"))
        .expect_close();
    expect_end("unexpected-element");
}

TEST_P(bind_required, broken_xml_is_noticed_at_once) {
    peer.send_raw("<message></presence>")
        .expect(
            "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    expect_end("not-well-formed");
}

TEST_P(bind_required, what_was_read_in_part_is_not_lost) {
    peer.send_raw("<iq type='result' id=");
    run_until_idle();
    peer.expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x"
            "</resource></bind></iq>")
        .then([](testing::scripted_peer& self) -> task<> {
            const std::string rest = fmt::format(
                "'{}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                "<jid>juliet@example.org/x</jid></bind></iq>",
                self.last().id());
            self.send_raw(rest);
            co_return;
        });
    run(conn->bind("x"));
    EXPECT_EQ(conn->user(), jid("juliet@example.org/x"));
}

TEST_P(bind_required, the_program_may_take_its_time) {
    peer.expect_nothing(std::chrono::hours(24))
        .expect("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        .send(BIND("<jid>juliet@example.org/server-chose</jid>"))
        .send("<message from='a@b'><body>1</body></message>");
    pass(std::chrono::hours(24));
    EXPECT_EQ(path(), waiting);
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    run(conn->bind());
    run_until_idle();
    EXPECT_EQ(seen, 1);
}

TEST_P(bind_required, disconnect_ends_it) {
    peer.expect_disconnect();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", waiting));
}

TEST_P(bind_required, reset_ends_it) {
    conn->reset();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED", waiting));
}

TEST_P(bind_required, destroying_the_connection_ends_it) {
    conn.reset();
    run_until_idle();
    EXPECT_EQ(path(), waiting);
}

INSTANTIATE_TEST_SUITE_P(reads, bind_required,
                         ::testing::Values(std::size_t{1}, std::size_t{65536}));

}  // namespace
}  // namespace xmpp::test
