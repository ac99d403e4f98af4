#include "base/spawn.hpp"
#include "shared/shared_test.hpp"

#include <sys/stat.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using roles = std::vector<session_role>;

class shared_life : public shared_test {
 protected:
    shared_life() { peer.accept_login("juliet@example.org/balcony"); }
};

TEST_F(shared_life, the_role_of_primary_goes_to_the_freshest_when_the_primary_dies) {
    share();
    add().connect();
    peer.expect("<presence/>");
    programs[1]->conn->enqueue(presence());
    run_until_idle();
    pass(1s);
    peer.expect("<presence/>");
    programs[2]->conn->enqueue(presence());
    run_until_idle();
    programs[0]->conn.reset();
    run_until_idle();
    EXPECT_EQ(programs[1]->conn->role(), session_role::secondary);
    EXPECT_EQ(programs[2]->conn->role(), session_role::primary);
    EXPECT_EQ(programs[2]->roles, (roles{session_role::secondary, session_role::primary}));
    EXPECT_TRUE(programs[1]->conn->connected());
}

TEST_F(shared_life, the_primary_may_give_its_role_up) {
    share();
    programs[1]->conn->relinquish();
    run_until_idle();
    EXPECT_EQ(programs[0]->conn->role(), session_role::primary) << "it was not the other's to give";
    programs[0]->conn->relinquish();
    run_until_idle();
    EXPECT_EQ(programs[0]->conn->role(), session_role::secondary);
    EXPECT_EQ(programs[1]->conn->role(), session_role::primary);
}

TEST_F(shared_life, the_only_program_keeps_its_role) {
    add().connect();
    programs[0]->conn->relinquish();
    run_until_idle();
    EXPECT_EQ(programs[0]->roles, roles{session_role::primary});
}

TEST_F(shared_life, a_primary_that_hangs_loses_its_role_and_stays) {
    raw_program hanging(context, socket);
    hanging.connect(credentials("juliet@example.org/balcony", "secret"));
    ASSERT_NE(hanging.last<detail::shared::welcome>(), nullptr);
    add().connect();
    EXPECT_EQ(programs[0]->conn->role(), session_role::secondary);
    pass(101s);
    EXPECT_GE(hanging.count<detail::shared::ping>(), 2u);
    EXPECT_EQ(programs[0]->conn->role(), session_role::primary);
    EXPECT_FALSE(hanging.over());
    pass(30min);
    EXPECT_TRUE(hanging.over()) << "in the end it is put out";
    EXPECT_TRUE(programs[0]->conn->connected());
}

TEST_F(shared_life, disconnect_ends_the_session_and_tells_everybody) {
    share();
    peer.expect("<presence type='unavailable'><status>good night</status></presence>")
        .expect_close()
        .close_stream();
    detail::spawn(context.get_executor(), programs[1]->conn->disconnect("good night"), ignore);
    run_until_idle();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED(disconnected)");
    EXPECT_NE(programs[0]->steps.back().text.find("has called disconnect()"), std::string::npos);
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED DISCONNECTING(good night) DISCONNECTED");
    EXPECT_EQ(programs[1]->conn->role(), std::nullopt);
}

TEST_F(shared_life, who_only_leaves_ends_nothing) {
    share();
    programs[0]->conn->reset();
    run_until_idle();
    EXPECT_EQ(programs[0]->path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED");
    EXPECT_TRUE(programs[1]->conn->connected());
    programs[0]->connect();
    EXPECT_TRUE(programs[0]->conn->connected());
    EXPECT_EQ(programs[0]->conn->role(), session_role::secondary);
}

TEST_F(shared_life, everybody_is_told_how_the_server_ended_the_session) {
    share();
    peer.send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .close_stream();
    run_until_idle();
    for (const auto& each : programs) {
        EXPECT_NE(each->path().find(" ERROR(conflict) DISCONNECTED(conflict)"), std::string::npos)
            << each->path();
    }
}

TEST_F(shared_life, lives_on_for_the_linger_time_after_the_last_program) {
    add().connect();
    programs[0]->conn.reset();
    pass(9s);
    auto& next = add();
    next.connect();
    EXPECT_EQ(next.path(), "CONNECTING ATTACHED");
    pass(30s);
    EXPECT_TRUE(next.conn->connected());
    next.conn.reset();
    pass(9s);
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    pass(2s);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_life, requests_that_wait_end_when_the_broker_dies) {
    share();
    owner.reset();
    run_until_idle();
    for (const auto& each : programs) {
        EXPECT_TRUE(each->path().ends_with("DISCONNECTED(connection-lost)")) << each->path();
    }
}

TEST_F(shared_life, a_broker_that_is_stopped_leaves_in_good_order) {
    share();
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    owner->stop();
    run_until_idle();
    EXPECT_TRUE(served);
    for (const auto& each : programs) {
        EXPECT_TRUE(each->path().ends_with("DISCONNECTED(disconnected)")) << each->path();
    }
}

TEST_F(shared_life, a_broker_that_serves_until_idle_ends_after_the_last_program) {
    serve(settings().until_idle(true));
    add().connect();
    pass(1min);
    EXPECT_FALSE(served);
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    programs[0]->conn.reset();
    pass(25s);
    EXPECT_TRUE(served);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_life, the_connection_may_go_from_within_its_functions) {
    share();
    programs[1]->conn->on_role_changed([this](session_role) { programs[1]->conn.reset(); });
    programs[0]->conn->relinquish();
    run_until_idle();
    EXPECT_FALSE(programs[1]->conn);
    EXPECT_EQ(programs[0]->conn->role(), session_role::primary);
}

}  // namespace
}  // namespace xmpp::test
