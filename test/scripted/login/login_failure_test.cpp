#include "base/crypto/base64.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class login_failure : public session_test {
 protected:
    /// What the status, the terminal one and the text agree on.
    void expect_end(const std::string& expected, std::error_code code) {
        EXPECT_EQ(path(), expected);
        ASSERT_FALSE(steps.empty());
        EXPECT_EQ(steps.back().code, status_code::disconnected);
        EXPECT_EQ(steps.back().error, code);
        EXPECT_FALSE(steps.back().text.empty());
    }
};

task<> log_in_and_note(connection& conn, std::error_code* code) {
    *code = co_await code_of(conn.login(credentials("juliet@example.org/balcony", "secret")));
}

TEST_F(login_failure, host_refuses) {
    peer.refuse_connection();
    run_session();
    expect_end("CONNECTING CONNFAIL(connection-refused) DISCONNECTED(connection-refused)",
               errc::connection_refused);
}

TEST_F(login_failure, silent_server_ends_at_the_deadline) {
    peer.expect_header().stall();
    configure(settings().connect_timeout(7s));
    const auto begin = time->now();
    run_session();
    expect_end("CONNECTING CONNTIMEOUT(connect-timeout) DISCONNECTED(connect-timeout)",
               errc::connect_timeout);
    EXPECT_EQ(time->now() - begin, 7s);
}

TEST_F(login_failure, features_that_never_come_end_at_the_deadline) {
    peer.expect_header().send_header().stall();
    run_session();
    expect_end("CONNECTING CONNTIMEOUT(connect-timeout) DISCONNECTED(connect-timeout)",
               errc::connect_timeout);
}

TEST_F(login_failure, closed_before_the_first_byte) {
    peer.expect_header().end();
    run_session();
    expect_end("CONNECTING CONNFAIL(connection-lost) DISCONNECTED(connection-lost)",
               errc::connection_lost);
}

TEST_F(login_failure, wrong_password) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/>"
            "<text xml:lang='en'>no such user</text></failure>")
        .expect_close();
    run_session();
    expect_end("CONNECTING AUTHENTICATING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)",
               sasl_condition::not_authorized);
    const auto& refused = step(status_code::authfail);
    ASSERT_TRUE(refused.detail);
    EXPECT_EQ((*refused.detail)->name(), "failure");
    EXPECT_NE(refused.text.find("no such user"), std::string::npos);
}

TEST_F(login_failure, login_throws_the_typed_reason) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><account-disabled/></failure>")
        .expect_close();
    std::error_code code;
    run(log_in_and_note(*conn, &code));
    EXPECT_EQ(code, sasl_condition::account_disabled);
}

class sasl_conditions : public login_failure, public ::testing::WithParamInterface<const char*> {};

TEST_P(sasl_conditions, is_reported_by_its_word) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(fmt::format("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{}/>"
                          "<text>in the words of the server</text></failure>",
                          GetParam()))
        .expect_close();
    run_session();
    const auto code = std::error_code(sasl_condition_from(GetParam()));
    expect_end(fmt::format("CONNECTING AUTHENTICATING AUTHFAIL({0}) DISCONNECTED({0})", GetParam()),
               code);
    EXPECT_GT(steps.back().text.size(), code.message().size() + 10)
        << "says what to do: " << steps.back().text;
    EXPECT_NE(step(status_code::authfail).text.find("in the words of the server"),
              std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(rfc6120, sasl_conditions,
                         ::testing::Values("aborted", "account-disabled", "credentials-expired",
                                           "encryption-required", "incorrect-encoding",
                                           "invalid-authzid", "invalid-mechanism",
                                           "malformed-request", "mechanism-too-weak",
                                           "not-authorized", "temporary-auth-failure", "x-unknown"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// The challenge is base64 of "r=wrong,s=c2FsdA==,i=4096".
TEST_F(login_failure, wrong_nonce_aborts_the_exchange) {
    offer(peer, scram_features)
        .expect(scram_auth)
        .send(
            "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
            "cj13cm9uZyxzPWMyRnNkQT09LGk9NDA5Ng==</challenge>")
        .expect("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect_close();
    run_session();
    expect_end("CONNECTING AUTHENTICATING AUTHFAIL(bad-challenge) DISCONNECTED(bad-challenge)",
               errc::bad_challenge);
    EXPECT_FALSE(step(status_code::authfail).detail);
}

struct challenge_case {
    const char* name;
    std::string payload;
};

void PrintTo(const challenge_case& row, std::ostream* out) {
    *out << row.name;
}

class bad_challenges : public login_failure,
                       public ::testing::WithParamInterface<challenge_case> {};

TEST_P(bad_challenges, abort_the_exchange) {
    offer(peer, scram_features)
        .expect(scram_auth)
        .send(fmt::format("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</challenge>",
                          GetParam().payload))
        .expect(abort_login)
        .expect_close();
    run_session();
    expect_end("CONNECTING AUTHENTICATING AUTHFAIL(bad-challenge) DISCONNECTED(bad-challenge)",
               errc::bad_challenge);
}

// What is base64 here says: "r=x", "m=x,r=x,s=c2FsdA==,i=4096", "r=x,i=4096,s=c2FsdA==".
INSTANTIATE_TEST_SUITE_P(
    sasl, bad_challenges,
    ::testing::Values(challenge_case{"nothing_but_a_nonce", "cj14"}, challenge_case{"empty", ""},
                      challenge_case{"wrong_order", "cj14LGk9NDA5NixzPWMyRnNkQT09"},
                      challenge_case{"mandatory_extension", "bT14LHI9eCxzPWMyRnNkQT09LGk9NDA5Ng=="},
                      challenge_case{"white_space", "cj 14"},
                      challenge_case{"missing_padding", "cj0"},
                      challenge_case{"url_alphabet", "_-_-"},
                      challenge_case{"huge", std::string(1U << 19U, 'A')}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(login_failure, an_error_of_the_server_inside_SCRAM_is_answered_with_abort) {
    // "e=other-error"
    offer(peer, scram_features)
        .expect(scram_auth)
        .send(
            "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>ZT1vdGhlci1lcnJvcg==</challenge>")
        .expect(abort_login)
        .expect_close();
    run_session();
    expect_end("CONNECTING AUTHENTICATING AUTHFAIL(other-error) DISCONNECTED(other-error)",
               sasl_condition::not_authorized);
}

TEST_F(login_failure, keys_that_the_server_no_longer_has_end_the_exchange_with_abort) {
    const scram_keys keys("SCRAM-SHA-1", "salt", 4096, std::string(20, 'c'), std::string(20, 's'));
    offer(peer, scram_features).then([](testing::scripted_peer& self) -> task<> {
        const auto auth = co_await self.receive();
        const auto first = detail::base64_decode(auth->text()).value();
        const auto nonce = first.substr(first.find(",r=") + 3);
        const auto challenge = "r=" + nonce + "x,s=c2FsdDI=,i=4096";
        auto xml = fmt::format("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</challenge>",
                               detail::base64_encode(challenge));
        co_await self.deliver(std::move(xml));
    });
    peer.expect(abort_login).expect_close();
    run_session(credentials(juliet, "").scram_keys(keys));
    expect_end(
        "CONNECTING AUTHENTICATING AUTHFAIL(credentials-expired) "
        "DISCONNECTED(credentials-expired)",
        sasl_condition::credentials_expired);
}

TEST_F(login_failure, an_rfc3920_word_for_broken_xml_is_known) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(
            "<stream:error><xml-not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    run_session();
    expect_end(
        "CONNECTING AUTHENTICATING CONNFAIL(xml-not-well-formed) "
        "DISCONNECTED(xml-not-well-formed)",
        stream_condition::not_well_formed);
}

TEST_F(login_failure, success_without_a_challenge_is_not_success) {
    offer(peer, scram_features).expect(scram_auth).send(success).expect_close();
    run_session();
    expect_end(
        "CONNECTING AUTHENTICATING AUTHFAIL(server-unverified) DISCONNECTED(server-unverified)",
        errc::server_unverified);
}

TEST_F(login_failure, a_challenge_to_plain_is_refused) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AAAA</challenge>")
        .expect("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect_close();
    run_session();
    expect_end("CONNECTING AUTHENTICATING AUTHFAIL(bad-challenge) DISCONNECTED(bad-challenge)",
               errc::bad_challenge);
}

TEST_F(login_failure, an_element_in_another_namespace_is_no_answer) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send("<success xmlns='urn:x'/>")
        .expect(abort_login)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_end(
        "CONNECTING AUTHENTICATING CONNFAIL(unexpected-element) "
        "DISCONNECTED(unexpected-element)",
        errc::unexpected_element);
}

struct header_case {
    const char* name;
    const char* attributes;
    errc code;
};

void PrintTo(const header_case& row, std::ostream* out) {
    *out << row.name;
}

class bad_headers : public login_failure, public ::testing::WithParamInterface<header_case> {};

TEST_P(bad_headers, are_refused) {
    const auto& row = GetParam();
    peer.expect_header().send_header(row.attributes).expect_close();
    run_session();
    const auto condition = condition_name(row.code);
    expect_end(fmt::format("CONNECTING CONNFAIL({0}) DISCONNECTED({0})", condition), row.code);
}

INSTANTIATE_TEST_SUITE_P(
    streams, bad_headers,
    ::testing::Values(header_case{"without_version", "version=''", errc::unsupported_version},
                      header_case{"version_0_9", "version='0.9'", errc::unsupported_version},
                      header_case{"version_2_0", "version='2.0'", errc::unsupported_version},
                      header_case{"version_abc", "version='abc'", errc::unsupported_version},
                      header_case{"version_1", "version='1'", errc::unsupported_version},
                      header_case{"other_host", "from='evil.example'", errc::host_mismatch},
                      header_case{"no_address", "from='@'", errc::host_mismatch}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(login_failure, version_1_10_is_a_version_1) {
    peer.expect_header()
        .send_header("version='1.10'")
        .features(plain_features)
        .expect(plain_auth)
        .cut();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNFAIL(connection-lost) "
              "DISCONNECTED(connection-lost)");
}

TEST_F(login_failure, a_header_without_id_will_do) {
    peer.expect_header().send_header("id=''").features(plain_features).expect(plain_auth).cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(login_failure, no_usable_mechanism) {
    offer(peer,
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
          "<mechanism>X-FOO</mechanism></mechanisms>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)");
    EXPECT_NE(step(status_code::connfail).text.find("X-FOO"), std::string::npos)
        << "says what was offered";
}

TEST_F(login_failure, no_mechanisms_at_all) {
    offer(peer, "").expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)", errc::no_mechanism);
}

TEST_F(login_failure, something_else_than_features) {
    peer.expect_header()
        .send_header()
        .send("<message><body>hi</body></message>")
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(unexpected-element) DISCONNECTED(unexpected-element)",
               errc::unexpected_element);
}

TEST_F(login_failure, stream_error_before_the_features) {
    peer.expect_header()
        .send_header()
        .send(
            "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(host-unknown) DISCONNECTED(host-unknown)",
               stream_condition::host_unknown);
    EXPECT_TRUE(step(status_code::connfail).detail);
}

TEST_F(login_failure, stream_closed_before_the_features) {
    peer.expect_header().send_header().close_stream().expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(closed-by-server) DISCONNECTED(closed-by-server)",
               errc::closed_by_server);
}

TEST_F(login_failure, password_login_without_a_user_name) {
    offer(peer, plain_features).expect_close();
    run_session(credentials("example.org", "secret"));
    EXPECT_EQ(path(),
              "CONNECTING CONNFAIL(x-strophe-bad-non-anon-jid) "
              "DISCONNECTED(x-strophe-bad-non-anon-jid)");
}

TEST_F(login_failure, empty_address_throws_before_any_status) {
    EXPECT_THROW((void)conn->connect(credentials(jid(), "secret")), error);
    EXPECT_TRUE(steps.empty());
}

TEST_F(login_failure, bad_service_throws_before_any_status) {
    for (const auto* service : {"nonsense", "gopher://x", "xmpp://", "xmpp://host:99999"}) {
        configure(settings(), service);
        try {
            (void)conn->connect(credentials("a@b", "c"));
            FAIL() << service;
        } catch (const error& refused) {
            EXPECT_EQ(refused.code(), errc::invalid_service) << service;
        }
    }
}

TEST_F(login_failure, second_connect_is_refused_while_one_runs) {
    peer.expect_header().stall();
    start();
    try {
        (void)conn->connect(credentials("juliet@example.org", "secret"));
        FAIL();
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::already_connected);
    }
    EXPECT_EQ(path(), "CONNECTING");
}

TEST_F(login_failure, missing_starttls_is_not_passed_over) {
    configure(settings().tls(tls_mode::required));
    offer(peer, plain_features).expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)",
               errc::tls_unavailable);
}

TEST_F(login_failure, data_behind_proceed_is_an_injection) {
    peer.streams(testing::memory_stream_options());  // in the same read, always
    configure(settings().tls(tls_mode::required));
    offer(peer, starttls_features)
        .expect(starttls)
        .send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features/>")
        .expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(unexpected-data) DISCONNECTED(unexpected-data)",
               errc::unexpected_data);
}

TEST_F(login_failure, refused_starttls_falls_back_to_nothing) {
    configure(settings().tls(tls_mode::optional));
    offer(peer, starttls_features)
        .expect(starttls)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        .expect_close();
    run_session();
    expect_end("CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)",
               errc::tls_unavailable);
}

TEST_F(login_failure, untrusted_certificate_says_whose_it_is) {
    const testing::test_authority authority;
    configure(settings().tls(tls_mode::required));
    offer(peer, starttls_features)
        .expect(starttls)
        .send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        .expect_tls_failure(authority.issue(testing::certificate_request().dns("example.org")));
    run_session();
    expect_end("CONNECTING CONNFAIL(unknown-issuer) DISCONNECTED(unknown-issuer)",
               certificate_errc::unknown_issuer);
}

TEST_F(login_failure, plain_without_tls_is_refused) {
    configure(settings().allow_plaintext_auth(false));
    offer(peer, plain_features).expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING CONNFAIL(stream-not-secure) "
              "DISCONNECTED(stream-not-secure)");
}

task<std::unique_ptr<byte_stream>> dial_and_throw(int what) {
    if (what == 0) throw std::runtime_error("no tunnel");
    throw 42;
    co_return nullptr;
}

TEST_F(login_failure, a_dialer_that_throws_anything_ends_in_connfail) {
    for (const int what : {0, 1}) {
        configure(settings().dialer(
            [what](const std::string&, std::uint16_t) { return dial_and_throw(what); }));
        steps.clear();
        run_session();
        expect_end("CONNECTING CONNFAIL(callback-failed) DISCONNECTED(callback-failed)",
                   errc::callback_failed);
    }
}

task<> log_in_and_note_reason(connection& conn, std::optional<error>* reason) {
    try {
        co_await conn.login(credentials("juliet@example.org", "secret"));
    } catch (const error& failed) {
        *reason = failed;
    }
}

TEST_F(login_failure, login_throws_an_error_of_the_library_whoever_threw_first) {
    std::optional<error> reason;
    peer.expect_header().cut();
    run(log_in_and_note_reason(*conn, &reason));
    ASSERT_TRUE(reason);
    EXPECT_EQ(reason->code(), asio::error::connection_reset);
    for (const int what : {0, 1}) {
        configure(settings().dialer(
            [what](const std::string&, std::uint16_t) { return dial_and_throw(what); }));
        reason.reset();
        run(log_in_and_note_reason(*conn, &reason));
        ASSERT_TRUE(reason);
        EXPECT_EQ(reason->code(), errc::callback_failed);
    }
}

TEST_F(login_failure, disconnect_before_the_session_is_up) {
    peer.expect_header().expect_disconnect();
    start();
    run(conn->disconnect("never mind"));
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING DISCONNECTING(never mind) DISCONNECTED");
}

task<> connect_and(connection& conn, void (*act)(connection&), std::vector<status>* steps) {
    auto statuses = conn.connect(credentials("juliet@example.org", "secret"));
    act(conn);
    while (auto step = co_await statuses.next()) steps->push_back(std::move(*step));
}

// The session has not had its first turn then.
TEST_F(login_failure, given_up_in_the_turn_of_connect) {
    run(connect_and(*conn, [](connection& given) { given.reset(); }, &steps));
    EXPECT_EQ(path(), "CONNECTING DISCONNECTED");
    steps.clear();
    const auto leave = [](connection& given) {
        detail::spawn(given.get_executor(), given.disconnect("no"), [](std::exception_ptr) {});
    };
    run(connect_and(*conn, leave, &steps));
    EXPECT_EQ(path(), "CONNECTING DISCONNECTING(no) DISCONNECTED");
}

TEST_F(login_failure, login_throws_connect_timeout) {
    peer.expect_header().stall();
    std::error_code code;
    run(log_in_and_note(*conn, &code));
    EXPECT_EQ(code, errc::connect_timeout);
}

}  // namespace
}  // namespace xmpp::test
