// A stream that outlives its connection, and its process: what a store has of it.
#include "base/spawn.hpp"
#include "scripted/managed_streams.hpp"
#include "scripted/session_test.hpp"
#include "support/broken_store.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* key = "stream:juliet@example.org";

class stored_stream : public session_test {
 protected:
    stored_stream() { configure(stored()); }

    options stored() const { return settings().reconnect(true).session_store(store); }

    void send(const std::string& text) { conn->enqueue(message("a@b").body(text)); }
    /// As if the process had been killed: nobody says goodbye.
    void crash() {
        run_until_idle();
        conn.reset();
        run_until_idle();
    }
    /// A new process, with what is in the store.
    void begin_anew() {
        steps.clear();
        configure(stored());
        start();
    }

    /// The next process resumes nothing.
    void a_new_session_gets(const std::string& text) {
        accept_binding(offer_to_resume(peer.next_connection()))
            .expect(enable)
            .expect(delayed_chat(text));
    }

    std::shared_ptr<session_store> store = make_memory_store();
};

TEST_F(stored_stream, bad_input_D21_is_resumed_by_the_next_process) {
    accept_managed(peer)
        .send("<message from='a@b'/>")
        .expect(chat("1"))
        .expect(chat("2"))
        .send(ack("1"))
        .expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "1"))
        .send(resumed("one", "1"))
        .expect(chat("2"))
        .expect(ack_request)
        .expect(chat("3"))
        .send(ack("2"));
    start();
    send("1");
    send("2");
    crash();
    begin_anew();
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->user(), jid("juliet@example.org/balcony"));
    send("3");
    run_until_idle();
}

TEST_F(stored_stream, of_an_account_that_the_server_spells_in_another_way_is_resumed) {
    const credentials who("stra\u00DFe@example.org/x", "secret");
    offer_to_resume(peer)
        .expect(bind_request)
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>strasse@example.org/x</jid></bind></iq>")
        .expect(enable)
        .send(enabled)
        .expect(chat("1"))
        .expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"));
    start(who);
    send("1");
    crash();
    steps.clear();
    configure(stored());
    start(who);
    EXPECT_EQ(path(), up);
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->user(), jid("strasse@example.org/x"));
}

TEST_F(stored_stream, is_resumed_once_more_by_the_one_after_that) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(ack_request)
        .send(ack("1"))
        .send("<message from='a@b'/>")
        .expect(chat("2"))
        .expect_disconnect();
    offer_to_resume(peer.next_connection()).expect(resume("one", "1")).send(resumed("one", "2"));
    start();
    send("1");
    crash();
    begin_anew();
    send("2");
    crash();
    begin_anew();
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(stored_stream, that_the_server_has_forgotten_leaves_its_messages) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send("<failed xmlns='urn:xmpp:sm:3'/>");
    accept_binding(peer)
        .expect(enable)
        .expect(delayed_chat("1"))
        .expect(ack_request)
        .send("<enabled xmlns='urn:xmpp:sm:3' id='two' resume='true'/>")
        .send(ack("1"));
    start();
    send("1");
    crash();
    begin_anew();
    EXPECT_FALSE(conn->resumed());
    EXPECT_TRUE(conn->connected());
    ASSERT_FALSE(store->load(key).empty());
}

/// Until the server has said that the stream can be resumed, and where it never does.
TEST_F(stored_stream, that_can_not_be_resumed_leaves_its_messages) {
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect(enable)
        .expect(chat("1"))
        .expect_disconnect();
    a_new_session_gets("1");
    start();
    send("1");
    crash();
    begin_anew();
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

TEST_F(stored_stream, that_could_not_be_resumed_leaves_what_was_not_acknowledged) {
    accept_managed(peer).expect(chat("1")).expect(chat("2")).send(ack("1")).cut();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send("<failed xmlns='urn:xmpp:sm:3' h='2'/>");
    accept_binding(peer).expect(enable).expect(chat("3")).expect_disconnect();
    a_new_session_gets("3");
    start();
    send("1");
    send("2");
    pass(1min);
    send("3");
    crash();
    begin_anew();
    EXPECT_TRUE(conn->connected());
}

/// Or the account could never log in again.
TEST_F(stored_stream, that_was_resumed_with_a_wrong_count_is_not_tried_again) {
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "9"))
        .expect(
            "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='9' send-count='1'/></stream:error>")
        .expect_close();
    a_new_session_gets("1");
    start();
    send("1");
    crash();
    begin_anew();
    EXPECT_FALSE(conn->connected());
    begin_anew();
    EXPECT_TRUE(conn->connected());
}

TEST_F(stored_stream, that_nobody_manages_leaves_what_waited_for_a_link) {
    configure(stored().reconnect_backoff(1min, 1min));
    peer.accept_login("juliet@example.org/balcony").expect_nothing(1ms).cut();
    peer.next_connection().accept_login("juliet@example.org/balcony").expect(delayed_chat("1"));
    start();
    pass(1ms);
    EXPECT_FALSE(conn->connected());
    send("1");
    crash();
    begin_anew();
    EXPECT_TRUE(conn->connected());
}

TEST_F(stored_stream, that_was_closed_is_not_kept) {
    accept_managed(peer)
        .expect("<presence type='unavailable'/>")
        .expect(ack("0"))
        .expect_close()
        .close_stream();
    peer.next_connection().accept_login("juliet@example.org/balcony", sm_feature).expect(enable);
    start();
    EXPECT_FALSE(store->load(key).empty());
    run(conn->disconnect());
    EXPECT_TRUE(store->load(key).empty());
    begin_anew();
    EXPECT_FALSE(conn->resumed());
}

TEST_F(stored_stream, bad_input_D21_that_is_damaged_is_not_used) {
    store->replace(key, "what is this?");
    peer.accept_login("juliet@example.org/balcony", sm_feature).expect(enable).send(enabled);
    start();
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

TEST_F(stored_stream, bad_input_D13_of_another_account_is_not_touched) {
    store->replace("stream:romeo@example.org", "his");
    accept_managed(peer);
    start();
    EXPECT_EQ(store->load("stream:romeo@example.org"), std::vector<std::string>{"his"});
}

TEST_F(stored_stream, in_a_store_that_fails_is_lost_and_the_session_is_not) {
    store = std::make_shared<broken_store>();
    configure(stored());
    std::string logged;
    conn->on_log([&logged](log_level level, std::string_view line) {
        if (level == log_level::error) logged += line;
    });
    accept_managed(peer).expect(chat("1")).expect(chat("2"));
    start();
    send("1");
    send("2");
    run_until_idle();
    EXPECT_NE(logged.find("the stream can't be kept"), std::string::npos) << logged;
    EXPECT_TRUE(conn->connected());
}

TEST_F(stored_stream, goes_on_in_a_file) {
    const temporary_directory folder;
    store = make_file_store(folder.path() / "store");
    configure(stored());
    accept_managed(peer).expect(chat("1")).expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(ack_request);
    start();
    send("1");
    crash();
    store.reset();
    store = make_file_store(folder.path() / "store");
    begin_anew();
    EXPECT_TRUE(conn->resumed());
}

/// What is kept stays small however long a stream lasts.
TEST_F(stored_stream, does_not_grow_without_end) {
    configure(stored().max_unacked(1));
    accept_managed(peer);
    constexpr int rounds = 1500;
    for (int i = 1; i <= rounds; ++i) {
        peer.expect(chat("x")).expect(ack_request).send(ack(fmt::to_string(i)));
    }
    start();
    std::size_t most = 0;
    for (int i = 0; i < rounds; ++i) {
        send("x");
        run_until_idle();
        most = std::max(most, store->load(key).size());
    }
    EXPECT_LT(most, 1100u);
    EXPECT_GT(most, 900u) << "two changes for each message";
}

}  // namespace
}  // namespace xmpp::test
