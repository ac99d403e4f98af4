// Messages to rooms, which take them only from who has joined.
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* not_resumed = "RECONNECTING(connection-lost) AUTHENTICATING CONNECTED";
constexpr const char* join =
    "<presence to='room@conf/nick'><x xmlns='http://jabber.org/protocol/muc'/></presence>";

std::string to_room(const char* text) {
    return fmt::format(
        "<message to='room@conf' type='groupchat'><body>{}</body>"
        "<delay xmlns='urn:xmpp:delay' stamp='*'/></message>",
        text);
}

class room_messages : public reconnecting {
 protected:
    room_messages() { configure(lasting().room_rejoin_timeout(20s)); }

    void say_acked(const std::string& text) {
        detail::spawn(context.get_executor(),
                      conn->send_acked(message("room@conf").type("groupchat").body(text)),
                      [this, text](const std::exception_ptr& failure) { note(text, failure); });
    }
    void enter() {
        conn->enqueue(presence("room@conf/nick").c("x", "http://jabber.org/protocol/muc").up());
    }
    /// The stream is lost and can't be resumed; what is said meanwhile waits.
    testing::scripted_peer& lose_for_good() {
        return accept_binding(offer_to_resume(lose()).expect(resume("one", "0")).send(failed))
            .expect(enable)
            .send(enabled);
    }
    void start_and_say(const std::string& text) {
        start_and_lose();
        say_acked(text);
        pass(2s);
        ASSERT_EQ(path(), std::string(up) + " " + not_resumed);
    }
};

TEST_F(room_messages, of_a_lost_session_leave_behind_the_presence_that_joins_the_room_again) {
    accept_managed(peer);
    lose_for_good().expect_nothing(5s);
    start_and_say("hi");
    pass(5s);
    EXPECT_TRUE(outcomes.empty());
    EXPECT_EQ(conn->health().unacked_stanzas, 1u);
    peer.expect(join).expect(to_room("hi")).expect(ack_request).send(ack("2"));
    enter();
    pass(2s);
    EXPECT_EQ(outcomes["hi"], "done");
}

TEST_F(room_messages, to_other_rooms_are_given_up_when_the_program_has_joined_all) {
    accept_managed(peer);
    lose_for_good().expect_nothing(5s);
    start_and_say("hi");
    conn->rooms_joined();
    pass(5s);
    EXPECT_EQ(outcomes["hi"], "not-delivered");
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(room_messages, are_given_up_when_nobody_joins_in_time) {
    accept_managed(peer);
    lose_for_good().expect_nothing(1min);
    start_and_say("hi");
    pass(15s);
    EXPECT_TRUE(outcomes.empty());
    pass(45s);
    EXPECT_EQ(outcomes["hi"], "not-delivered");
}

TEST_F(room_messages, to_an_occupant_wait_as_those_to_the_room_do) {
    accept_managed(peer).expect(join).expect(ack_request).send(ack("1"));
    lose_for_good();
    peer.expect(join).expect(
        "<message to='room@conf/friend' type='chat'><body>psst</body>"
        "<delay xmlns='urn:xmpp:delay' stamp='*'/></message>");
    start();
    enter();
    pass(1200ms);
    conn->enqueue(message("room@conf/friend").type("chat").body("psst"));
    pass(2s);
    enter();
    pass(2s);
}

TEST_F(room_messages, do_not_hold_the_presence_back_that_they_wait_for) {
    configure(lasting().room_rejoin_timeout(20s).send_queue_bytes(200, 10'000));
    accept_managed(peer);
    lose_for_good();
    const std::string large(300, 'x');
    start_and_say(large);
    peer.expect(join).expect(to_room(large.c_str()));
    detail::spawn(
        context.get_executor(),
        conn->send(presence("room@conf/nick").c("x", "http://jabber.org/protocol/muc").up()),
        [](const std::exception_ptr&) {});
    pass(500ms);
}

TEST_F(room_messages, leave_room_for_the_presence_that_they_wait_for) {
    configure(lasting().room_rejoin_timeout(20s).max_unacked_stanzas(2));
    accept_managed(peer);
    lose_for_good().expect_nothing(1s);
    start_and_lose();
    say_acked("one");
    say_acked("two");
    pass(3s);
    say_acked("three");
    pass(100ms);
    EXPECT_EQ(outcomes["three"], "queue-overflow");
    peer.expect(join).expect(to_room("one")).expect(to_room("two"));
    enter();
    pass(500ms);
}

TEST_F(room_messages, to_people_do_not_wait_for_rooms) {
    accept_managed(peer);
    lose_for_good().expect(delayed_chat("hi")).expect(ack_request).send(ack("1"));
    start_and_lose();
    send_acked("hi");
    pass(3s);
    EXPECT_EQ(outcomes["hi"], "done");
}

}  // namespace
}  // namespace xmpp::test
