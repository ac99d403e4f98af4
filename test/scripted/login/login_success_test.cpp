#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

namespace xmpp::test {
namespace {

class login_success : public session_test {};

task<> leave_when_connected(connection& conn, std::vector<status>* steps, credentials who) {
    auto statuses = conn.connect(std::move(who));
    while (auto step = co_await statuses.next()) {
        steps->push_back(*step);
        if (step->code == status_code::connected) co_await conn.disconnect("bye");
    }
}

TEST_F(login_success, goes_from_connecting_over_authenticating_to_connected) {
    peer.accept_login("juliet@example.org/balcony")
        .expect("<presence type='unavailable'><status>bye</status></presence>")
        .expect_close()
        .close_stream();
    run(leave_when_connected(*conn, &steps, credentials("juliet@example.org/balcony", "secret")));
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING(bye) DISCONNECTED");
    EXPECT_EQ(conn->user(), jid("juliet@example.org/balcony"));
    EXPECT_FALSE(conn->connected());
}

TEST_F(login_success, has_the_bound_address_when_connected) {
    peer.accept_login("juliet@example.org/balcony");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_TRUE(conn->connected());
    EXPECT_TRUE(conn->authenticated());
    EXPECT_FALSE(conn->secure());
    EXPECT_EQ(conn->user(), jid("juliet@example.org/balcony"));
    EXPECT_EQ(conn->authzid(), jid("juliet@example.org"));
    EXPECT_EQ(conn->domain(), "example.org");
    const auto features = conn->features();
    ASSERT_TRUE(features);
    EXPECT_NE((*features)->child("bind", ns::bind), nullptr);
}

constexpr const char* bind_result =
    "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>juliet@example.org/theirs</jid></bind></iq>";

testing::scripted_peer& accept_plain(testing::scripted_peer& peer) {
    return peer.expect_header("to='example.org' from='' version='1.0'")
        .send_header()
        .features(plain_features)
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>*</auth>")
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect_header()
        .send_header();
}

TEST_F(login_success, asks_for_the_resource_of_the_address_and_takes_the_servers) {
    accept_plain(peer)
        .features(bind_feature)
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>balcony</resource></bind></iq>")
        .send(bind_result);
    start();
    EXPECT_EQ(conn->user(), jid("juliet@example.org/theirs"));
}

TEST_F(login_success, asks_for_no_resource_when_there_is_none) {
    accept_plain(peer)
        .features(bind_feature)
        .expect("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        .send(bind_result);
    start(credentials("juliet@example.org", "secret"));
    EXPECT_TRUE(conn->connected());
}

TEST_F(login_success, opens_a_session_only_where_it_is_not_optional) {
    accept_plain(peer)
        .features(std::string(bind_feature) +
                  "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony"
            "</resource></bind></iq>")
        .send(bind_result)
        .expect("<iq type='set'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
        .send("<iq type='result' id='{id}'/>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(login_success, skips_an_optional_session) {
    peer.accept_login("juliet@example.org/balcony",
                      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(login_success, names_the_account_when_authenticating_as_somebody_else) {
    peer.expect_header()
        .send_header()
        .features(plain_features)
        // juliet@example.org NUL admin NUL secret
        .expect(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
            "anVsaWV0QGV4YW1wbGUub3JnAGFkbWluAHNlY3JldA==</auth>")
        .cut();
    run_session(credentials("juliet@example.org", "secret").authcid("admin"));
}

TEST_F(login_success, binds_when_the_program_says_so) {
    configure(settings().explicit_resource_binding(true));
    accept_plain(peer).features(bind_feature);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED");
    EXPECT_TRUE(conn->features());
    pass(std::chrono::minutes(5));  // the program may take its time
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED");
    peer.expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>mine</resource></bind></iq>")
        .send(bind_result);
    run(conn->bind("mine"));
    EXPECT_TRUE(conn->connected());
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED CONNECTED");
}

TEST_F(login_success, login_returns_when_the_session_is_up) {
    peer.accept_login("juliet@example.org/balcony");
    run(conn->login(credentials("juliet@example.org/balcony", "secret")));
    EXPECT_TRUE(conn->connected());
}

TEST_F(login_success, gives_its_address_only_on_an_encrypted_stream) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("example.org"));
    configure(settings().tls(tls_mode::required).ca_pem(authority.ca_pem()));
    peer.accept_tls(identity)
        .expect_header("to='example.org' from='juliet@example.org'")
        .send_header()
        .features(plain_features)
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>*</auth>")
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect_header()
        .send_header()
        .features(bind_feature)
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony"
            "</resource></bind></iq>")
        .send(bind_result);
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_TRUE(conn->secure());
}

TEST_F(login_success, a_second_tls_and_compression_are_not_used) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("example.org"));
    configure(settings().tls(tls_mode::required).ca_pem(authority.ca_pem()));
    peer.accept_tls(identity)
        .expect_header()
        .send_header()
        .features(std::string(starttls_features) +
                  "<compression xmlns='http://jabber.org/features/compress'>"
                  "<method>zlib</method></compression>" +
                  plain_features)
        .expect(plain_auth)
        .cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

/// Notes each write to the stream below.
class noted_stream final : public byte_stream {
 public:
    noted_stream(std::unique_ptr<byte_stream> lower, std::vector<std::string>& writes)
        : lower_(std::move(lower)), writes_(writes) {}

    task<std::string_view> read() override { return lower_->read(); }
    task<> write(std::string_view bytes) override {
        writes_.emplace_back(bytes);
        return lower_->write(bytes);
    }
    task<> close() override { return lower_->close(); }
    void abort() noexcept override { lower_->abort(); }

 private:
    std::unique_ptr<byte_stream> lower_;
    std::vector<std::string>& writes_;
};

task<std::unique_ptr<byte_stream>> dial_noted(dialer_function dial, std::string host,
                                              std::uint16_t port,
                                              std::vector<std::string>* writes) {
    auto lower = co_await dial(std::move(host), port);
    co_return std::make_unique<noted_stream>(std::move(lower), *writes);
}

TEST_F(login_success, a_stream_header_leaves_in_one_write) {
    std::vector<std::string> writes;
    configure(
        settings().dialer([dial = peer.dialer(), &writes](std::string host, std::uint16_t port) {
            return dial_noted(dial, std::move(host), port, &writes);
        }));
    peer.accept_login("juliet@example.org/balcony");
    start();
    int headers = 0;
    for (const auto& each : writes) {
        if (each.find("<stream:stream") == std::string::npos) continue;
        ++headers;
        EXPECT_TRUE(each.starts_with("<?xml version='1.0'?><stream:stream ")) << each;
        EXPECT_TRUE(each.ends_with(">")) << each;
    }
    EXPECT_EQ(headers, 2);
}

TEST_F(login_success, works_when_every_byte_comes_alone) {
    peer.streams(testing::memory_stream_options().max_read(1))
        .accept_login("juliet@example.org/balcony");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(login_success, connects_again_after_the_end) {
    for (int i = 0; i < 2; ++i) {
        if (i > 0) peer.next_connection();
        peer.accept_login("juliet@example.org/balcony")
            .expect("<presence type='unavailable'><status>bye</status></presence>")
            .expect_close()
            .close_stream();
    }
    for (int i = 0; i < 2; ++i) {
        steps.clear();
        run(leave_when_connected(*conn, &steps,
                                 credentials("juliet@example.org/balcony", "secret")));
        EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING(bye) DISCONNECTED");
    }
}

}  // namespace
}  // namespace xmpp::test
