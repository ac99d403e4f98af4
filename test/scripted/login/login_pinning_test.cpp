// A login that is weaker than an earlier one: over reconnections, redirects and processes.
#include <xmpp/testing/certificates.hpp>

#include "base/crypto/base64.hpp"
#include "scripted/login/let_in.hpp"
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

namespace sasl = detail::sasl;

constexpr const char* refused = "AUTHFAIL(login-downgraded) DISCONNECTED(login-downgraded)";

std::string offer_of(const std::vector<std::string>& names) {
    std::string list;
    for (const auto& name : names) list += "<mechanism>" + name + "</mechanism>";
    return fmt::format("<mechanisms xmlns='{}'>{}</mechanisms>", ns::sasl, list);
}

sasl::server_settings accounts(const std::vector<std::string>& offered, bool prove_offer) {
    sasl::server_settings known;
    known.password = [](std::string_view) { return std::optional<std::string>("secret"); };
    known.offered.mechanisms = offered;
    known.prove_offer = prove_offer;
    return known;
}

class login_pinning : public reconnecting {
 protected:
    /// A whole login by the first of these that the client likes.
    testing::scripted_peer& accept(testing::scripted_peer& by, std::vector<std::string> names,
                                   bool prove_offer = false) {
        offer(by, offer_of(names).c_str());
        auto known = accounts(names, prove_offer);
        by.then([known](testing::scripted_peer& self) { return let_in(self, known); });
        return accept_binding(by.expect_header().send_header().features(bind_feature));
    }
    /// The client leaves when it has seen the offer.
    static testing::scripted_peer& expect_refusal(testing::scripted_peer& by,
                                                  const std::vector<std::string>& names) {
        return offer(by, offer_of(names).c_str()).expect_close();
    }
    void start_and_come_back() {
        start_and_lose();
        pass(std::chrono::seconds(10));
    }
    /// Another process with the same store.
    void begin_anew(options changed) {
        conn.reset();
        run_until_idle();
        steps.clear();
        configure(std::move(changed));
        start();
        run_until_idle();
    }
};

TEST_F(login_pinning, after_SCRAM_a_server_with_nothing_but_PLAIN_gets_no_password) {
    accept(peer, {"SCRAM-SHA-256", "PLAIN"});
    expect_refusal(lose(), {"PLAIN"});
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " RECONNECTING(connection-lost) " + refused);
    EXPECT_NE(steps.back().text.find("pin_login(false)"), std::string::npos) << steps.back().text;
}

TEST_F(login_pinning, after_a_strong_hash_a_weaker_one_is_refused) {
    accept(peer, {"SCRAM-SHA-1", "SCRAM-SHA-512"});
    expect_refusal(lose(), {"SCRAM-SHA-1", "PLAIN"});
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " RECONNECTING(connection-lost) " + refused);
}

TEST_F(login_pinning, what_is_as_good_or_better_goes_on) {
    accept(peer, {"SCRAM-SHA-1"});
    accept(lose(), {"SCRAM-SHA-1", "PLAIN"});
    accept(lose(), {"SCRAM-SHA-256"});
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " " + again + " " + again);
}

TEST_F(login_pinning, a_proof_of_the_offer_that_no_longer_comes_is_answered_with_abort) {
    accept(peer, {"SCRAM-SHA-1"}, true);
    offer(lose(), scram_features).then([](testing::scripted_peer& self) -> task<> {
        const auto auth = co_await self.receive();
        const auto steps =
            sasl::make_server_mechanism("SCRAM-SHA-1", accounts({"SCRAM-SHA-1"}, false));
        const auto first = detail::base64_decode(auth->text()).value();
        const auto outcome = steps->start(first);
        auto xml =
            fmt::format("<challenge xmlns='{}'>{}</challenge>", ns::sasl,
                        detail::base64_encode(std::get<sasl::server_challenge>(outcome).data));
        co_await self.deliver(std::move(xml));
    });
    peer.expect(abort_login).expect_close();
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " RECONNECTING(connection-lost) AUTHENTICATING " + refused);
}

TEST_F(login_pinning, holds_at_the_place_of_a_redirect) {
    accept(peer, {"SCRAM-SHA-1"})
        .send(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            "other.example.org</see-other-host></stream:error>")
        .expect_close()
        .close_stream();
    expect_refusal(peer.next_connection("other.example.org"), {"PLAIN"});
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " REDIRECT(see-other-host) " + refused);
}

TEST_F(login_pinning, holds_for_the_next_session_of_the_connection) {
    accept(peer, {"SCRAM-SHA-1"}).expect("<presence type='unavailable'/>").expect_close();
    peer.close_stream();
    expect_refusal(peer.next_connection(), {"PLAIN"});
    start();
    run(conn->disconnect());
    steps.clear();
    run_session();
    EXPECT_EQ(path(), std::string("CONNECTING ") + refused);
}

TEST_F(login_pinning, is_nothing_to_another_account) {
    accept(peer, {"SCRAM-SHA-1"}).expect("<presence type='unavailable'/>").expect_close();
    peer.close_stream();
    peer.next_connection().accept_login("romeo@example.org/orchard");
    start();
    run(conn->disconnect());
    steps.clear();
    start(credentials("romeo@example.org/orchard", "secret"));
    run_until_idle();
    EXPECT_EQ(path(), up);
}

TEST_F(login_pinning, holds_where_a_server_offers_the_login_of_before_SASL) {
    configure(lasting().allow_legacy_auth(true));
    accept(peer, {"SCRAM-SHA-1"});
    offer(lose(), "<auth xmlns='http://jabber.org/features/iq-auth'/>").expect_close();
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " RECONNECTING(connection-lost) AUTHENTICATING " + refused);
}

TEST_F(login_pinning, holds_across_processes_with_a_store) {
    const auto stored = settings().session_store(make_memory_store()).stream_management(false);
    configure(stored);
    accept(peer, {"SCRAM-SHA-1"}).expect("<presence type='unavailable'/>").expect_close();
    peer.close_stream();
    expect_refusal(peer.next_connection(), {"PLAIN"});
    start();
    run(conn->disconnect());
    begin_anew(stored);
    EXPECT_EQ(path(), std::string("CONNECTING ") + refused);
}

TEST_F(login_pinning, is_new_for_a_connection_without_a_store) {
    accept(peer, {"SCRAM-SHA-1"}).expect_disconnect();
    peer.next_connection().accept_login(juliet);
    start();
    run_until_idle();
    begin_anew(settings());
    EXPECT_EQ(path(), up);
}

TEST_F(login_pinning, that_is_off_forgets_what_the_store_has) {
    const auto store = make_memory_store();
    const auto stored = settings().session_store(store).stream_management(false);
    configure(stored);
    accept(peer, {"SCRAM-SHA-1"}).expect_disconnect();
    peer.next_connection().accept_login(juliet).expect_disconnect();
    peer.next_connection().accept_login(juliet);
    start();
    run_until_idle();
    begin_anew(options(stored).pin_login(false));
    EXPECT_EQ(path(), up);
    begin_anew(stored);
    EXPECT_EQ(path(), up);
}

TEST_F(login_pinning, goes_on_without_a_record_that_makes_no_sense) {
    class odd_store final : public session_store {
     public:
        std::vector<std::string> load(const std::string&) override { return {"xmpp login 9\n"}; }
        void replace(const std::string&, std::string_view) override {}
        void append(const std::string&, std::string_view) override {}
        void erase(const std::string&) override {}
    };
    configure(settings().session_store(std::make_shared<odd_store>()).stream_management(false));
    peer.accept_login(juliet);
    start();
    run_until_idle();
    EXPECT_EQ(path(), up);
}

// ---- encryption

/// A session whose TLS is optional, and was used.
class optional_tls : public login_pinning {
 protected:
    optional_tls() { configure(optional()); }
    options optional() const {
        return lasting().tls(tls_mode::optional).ca_pem(authority.ca_pem()).max_retries(1);
    }
    const testing::test_authority authority;
    const testing::certificate identity =
        authority.issue(testing::certificate_request().dns("example.org"));
};

TEST_F(optional_tls, is_required_on_the_next_link_once_it_was_there) {
    peer.accept_tls(identity).accept_login(juliet);
    offer(lose(), plain_features).expect_close();
    start_and_come_back();
    EXPECT_EQ(path().find("RECONNECTING(connection-lost) AUTHENTICATING"), std::string::npos)
        << path();
}

TEST_F(optional_tls, is_required_of_the_next_session_too_whether_logins_are_pinned_or_not) {
    configure(optional().pin_login(false));
    peer.accept_tls(identity).accept_login(juliet).expect("<presence type='unavailable'/>");
    peer.expect_close().close_stream();
    offer(peer.next_connection(), plain_features).expect_close();
    start();
    run(conn->disconnect());
    steps.clear();
    run_session();
    EXPECT_EQ(path().find("AUTHENTICATING"), std::string::npos) << path();
}

TEST_F(optional_tls, may_come_later) {
    peer.accept_login(juliet);
    lose().accept_tls(identity).accept_login(juliet);
    start_and_come_back();
    EXPECT_EQ(path(), std::string(up) + " " + again);
}

}  // namespace
}  // namespace xmpp::test
