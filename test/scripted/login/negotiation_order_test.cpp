// Before the session is up everything has its place; what comes at another is no part of it.
#include "base/event.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* stray_message = "<message from='eve@example.net'><body>in</body></message>";

class negotiation_order : public session_test {
 protected:
    negotiation_order() {
        conn->add_handler(match(), [this](const stanza&) { return ++dispatched > 0; });
    }
    void TearDown() override {
        EXPECT_EQ(dispatched, 0) << "nothing of it is for the program";
        session_test::TearDown();
    }
    /// The login ended for `condition` before the session was up.
    void expect_refused(const std::string& condition) {
        EXPECT_EQ(steps.back().condition, condition) << path();
        EXPECT_EQ(steps.back().code, status_code::disconnected);
        EXPECT_EQ(path().find("CONNECTED "), std::string::npos) << path();
    }
    testing::scripted_peer& up_to_binding() { return offer_to_bind(peer).expect(bind_request); }
    int dispatched = 0;
};

TEST_F(negotiation_order, a_stanza_before_the_features) {
    peer.expect_header()
        .send_header()
        .send(stray_message)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, a_stanza_before_authentication) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(stray_message)
        .expect(abort_login)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, a_stanza_before_binding) {
    up_to_binding().send(stray_message).expect(stream_error("not-authorized")).expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, features_twice_before_authentication) {
    offer(peer, plain_features)
        .features(plain_features)
        .expect(plain_auth)
        .expect(abort_login)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, features_twice_before_tls) {
    configure(settings().tls(tls_mode::required));
    offer(peer, starttls_features)
        .features(starttls_features)
        .expect(starttls)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, features_twice_before_binding) {
    up_to_binding().features(bind_feature).expect(stream_error("not-authorized")).expect_close();
    run_session();
    expect_refused("unexpected-element");
}

/// Sends plain text when the client has answered <proceed/> with the beginning of its handshake.
task<> inject(testing::scripted_peer& peer, std::shared_ptr<clock> time) {
    auto executor = co_await asio::this_coro::executor;
    detail::event later(executor);
    const auto appointment = time->call_at(executor, time->now() + 1s, [&later] { later.set(); });
    co_await later.wait();
    co_await peer.deliver("<stream:features/>");
}

TEST_F(negotiation_order, plain_text_in_place_of_the_handshake) {
    configure(settings().tls(tls_mode::required));
    offer(peer, starttls_features)
        .expect(starttls)
        .send(proceed)
        .then([this](testing::scripted_peer& self) { return inject(self, time); });
    run_session();
    expect_refused("tls-failure");
}

TEST_F(negotiation_order, mechanisms_from_before_tls_are_forgotten) {
    const testing::test_authority authority;
    configure(settings().tls(tls_mode::required).ca_pem(authority.ca_pem()));
    offer(peer, (std::string(starttls_features) + plain_features).c_str())
        .expect(starttls)
        .start_tls(authority.issue(testing::certificate_request().dns("example.org")))
        .expect_header()
        .send_header()
        .features(scram_features)
        .expect(scram_auth)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .expect_close();
    run_session();
    expect_refused("not-authorized");
}

TEST_F(negotiation_order, no_mechanism_after_tls_is_none_at_all) {
    const testing::test_authority authority;
    configure(settings().tls(tls_mode::required).ca_pem(authority.ca_pem()));
    offer(peer, (std::string(starttls_features) + plain_features).c_str())
        .expect(starttls)
        .start_tls(authority.issue(testing::certificate_request().dns("example.org")))
        .expect_header()
        .send_header()
        .features("")
        .expect_close();
    run_session();
    expect_refused("no-auth-mech");
}

TEST_F(negotiation_order, white_space_before_the_outcome) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send_raw("\n")
        .send(success)
        .expect(stream_error("bad-format"))
        .expect_close();
    run_session();
    expect_refused("bad-format");
}

TEST_F(negotiation_order, another_element_before_the_outcome) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send("<sm xmlns='urn:xmpp:sm:3'/>")
        .expect(abort_login)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    expect_refused("unexpected-element");
}

TEST_F(negotiation_order, white_space_before_proceed) {
    configure(settings().tls(tls_mode::required));
    offer(peer, starttls_features)
        .expect(starttls)
        .send_raw(" ")
        .send(proceed)
        .expect(stream_error("bad-format"))
        .expect_close();
    run_session();
    expect_refused("bad-format");
}

TEST_F(negotiation_order, white_space_outside_the_exchanges_does_no_harm) {
    peer.expect_header()
        .send_header()
        .send_raw("\n")
        .features(plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header()
        .send_raw("\n ")
        .features(bind_feature)
        .send_raw("\n")
        .expect(bind_request)
        .send_raw("\n\n")
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(negotiation_order, our_own_exchange_has_no_white_space) {
    std::string sent;
    conn->on_raw_output([&sent](std::string_view bytes) { sent += bytes; });
    peer.accept_login("juliet@example.org/balcony");
    start();
    EXPECT_EQ(sent.find_first_of("\r\n\t"), std::string::npos) << sent;
    EXPECT_EQ(sent.find("> "), std::string::npos) << sent;
    EXPECT_NE(sent.find("><iq"), std::string::npos) << sent;
}

struct outcomes_case {
    const char* name;
    const char* second;
};

void PrintTo(const outcomes_case& row, std::ostream* out) {
    *out << row.name;
}

class two_outcomes : public negotiation_order,
                     public ::testing::WithParamInterface<outcomes_case> {};

// Together with the first, the second can only be an intruder's; later, it is no stream header.
TEST_P(two_outcomes, the_second_closes_the_stream) {
    peer.streams(testing::memory_stream_options());
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(std::string(success) + GetParam().second)
        .expect_close();
    run_session();
    expect_refused("unexpected-data");
}

TEST_P(two_outcomes, the_second_is_no_stream_header) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send(GetParam().second)
        .expect(stream_error("invalid-namespace"))
        .expect_close();
    run_session();
    expect_refused("invalid-namespace");
}

INSTANTIATE_TEST_SUITE_P(
    sasl, two_outcomes,
    ::testing::Values(
        outcomes_case{"success_and_failure",
                      "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>"},
        outcomes_case{"success_twice", success}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(negotiation_order, success_after_failure_changes_nothing) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .send(success)
        .expect_close();
    run_session();
    expect_refused("not-authorized");
}

struct features_case {
    const char* name;
    const char* children;
    const char* condition;
};

void PrintTo(const features_case& row, std::ostream* out) {
    *out << row.name;
}

class odd_features : public negotiation_order,
                     public ::testing::WithParamInterface<features_case> {};

TEST_P(odd_features, end_in_a_typed_error) {
    offer(peer, GetParam().children).expect_close();
    run_session();
    expect_refused(GetParam().condition);
}

INSTANTIATE_TEST_SUITE_P(
    features, odd_features,
    ::testing::Values(
        features_case{"mechanisms_without_any",
                      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "no-auth-mech"},
        features_case{"mechanisms_as_text",
                      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>PLAIN</mechanisms>",
                      "no-auth-mech"},
        features_case{"mechanism_without_a_name",
                      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism/>"
                      "</mechanisms>",
                      "no-auth-mech"},
        features_case{"mechanism_in_a_mechanism",
                      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>"
                      "<mechanism>PLAIN</mechanism></mechanism></mechanisms>",
                      "no-auth-mech"},
        features_case{"mechanisms_of_nobody",
                      "<mechanisms><mechanism>PLAIN"
                      "</mechanism></mechanisms>",
                      "no-auth-mech"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(negotiation_order, a_stream_of_servers_is_refused_before_anything_is_said_on_it) {
    peer.expect_header()
        .send_raw(
            "<stream:stream xmlns='jabber:server' "
            "xmlns:stream='http://etherx.jabber.org/streams' id='1' from='example.org' "
            "version='1.0'>")
        .features(plain_features)
        .expect(stream_error("invalid-namespace"))
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(invalid-namespace) DISCONNECTED(invalid-namespace)");
    EXPECT_EQ(steps.back().error, stream_condition::invalid_namespace);
}

TEST_F(negotiation_order, features_that_are_not_well_formed) {
    peer.expect_header()
        .send_header()
        .send_raw("<stream:features><mechanisms></stream:features>")
        .expect(stream_error("not-well-formed"))
        .expect_close();
    run_session();
    expect_refused("not-well-formed");
}

}  // namespace
}  // namespace xmpp::test
