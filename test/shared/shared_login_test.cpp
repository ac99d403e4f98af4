#include "scripted/elements.hpp"
#include "shared/shared_test.hpp"

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class shared_login : public shared_test {};

constexpr const char* refusal =
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";

/// Up to the client's password.
testing::scripted_peer& begin_login(testing::scripted_peer& peer) {
    return offer(peer, plain_features).expect(plain_auth);
}

/// From there to the bound address.
void finish_login(testing::scripted_peer& peer) {
    peer.send(success)
        .expect_header()
        .send_header()
        .features(bind_feature)
        .expect(bind_request)
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
}

TEST_F(shared_login, the_first_is_connected_and_later_ones_are_attached) {
    peer.accept_login("juliet@example.org/balcony");
    share();
    for (const auto& each : programs) {
        EXPECT_EQ(each->conn->user(), jid("juliet@example.org/balcony"));
        EXPECT_TRUE(each->conn->connected());
        EXPECT_TRUE(each->conn->features());
    }
    EXPECT_EQ(programs[0]->conn->role(), session_role::primary);
    EXPECT_EQ(programs[1]->conn->role(), session_role::secondary);
    EXPECT_EQ(programs[0]->roles, std::vector{session_role::primary});
    EXPECT_EQ(programs[1]->roles, std::vector{session_role::secondary});
}

TEST_F(shared_login, joins_the_same_account_in_other_letters_and_with_another_resource) {
    peer.accept_login("juliet@example.org/balcony");
    add().connect();
    auto& second = add();
    second.connect(credentials("Juliet@EXAMPLE.org/garden", "whatever"));
    EXPECT_EQ(second.path(), "CONNECTING ATTACHED");
    EXPECT_EQ(second.conn->user(), jid("juliet@example.org/balcony"));
}

TEST_F(shared_login, attach_joins_without_credentials) {
    peer.accept_login("juliet@example.org/balcony");
    add().connect();
    auto& second = add();
    second.attach();
    EXPECT_EQ(second.path(), "ATTACHED");
    EXPECT_EQ(second.conn->user(), jid("juliet@example.org/balcony"));
    EXPECT_EQ(second.conn->authzid(), jid("juliet@example.org"));
}

TEST_F(shared_login, attach_fails_without_a_session) {
    auto& only = add();
    only.attach();
    EXPECT_EQ(only.path(), "ATTACHFAIL(no-session) DISCONNECTED(no-session)");
}

TEST_F(shared_login, attach_without_a_broker_to_ask_is_refused_at_once) {
    connection conn(context.get_executor(), "xmpp://example.org", client_options());
    EXPECT_THROW(static_cast<void>(conn.attach()), error);
}

TEST_F(shared_login, programs_that_come_during_the_login_wait_for_its_end) {
    begin_login(peer);
    add().connect();
    add().connect();
    add().attach();
    EXPECT_EQ(programs[0]->path(), "CONNECTING AUTHENTICATING");
    EXPECT_EQ(programs[1]->path(), "CONNECTING");
    EXPECT_EQ(programs[2]->path(), "");
    finish_login(peer);
    run_until_idle();
    EXPECT_EQ(programs[0]->path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED");
    EXPECT_EQ(programs[2]->path(), "ATTACHED");
}

TEST_F(shared_login, all_who_wait_learn_why_the_login_has_failed) {
    begin_login(peer);
    add().connect();
    add().connect();
    add().attach();
    peer.send(refusal).expect_close();
    run_until_idle();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)");
    EXPECT_EQ(programs[1]->path(),
              "CONNECTING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)");
    EXPECT_EQ(programs[2]->path(), "ATTACHFAIL(not-authorized) DISCONNECTED(not-authorized)");
    EXPECT_EQ(programs[0]->steps[2].error, sasl_condition::not_authorized);
    EXPECT_EQ(programs[0]->steps[2].detail->root().name(), "failure");
}

TEST_F(shared_login, a_server_that_can_not_be_reached_is_reported_as_such) {
    peer.refuse_connection();
    add().connect();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING CONNFAIL(connection-refused) DISCONNECTED(connection-refused)");
}

TEST_F(shared_login, can_be_tried_again_after_a_failure) {
    peer.refuse_connection().next_connection().accept_login("juliet@example.org/balcony");
    add().connect();
    programs[0]->connect();
    EXPECT_TRUE(programs[0]->conn->connected()) << programs[0]->path();
}

TEST_F(shared_login, goes_on_for_one_who_waits_when_its_program_dies) {
    begin_login(peer);
    add().connect();
    add().connect();
    programs[0]->conn.reset();
    run_until_idle();
    finish_login(peer);
    run_until_idle();
    EXPECT_EQ(programs[1]->path(), "CONNECTING CONNECTED") << "nobody else was told so";
    EXPECT_EQ(programs[1]->conn->role(), session_role::primary);
}

TEST_F(shared_login, is_given_up_when_its_program_dies_and_nobody_waits) {
    begin_login(peer).expect_disconnect();
    add().connect();
    programs[0]->conn.reset();
    run_until_idle();
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_login, another_account_ends_the_session_of_all_and_begins_its_own) {
    peer.accept_login("juliet@example.org/balcony")
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream()
        .next_connection()
        .accept_login("romeo@example.org/orchard");
    share();
    auto& third = add();
    third.connect(credentials("romeo@example.org/orchard", "secret"));
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED(disconnected)");
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED DISCONNECTED(disconnected)");
    EXPECT_EQ(third.path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(third.conn->role(), session_role::primary);
}

TEST_F(shared_login, a_program_that_requires_tls_does_not_join_a_session_without) {
    peer.accept_login("juliet@example.org/balcony");
    add().connect();
    programs.push_back(std::make_unique<program>(context, service(), options().time_source(time)));
    programs[1]->connect();
    EXPECT_EQ(programs[1]->path(),
              "CONNECTING CONNFAIL(stream-not-secure) DISCONNECTED(stream-not-secure)");
    EXPECT_TRUE(programs[0]->conn->connected());
}

TEST_F(shared_login, the_worker_option_lets_the_program_choose_the_service) {
    serve(settings().service("xmpp://elsewhere.example"));
    peer.next_connection("example.org", 5222).accept_login("juliet@example.org/balcony");
    programs.push_back(
        std::make_unique<program>(context, "xmpp://example.org", client_options().worker(socket)));
    programs[0]->connect();
    EXPECT_TRUE(programs[0]->conn->connected()) << programs[0]->path();
}

TEST_F(shared_login, without_a_broker_it_fails_with_what_to_do) {
    owner.reset();
    add().connect();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING CONNFAIL(connection-refused) DISCONNECTED(connection-refused)");
    EXPECT_NE(programs[0]->steps[1].text.find("no broker listens"), std::string::npos);
}

}  // namespace
}  // namespace xmpp::test
