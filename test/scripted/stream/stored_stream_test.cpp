// A stream that outlives its connection, and its process: what a store has of it.
#include "base/spawn.hpp"
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"
#include "support/broken_store.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

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

TEST_F(stored_stream, is_resumed_by_the_next_process) {
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
/// What no stranger may send us.
const std::vector<std::string>& large_shapes() {
    static const std::vector<std::string> shapes = [] {
        std::string wide;
        for (int i = 0; i < 300; ++i) wide += fmt::format(" a{}='1'", i);
        std::string deep;
        for (int i = 0; i < 150; ++i) deep = "<x>" + deep + "</x>";
        return std::vector<std::string>{"<body>" + std::string(1'200'000, 'x') + "</body>",
                                        "<body a='" + std::string(100'000, 'x') + "'/>",
                                        "<x xmlns='urn:x'" + wide + "/>", deep,
                                        "<" + std::string(2'000, 'x') + "/>"};
    }();
    return shapes;
}

std::string message_of(const std::string& content, const std::string& more = {}) {
    return "<message to='a@b'>" + content + more + "</message>";
}

class stored_stream_of : public stored_stream, public ::testing::WithParamInterface<std::size_t> {
 protected:
    const std::string& content() const { return large_shapes().at(GetParam()); }
    /// In a new session, and between two others.
    void expect_again(testing::scripted_peer& from) {
        from.expect(enable)
            .expect(delayed_chat("before"))
            .expect(message_of(content(), "<delay xmlns='urn:xmpp:delay' stamp='*'/>"))
            .expect(delayed_chat("behind"));
    }
    void send_three() {
        send("before");
        conn->enqueue(unsafe_xml(message_of(content())));
        send("behind");
    }
    testing::scripted_peer& take_three() {
        accept_managed(peer).expect(chat("before")).expect(message_of(content()));
        // More than options::send_queue_bytes waits to be acknowledged.
        if (content().size() > options().send_high()) peer.expect(ack_request);
        return peer.expect(chat("behind"));
    }
};

TEST_P(stored_stream_of, what_was_accepted_is_sent_again_in_a_new_session) {
    take_three().cut();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(failed);
    expect_again(accept_binding(peer));
    start();
    send_three();
    pass(1min);
    EXPECT_TRUE(conn->connected());
}

TEST_P(stored_stream_of, what_was_accepted_is_sent_again_by_the_next_process) {
    take_three().expect_disconnect();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(failed);
    expect_again(accept_binding(peer));
    start();
    send_three();
    crash();
    begin_anew();
    EXPECT_TRUE(conn->connected());
}

TEST_P(stored_stream_of, what_was_accepted_is_sent_again_when_the_next_process_resumes) {
    take_three().expect_disconnect();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "1"))
        .expect(message_of(content()))
        .expect(chat("behind"));
    start();
    send_three();
    crash();
    begin_anew();
    EXPECT_TRUE(conn->resumed());
}

INSTANTIATE_TEST_SUITE_P(large, stored_stream_of,
                         ::testing::Range(std::size_t{0}, large_shapes().size()));

TEST_F(stored_stream, gives_up_alone_what_can_not_be_sent) {
    std::string logged;
    conn->on_log([&logged](log_level level, std::string_view line) {
        if (level == log_level::warning) logged += line;
    });
    accept_managed(peer).expect(chat("1")).cut();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(failed);
    accept_binding(peer).expect(enable).expect(delayed_chat("1")).expect(delayed_chat("2"));
    start();
    send("1");
    run_until_idle();
    std::string outcome;
    detail::spawn(context.get_executor(),
                  conn->send_acked(unsafe_xml("<message to='a@b'>&nope;</message>")),
                  [&outcome](const std::exception_ptr& why) { outcome = condition_of(why); });
    run_until_idle();
    send("2");
    pass(10s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(outcome, "not-delivered");
    EXPECT_NE(logged.find("is given up"), std::string::npos) << logged;
}

/// Of the three messages, the one in the middle is no stanza any more.
class stored_stream_with_damage : public stored_stream {
 protected:
    void send_three_and_damage_one() {
        accept_managed(peer)
            .expect(chat("1"))
            .expect(chat("2"))
            .expect(chat("3"))
            .expect_disconnect();
        start();
        for (const char* text : {"1", "2", "3"}) send(text);
        crash();
        auto records = store->load(key);
        store->erase(key);
        for (auto& record : records) {
            const auto place = record.find("<body>2");
            if (place != record.npos) record[place] = '#';
            store->append(key, record);
        }
    }
    void begin_anew_with_log() {
        steps.clear();
        configure(stored());
        conn->on_log([this](log_level level, std::string_view line) {
            if (level == log_level::warning) logged += line;
        });
        start();
    }
    std::string logged;
};

TEST_F(stored_stream_with_damage, leaves_that_out_and_sends_the_rest_again) {
    send_three_and_damage_one();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(chat("3"))
        .expect(ack_request)
        .send(ack("2"));
    begin_anew_with_log();
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
    EXPECT_NE(logged.find("1 records of what is kept can't be read"), std::string::npos) << logged;
}

TEST_F(stored_stream_with_damage, counts_what_it_has_left_out) {
    send_three_and_damage_one();
    offer_to_resume(peer.next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "2"))
        .expect(chat("3"))
        .expect(ack_request)
        .send(ack("3"));
    begin_anew_with_log();
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(stored_stream_with_damage, sends_the_rest_again_in_a_new_session) {
    send_three_and_damage_one();
    offer_to_resume(peer.next_connection()).expect(resume("one", "0")).send(failed);
    accept_binding(peer).expect(enable).expect(delayed_chat("1")).expect(delayed_chat("3"));
    begin_anew_with_log();
    EXPECT_TRUE(conn->connected());
}

/// However often the server ends the stream over a message, it is two times at most for that one.
TEST_F(stored_stream, gives_up_alone_what_the_server_ends_streams_over) {
    accept_managed(peer)
        .expect(chat("1"))
        .expect(chat("2"))
        .expect(chat("3"))
        .send(stream_error("policy-violation"))
        .close_stream();
    for (int i = 0; i < 2; ++i) {
        peer.next_connection()
            .accept_login("juliet@example.org/balcony", sm_feature)
            .expect(enable);
        if (i == 0) peer.expect(delayed_chat("1")).expect(ack_request);
        peer.expect(delayed_chat("2"))
            .expect(ack_request)
            .expect(delayed_chat("3"))
            .expect(ack_request)
            .expect(ack_request);
        if (i == 0) peer.send(ack("1"));
        peer.send(stream_error("policy-violation")).close_stream();
    }
    a_new_session_gets("3");
    start();
    for (const char* text : {"1", "2", "3"}) send(text);
    run_until_idle();
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(conn->connected()) << i;
        begin_anew();
    }
    EXPECT_TRUE(conn->connected());
}

TEST_F(stored_stream, tells_in_the_log_what_the_store_found_damaged) {
    const temporary_directory folder;
    write_file(folder.path() / "store", "something else");
    std::filesystem::permissions(folder.path() / "store", std::filesystem::perms(0600));
    store = make_file_store(folder.path() / "store");
    configure(stored());
    std::string logged;
    conn->on_log([&logged](log_level level, std::string_view line) {
        if (level == log_level::warning) logged += line;
    });
    accept_managed(peer);
    start();
    EXPECT_NE(logged.find("is of another make"), std::string::npos) << logged;
}

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

TEST_F(stored_stream, that_is_damaged_is_not_used) {
    store->replace(key, "what is this?");
    peer.accept_login("juliet@example.org/balcony", sm_feature).expect(enable).send(enabled);
    start();
    EXPECT_TRUE(conn->connected());
    EXPECT_FALSE(conn->resumed());
}

TEST_F(stored_stream, of_another_account_is_not_touched) {
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
