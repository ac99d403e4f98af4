// The link of the session that programs share is lost, and replaced.
#include "base/spawn.hpp"
#include "scripted/stream/managed_streams.hpp"
#include "shared/shared_test.hpp"

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

task<> ask(connection& conn) {
    auto request = iq::get("example.org").c("ping", "urn:xmpp:ping");
    co_await conn.send_iq(std::move(request));
}

class shared_reconnect : public shared_test {
 protected:
    shared_reconnect() { serve(settings().connection(base().reconnect_backoff(1s, 1s))); }

    /// Once the broker has got what was sent to it.
    testing::scripted_peer& cut() { return peer.expect_nothing(1ms).cut(); }
    void lose() { pass(2ms); }
    void come_back() { pass(2s); }

    void request(program& who, std::string* outcome) {
        detail::spawn(context.get_executor(), ask(*who.conn),
                      [outcome](const std::exception_ptr& failure) {
                          *outcome = failure ? condition_of(failure) : "done";
                      });
        run_until_idle();
    }
    void send(program& who, const std::string& text) {
        who.conn->enqueue(message("a@b").body(text));
        run_until_idle();
    }
    /// A new session, the one before being lost.
    testing::scripted_peer& begin_anew() {
        return peer.next_connection().accept_login("juliet@example.org/balcony");
    }
};

TEST_F(shared_reconnect, a_lost_link_is_replaced_and_every_program_goes_on) {
    peer.accept_login("juliet@example.org/balcony");
    cut();
    begin_anew().send("<message from='romeo@example.net'><body>again</body></message>");
    share();
    lose();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED RECONNECTING(connection-lost)");
    EXPECT_EQ(programs[0]->steps.back().attempt, 1);
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED RECONNECTING(connection-lost)");
    EXPECT_FALSE(programs[1]->conn->connected());
    come_back();
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED RECONNECTING(connection-lost) CONNECTED");
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED RECONNECTING(connection-lost) ATTACHED")
        << "only one is to do what belongs to a new session";
    for (const auto& each : programs) {
        EXPECT_TRUE(each->conn->connected());
        EXPECT_FALSE(each->conn->resumed());
        EXPECT_EQ(each->received, texts{"again"});
        EXPECT_EQ(each->conn->health().reconnects, 1u);
    }
}

TEST_F(shared_reconnect, what_is_sent_meanwhile_goes_out_and_requests_end_in_a_new_session) {
    peer.accept_login("juliet@example.org/balcony")
        .expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    cut();
    begin_anew().expect(delayed_chat("kept")).expect(chat("after"));
    share();
    std::string before;
    std::string meanwhile;
    request(*programs[1], &before);
    lose();
    send(*programs[1], "kept");
    request(*programs[0], &meanwhile);
    EXPECT_EQ(before, "");
    come_back();
    EXPECT_EQ(before, "disconnected");
    EXPECT_EQ(meanwhile, "disconnected");
    send(*programs[0], "after");
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_reconnect, a_stream_that_is_resumed_answers_what_was_asked_before) {
    accept_managed(peer).expect(
        "<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    cut().next_connection();
    share();
    std::string outcome;
    request(*programs[1], &outcome);
    const auto id = std::string(peer.last().id());
    offer_to_resume(peer)
        .expect(resume("one", "0"))
        .send(resumed("one", "1"))
        .send("<iq type='result' id='" + id + "' from='example.org'/>");
    lose();
    come_back();
    EXPECT_EQ(outcome, "done");
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED RECONNECTING(connection-lost) CONNECTED");
    for (const auto& each : programs) EXPECT_TRUE(each->conn->resumed());
}

TEST_F(shared_reconnect, who_joins_meanwhile_waits_for_the_session) {
    peer.accept_login("juliet@example.org/balcony");
    cut();
    begin_anew();
    add().connect();
    lose();
    add().connect();
    add().attach();
    EXPECT_EQ(programs[1]->path(), "CONNECTING");
    EXPECT_EQ(programs[2]->path(), "");
    come_back();
    EXPECT_EQ(programs[1]->path(), "CONNECTING ATTACHED");
    EXPECT_EQ(programs[2]->path(), "ATTACHED");
}

TEST_F(shared_reconnect, what_comes_with_the_result_of_the_new_login_reaches_everybody) {
    peer.accept_login("juliet@example.org/balcony");
    cut();
    begin_anew().send("<message from='romeo@example.net'><body>early</body></message>");
    share();
    lose();
    come_back();
    EXPECT_EQ(programs[0]->received, texts{"early"});
    EXPECT_EQ(programs[1]->received, texts{"early"});
}

TEST_F(shared_reconnect, disconnect_meanwhile_ends_the_session_for_everybody) {
    peer.accept_login("juliet@example.org/balcony");
    cut();
    share();
    lose();
    detail::spawn(context.get_executor(), programs[1]->conn->disconnect(), ignore);
    run_until_idle();
    EXPECT_EQ(programs[1]->path(),
              "CONNECTING ATTACHED RECONNECTING(connection-lost) DISCONNECTING DISCONNECTED");
    EXPECT_TRUE(programs[0]->path().ends_with("DISCONNECTED(disconnected)")) << programs[0]->path();
}

TEST_F(shared_reconnect, another_account_meanwhile_takes_the_place_of_the_session) {
    peer.accept_login("juliet@example.org/balcony");
    cut().next_connection().accept_login("romeo@example.org/orchard");
    add().connect();
    lose();
    add().connect(credentials("romeo@example.org/orchard", "secret"));
    EXPECT_TRUE(programs[0]->path().ends_with("DISCONNECTED(disconnected)"));
    EXPECT_EQ(programs[1]->path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(shared_reconnect, everybody_is_told_when_it_is_given_up) {
    serve(settings().connection(base().reconnect_backoff(1s, 1s).max_retries(1)));
    peer.accept_login("juliet@example.org/balcony");
    cut().refuse_connection();
    share();
    lose();
    come_back();
    for (const auto& each : programs) {
        EXPECT_TRUE(each->path().ends_with(
            "RECONNECTING(connection-lost) DISCONNECTED(connection-refused)"))
            << each->path();
    }
}

TEST_F(shared_reconnect, a_broker_that_is_told_not_to_tells_everybody_of_the_end) {
    serve(settings().connection(base().reconnect(false)));
    peer.accept_login("juliet@example.org/balcony");
    cut();
    share();
    lose();
    for (const auto& each : programs) {
        EXPECT_TRUE(each->path().ends_with("ED DISCONNECTED(connection-lost)")) << each->path();
    }
}

TEST_F(shared_reconnect, the_silence_of_a_link_that_is_lost_is_no_programs_trouble) {
    serve(settings().connection(base().reconnect_backoff(1h, 1h)));
    peer.accept_login("juliet@example.org/balcony");
    cut();
    programs.push_back(
        std::make_unique<program>(context, service(), client_options().liveness(10s, 5s)));
    programs[0]->connect();
    lose();
    pass(1min);
    EXPECT_EQ(programs[0]->path(),
              "CONNECTING AUTHENTICATING CONNECTED RECONNECTING(connection-lost)");
}

task<> drain(connection& conn, std::optional<bool>* all) {
    const bool complete = co_await conn.drain(10s);
    *all = complete;
}

TEST_F(shared_reconnect, drain_waits_until_the_server_has_what_was_sent) {
    peer.accept_login("juliet@example.org/balcony");
    cut();
    begin_anew()
        .expect(delayed_chat("kept"))
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
    add().connect();
    lose();
    send(*programs[0], "kept");
    std::optional<bool> all;
    detail::spawn(context.get_executor(), drain(*programs[0]->conn, &all), ignore);
    run_until_idle();
    EXPECT_EQ(all, std::nullopt);
    come_back();
    EXPECT_EQ(all, true);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

}  // namespace
}  // namespace xmpp::test
