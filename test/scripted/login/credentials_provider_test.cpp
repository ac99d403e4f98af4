#include "base/event.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

/// What a test's provider does.
struct provider_part {
    detail::event* wait = nullptr;
    std::optional<credentials> answer;
    std::optional<stanza> features;
    int asked = 0;
    bool secure = false;
};

task<credentials> provide(provider_part& part, stanza features, credentials who) {
    ++part.asked;
    part.features = features;
    if (part.wait) co_await part.wait->wait();
    co_return part.answer.value_or(who);
}

task<credentials> refuse(int what) {
    if (what == 0) throw error(sasl_condition::credentials_expired, "log in on the web");
    if (what == 1) throw std::runtime_error("no password was typed");
    throw what;
    co_return credentials("a@b", "");
}

class credentials_provider : public session_test {
 protected:
    options asking() {
        return settings().credentials_provider([this](stanza features, credentials who) {
            return provide(part, std::move(features), std::move(who));
        });
    }
    provider_part part;
};

const credentials nameless_password("juliet@example.org/balcony", "");

TEST_F(credentials_provider, is_asked_with_the_offer_and_logs_in_with_the_answer) {
    part.answer = credentials("juliet@example.org/garden", "typed");
    configure(asking());
    peer.expect_header()
        .send_header()
        .features(plain_features)
        // NUL juliet NUL typed
        .expect(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
            "AGp1bGlldAB0eXBlZA==</auth>")
        .send(success)
        .expect_header()
        .send_header()
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>garden</resource></bind></iq>")
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/garden</jid></bind></iq>");
    start(nameless_password);
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(part.asked, 1);
    ASSERT_TRUE(part.features);
    EXPECT_NE((*part.features)->child("mechanisms", ns::sasl), nullptr);
}

TEST_F(credentials_provider, is_asked_only_once_the_stream_is_encrypted) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("example.org"));
    configure(settings()
                  .tls(tls_mode::required)
                  .ca_pem(authority.ca_pem())
                  .credentials_provider([this](stanza features, credentials who) {
                      part.secure = conn->secure();
                      return provide(part, std::move(features), std::move(who));
                  }));
    peer.accept_tls(identity);
    offer(peer, plain_features).expect(plain_auth).cut();
    run_session();
    EXPECT_EQ(part.asked, 1);
    EXPECT_TRUE(part.secure);
}

TEST_F(credentials_provider, may_narrow_the_mechanisms) {
    part.answer = credentials("juliet@example.org", "secret").mechanisms({"SCRAM-SHA-1"});
    configure(asking());
    offer(peer,
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
          "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>")
        .expect(scram_auth)
        .cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(credentials_provider, may_take_its_time) {
    detail::event typed(context.get_executor());
    part.wait = &typed;
    configure(asking().connect_timeout(10s));
    offer(peer, plain_features);
    start();
    pass(1h);
    EXPECT_EQ(path(), "CONNECTING");
    peer.expect(plain_auth).stall();
    typed.set();
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING");
    pass(9s);
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING");
    pass(1s);
    EXPECT_EQ(steps.back().error, errc::connect_timeout) << "the limit begins anew";
}

TEST_F(credentials_provider, is_cancelled_when_the_session_is_given_up) {
    detail::event never(context.get_executor());
    part.wait = &never;
    configure(asking());
    offer(peer, plain_features).expect_disconnect();
    start();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING DISCONNECTING DISCONNECTED");
}

TEST_F(credentials_provider, goes_with_the_connection) {
    detail::event never(context.get_executor());
    part.wait = &never;
    configure(asking());
    offer(peer, plain_features).expect_disconnect();
    start();
    conn.reset();
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING");
}

TEST_F(credentials_provider, that_throws_ends_in_authfail) {
    const std::vector<std::error_code> codes{sasl_condition::credentials_expired,
                                             errc::callback_failed, errc::callback_failed};
    for (int what = 0; what < 3; ++what) {
        configure(settings().credentials_provider(
            [what](const stanza&, const credentials&) { return refuse(what); }));
        if (what > 0) peer.next_connection();
        offer(peer, plain_features).expect_close();
        steps.clear();
        run_session();
        ASSERT_EQ(steps.size(), 3u) << path();
        EXPECT_EQ(steps[1].code, status_code::authfail);
        EXPECT_EQ(steps[1].error, codes[static_cast<std::size_t>(what)]);
    }
}

TEST_F(credentials_provider, must_stay_with_the_account) {
    const std::vector<credentials> others{
        credentials("romeo@example.org", "secret"), credentials("juliet@example.net", "secret"),
        credentials("juliet@example.org", "secret").authzid("nurse@example.org")};
    for (const auto& other : others) {
        part.answer = other;
        configure(asking());
        if (part.asked > 0) peer.next_connection();
        offer(peer, plain_features).expect_close();
        steps.clear();
        run_session();
        EXPECT_EQ(path(), "CONNECTING AUTHFAIL(invalid-options) DISCONNECTED(invalid-options)");
    }
}

TEST_F(credentials_provider, is_not_asked_where_nobody_could_log_in) {
    configure(asking());
    offer(peer, "").expect_close();
    run_session();
    EXPECT_EQ(part.asked, 0);
    EXPECT_EQ(steps.back().error, errc::no_mechanism);
}

}  // namespace
}  // namespace xmpp::test
