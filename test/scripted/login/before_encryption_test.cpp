// What comes before TLS may be anybody's (RFC 6120 13): it is a failure of the link, whatever it
// says.
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class before_encryption : public reconnecting {
 protected:
    before_encryption() { configure(secure()); }
    options secure() const { return lasting().tls(tls_mode::required).ca_pem(authority.ca_pem()); }
    /// A session that is up over TLS, whose link is lost with a stanza unacknowledged.
    testing::scripted_peer& come_up_and_lose() {
        peer.accept_tls(identity);
        accept_managed(peer).expect(chat("1")).expect(ack_request);
        return lose();
    }
    /// The rest of the script: the stream is resumed, and nothing was forgotten.
    void come_back() {
        peer.next_connection().accept_tls(identity);
        offer_to_resume(peer)
            .expect(resume("one", "0"))
            .send(resumed("one", "0"))
            .expect(chat("1"))
            .expect(ack_request)
            .send(ack("1"));
        start();
        send_acked("1");
        pass(5s);
        EXPECT_TRUE(conn->resumed()) << path();
        EXPECT_EQ(outcomes["1"], "done");
    }

    testing::test_authority authority;
    testing::certificate identity =
        authority.issue(testing::certificate_request::for_server("example.org"));
};

TEST_F(before_encryption, a_stream_error_only_costs_the_link) {
    come_up_and_lose()
        .expect_header()
        .send_header()
        .send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>words of a forger</text>"
            "</stream:error>")
        .expect_close();
    come_back();
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) "
                                  "RECONNECTING(unencrypted-answer) AUTHENTICATING CONNECTED",
                                  up));
    for (const auto& each : steps) {
        EXPECT_EQ(each.text.find("forger"), std::string::npos) << each.text;
        EXPECT_FALSE(each.detail);
    }
}

TEST_F(before_encryption, a_page_of_a_portal_only_costs_the_link) {
    come_up_and_lose()
        .expect_header()
        .send_raw("HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n<html><br></html>")
        .cut();
    come_back();
}

TEST_F(before_encryption, features_without_tls_only_cost_the_link) {
    offer(come_up_and_lose(), plain_features).expect_close();
    come_back();
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) "
                                  "RECONNECTING(tls-unavailable) AUTHENTICATING CONNECTED",
                                  up));
}

TEST_F(before_encryption, a_refusal_to_begin_tls_only_costs_the_link) {
    offer(come_up_and_lose(), starttls_features)
        .expect(starttls)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        .expect_close();
    come_back();
}

TEST_F(before_encryption, a_redirect_only_costs_the_link) {
    come_up_and_lose()
        .expect_header()
        .send_header()
        .send(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            "evil.example</see-other-host></stream:error>")
        .expect_close();
    come_back();
}

TEST_F(before_encryption, a_certificate_of_another_only_costs_the_link) {
    const testing::test_authority portal;
    auto other = portal.issue(testing::certificate_request::for_server("portal.example"));
    offer(come_up_and_lose(), starttls_features)
        .expect(starttls)
        .send(proceed)
        .expect_tls_failure(std::move(other));
    come_back();
}

TEST_F(before_encryption, no_later_link_does_without_tls_where_it_is_optional) {
    configure(secure().tls(tls_mode::optional));
    offer(come_up_and_lose(), plain_features).expect_close();
    come_back();
}

TEST_F(before_encryption, the_first_failure_of_a_session_says_that_anybody_may_have_answered) {
    configure(secure());
    peer.expect_header()
        .send_header()
        .send(
            "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(unencrypted-answer) DISCONNECTED(unencrypted-answer)");
    EXPECT_NE(step(status_code::connfail).text.find("unencrypted link"), std::string::npos);
}

TEST_F(before_encryption, the_end_of_a_session_without_reconnecting_says_so_too) {
    configure(secure().reconnect(false));
    offer(peer, plain_features).expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
    EXPECT_NE(step(status_code::connfail).text.find("unencrypted link"), std::string::npos);
}

TEST_F(before_encryption, a_service_waits_for_its_server_behind_it) {
    configure(secure().retry_first_connect(true));
    offer(peer, plain_features).expect_close();
    peer.next_connection().accept_tls(identity).accept_login(juliet);
    start();
    pass(5s);
    EXPECT_TRUE(conn->connected()) << path();
}

TEST_F(before_encryption, the_word_of_a_server_counts_where_there_is_to_be_no_tls) {
    configure(lasting());
    peer.accept_login(juliet);
    lose()
        .expect_header()
        .send_header()
        .send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    start();
    pass(5s);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(connection-lost) CONNFAIL(conflict) "
                                  "DISCONNECTED(conflict)",
                                  up));
}

}  // namespace
}  // namespace xmpp::test
