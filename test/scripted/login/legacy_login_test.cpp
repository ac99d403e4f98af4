// XEP-0078, for servers of before SASL.
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

namespace xmpp::test {
namespace {

constexpr const char* legacy_feature = "<auth xmlns='http://jabber.org/features/iq-auth'/>";
constexpr const char* ask_fields =
    "<iq type='get' to='example.org'><query xmlns='jabber:iq:auth'>"
    "<username>juliet</username></query></iq>";
constexpr const char* both_fields =
    "<iq type='result' id='{id}'><query xmlns='jabber:iq:auth'>"
    "<username/><password/><digest/><resource/></query></iq>";
constexpr const char* only_password =
    "<iq type='result' id='{id}'><query xmlns='jabber:iq:auth'>"
    "<username/><password/><resource/></query></iq>";
// SHA-1 of "3EE948B0secret"
constexpr const char* digest_login =
    "<iq type='set' to='example.org'><query xmlns='jabber:iq:auth'><username>juliet</username>"
    "<digest>9b825444a6724723ce364240e754cbc51ecca203</digest><resource>balcony</resource>"
    "</query></iq>";
constexpr const char* password_login =
    "<iq type='set' to='example.org'><query xmlns='jabber:iq:auth'><username>juliet</username>"
    "<password>secret</password><resource>balcony</resource></query></iq>";
constexpr const char* ok = "<iq type='result' id='{id}'/>";

class legacy_login : public session_test {
 protected:
    legacy_login() { configure(settings().allow_legacy_auth(true)); }
    testing::scripted_peer& legacy_offer(const char* features = legacy_feature) {
        return peer.expect_header().send_header("id='3EE948B0'").features(features);
    }
};

TEST_F(legacy_login, logs_in_with_a_digest_and_binds_nothing) {
    legacy_offer().expect(ask_fields).send(both_fields).expect(digest_login).send(ok);
    peer.expect("<presence/>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(conn->user(), jid("juliet@example.org/balcony"));
    EXPECT_TRUE(conn->authenticated());
    conn->enqueue(presence());
    run_until_idle();
}

TEST_F(legacy_login, makes_up_a_resource) {
    legacy_offer()
        .expect(ask_fields)
        .send(both_fields)
        .expect(
            "<iq type='set' to='example.org'><query xmlns='jabber:iq:auth'>"
            "<username>juliet</username><digest>*</digest><resource>*</resource></query></iq>")
        .send(ok);
    start(credentials("juliet@example.org", "secret"));
    EXPECT_EQ(conn->user().bare(), jid("juliet@example.org"));
    EXPECT_FALSE(conn->user().resource().empty());
}

TEST_F(legacy_login, shows_the_password_where_that_is_allowed) {
    legacy_offer().expect(ask_fields).send(only_password).expect(password_login).send(ok);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(legacy_login, shows_the_password_on_an_encrypted_link) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("example.org"));
    configure(settings()
                  .tls(tls_mode::required)
                  .ca_pem(authority.ca_pem())
                  .allow_plaintext_auth(false)
                  .allow_legacy_auth(true));
    peer.accept_tls(identity);
    legacy_offer().expect(ask_fields).send(only_password).expect(password_login).send(ok);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(legacy_login, does_not_show_the_password_in_the_clear) {
    configure(settings().allow_legacy_auth(true).allow_plaintext_auth(false));
    legacy_offer().expect(ask_fields).send(only_password).expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNFAIL(stream-not-secure) "
              "DISCONNECTED(stream-not-secure)");
}

TEST_F(legacy_login, digest_needs_the_id_of_the_stream) {
    peer.expect_header().send_header("id=''").features(legacy_feature);
    peer.expect(ask_fields).send(both_fields).expect(password_login).send(ok);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(legacy_login, refused_ends_in_authfail_with_the_servers_word) {
    legacy_offer()
        .expect(ask_fields)
        .send(both_fields)
        .expect(digest_login)
        .send(
            "<iq type='error' id='{id}'><error type='auth'>"
            "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)");
    EXPECT_EQ(steps.back().error, stanza_condition::not_authorized);
    EXPECT_TRUE(step(status_code::authfail).detail);
    EXPECT_NE(steps.back().text.find("check the address"), std::string::npos);
}

TEST_F(legacy_login, checks_what_the_server_asks_for) {
    legacy_offer()
        .expect(ask_fields)
        .send("<iq type='result' id='{id}'><query xmlns='jabber:iq:auth'><key/></query></iq>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNFAIL(bad-format) DISCONNECTED(bad-format)");
}

TEST_F(legacy_login, takes_the_answer_to_its_own_request_only) {
    legacy_offer()
        .expect(ask_fields)
        .send("<iq type='result' id='other'/>")
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::unexpected_element);
}

TEST_F(legacy_login, hides_nothing_of_the_link_that_a_redirect_leads_to) {
    legacy_offer()
        .expect(ask_fields)
        .send(both_fields)
        .expect(digest_login)
        .send(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            "other.example.org</see-other-host></stream:error>")
        .expect_close()
        .next_connection()
        .accept_login("juliet@example.org/balcony");
    std::string seen;
    conn->on_xml_input([&seen](const element& received) { seen += received.to_xml(); });
    start();
    EXPECT_TRUE(conn->connected());
    EXPECT_NE(seen.find("<mechanism>PLAIN</mechanism>"), std::string::npos) << seen;
    conn->on_xml_input(nullptr);
}

TEST_F(legacy_login, needs_a_user_name) {
    legacy_offer().expect_close();
    run_session(credentials("example.org", "secret"));
    EXPECT_EQ(path(),
              "CONNECTING CONNFAIL(x-strophe-bad-non-anon-jid) "
              "DISCONNECTED(x-strophe-bad-non-anon-jid)");
}

TEST_F(legacy_login, needs_a_password) {
    const std::vector<credentials> unfit{
        credentials("juliet@example.org", ""), credentials::oauth("juliet@example.org", "t0ken"),
        credentials("juliet@example.org", "secret").authzid("nurse@example.org")};
    bool first = true;
    for (const auto& who : unfit) {
        if (!first) peer.next_connection();
        first = false;
        legacy_offer().expect_close();
        steps.clear();
        run_session(who);
        EXPECT_EQ(path(), "CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)");
    }
}

TEST_F(legacy_login, gives_way_to_sasl) {
    legacy_offer((std::string(legacy_feature) + plain_features).c_str()).expect(plain_auth).cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(legacy_login, is_used_where_the_list_of_mechanisms_is_empty) {
    legacy_offer(
        (std::string("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>") + legacy_feature)
            .c_str())
        .expect(ask_fields)
        .cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(legacy_login, is_refused_by_default) {
    configure(settings());
    legacy_offer().expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)");
    EXPECT_NE(steps.back().text.find("allow_legacy_auth"), std::string::npos)
        << "says what would help: " << steps.back().text;
}

TEST_F(legacy_login, the_digests_of_old_stay_refused) {
    offer(peer,
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>DIGEST-MD5</mechanism>"
          "<mechanism>CRAM-MD5</mechanism></mechanisms>"
          "<auth xmlns='http://jabber.org/features/iq-auth'/>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)");
}

}  // namespace
}  // namespace xmpp::test
