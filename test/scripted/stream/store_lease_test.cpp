// One store, and several connections of one account.
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"

#include <optional>
#include <string>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class shared_store : public session_test {
 protected:
    shared_store() {
        prepare(other_peer);
        configure(stored());
    }

    options stored() const { return settings().reconnect(true).session_store(store); }

    /// A second connection, to a server of its own.
    void start_other() {
        other.emplace(context.get_executor(), default_service(),
                      stored().dialer(other_peer.dialer()));
        other->on_log(log_level::warning,
                      [this](log_level, std::string_view line) { warnings.append(line); });
        std::error_code code;
        run(log_in(*other, &code));
        EXPECT_FALSE(code) << code.message();
    }
    static task<> log_in(connection& conn, std::error_code* code) {
        *code = co_await code_of(conn.login(credentials(juliet, "secret")));
    }
    void crash() {
        conn.reset();
        steps.clear();
    }

    void TearDown() override {
        other.reset();
        run_until_idle();
        session_test::TearDown();
        EXPECT_EQ(other_peer.problems(), "");
    }

    std::shared_ptr<session_store> store = make_memory_store();
    testing::scripted_peer other_peer{context.get_executor()};
    std::optional<connection> other;
    std::string warnings;
};

TEST_F(shared_store, leaves_a_stream_that_is_in_use_to_the_connection_that_has_it) {
    accept_managed(peer).expect(chat("1")).expect(chat("2")).send(ack("2"));
    accept_managed(other_peer);
    start();
    conn->enqueue(message("a@b").body("1"));
    run_until_idle();
    start_other();
    EXPECT_FALSE(other->resumed());
    EXPECT_NE(warnings.find("another connection keeps the stream"), std::string::npos) << warnings;
    conn->enqueue(message("a@b").body("2"));
    run_until_idle();
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(shared_store, is_free_again_at_once_when_a_connection_has_gone) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(other_peer).expect(resume("one", "0")).send(resumed("one", "1"));
    start();
    conn->enqueue(message("a@b").body("1"));
    run_until_idle();
    crash();
    start_other();
    EXPECT_TRUE(other->resumed());
    EXPECT_EQ(warnings, "");
}

TEST_F(shared_store, is_not_written_to_by_a_connection_that_has_gone) {
    accept_managed(peer).send("<message from='a@b'/>").expect_disconnect();
    offer_to_resume(other_peer).expect(resume("one", "1")).send(resumed("one", "0"));
    start();
    crash();
    start_other();
    EXPECT_TRUE(other->resumed());
}

TEST_F(shared_store, keeps_its_account_when_the_second_connection_ends) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    accept_managed(other_peer)
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
    start();
    run_until_idle();
    start_other();
    run(other->disconnect());
    conn->enqueue(message("a@b").body("1"));
    run_until_idle();
    EXPECT_FALSE(store->load("stream:juliet@example.org").empty());
    crash();
    run_until_idle();
}

TEST_F(shared_store, resumes_a_stream_only_for_its_resource) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>garden</resource></bind></iq>")
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/garden</jid></bind></iq>")
        .expect(enable)
        .expect(delayed_chat("1"));
    start();
    conn->enqueue(message("a@b").body("1"));
    run_until_idle();
    crash();
    configure(stored());
    start(credentials("juliet@example.org/garden", "secret"));
    run_until_idle();
    EXPECT_EQ(path(), up);
    EXPECT_FALSE(conn->resumed());
    EXPECT_EQ(conn->user(), jid("juliet@example.org/garden"));
}

TEST_F(shared_store, resumes_a_stream_where_no_resource_is_asked_for) {
    accept_managed(peer).expect_disconnect();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(resumed("one", "0"));
    start();
    run_until_idle();
    crash();
    configure(stored());
    start(credentials("juliet@example.org", "secret"));
    run_until_idle();
    EXPECT_TRUE(conn->resumed());
}

task<credentials> another_resource_later(int* asked, credentials who) {
    if (++*asked > 1) who.resource("garden");
    co_return who;
}

TEST_F(shared_store, resumes_nothing_when_the_program_asks_for_another_resource_on_the_way) {
    int asked = 0;
    configure(
        settings().reconnect(true).credentials_provider([&asked](const stanza&, credentials who) {
            return another_resource_later(&asked, std::move(who));
        }));
    accept_managed(peer).expect_nothing(1ms).cut();
    accept_binding(offer_to_resume(peer.next_connection())).expect(enable);
    start();
    pass(70s);
    EXPECT_EQ(asked, 2);
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

}  // namespace
}  // namespace xmpp::test
