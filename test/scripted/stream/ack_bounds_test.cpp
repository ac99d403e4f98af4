// An acknowledgement is believed for what the transport was given, and for nothing beyond.
#include "base/event.hpp"
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

#include <string>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

std::string too_high(int claimed, int sent) {
    return fmt::format(
        "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='{}' send-count='{}'/></stream:error>",
        claimed, sent);
}

class acknowledgements : public reconnecting {
 protected:
    detail::event released{context.get_executor()};
};

TEST_F(acknowledgements, of_what_is_held_back_by_pause_end_the_stream) {
    accept_managed(peer)
        .expect_nothing(1ms)
        .send(ack("1"))
        .expect(too_high(1, 0))
        .expect_close()
        .next_connection();
    accept_managed(peer).expect(delayed_chat("1")).expect(ack_request).send(ack("1"));
    start();
    conn->pause();
    send_acked("1");
    pass(2ms);
    EXPECT_EQ(path(), fmt::format("{} RECONNECTING(handled-count-too-high)", up));
    EXPECT_EQ(outcomes.count("1"), 0u) << "it is still to be acknowledged";
    conn->resume();
    pass(10s);
    EXPECT_EQ(outcomes["1"], "done") << "no stream before has carried it";
}

TEST_F(acknowledgements, of_what_is_behind_a_long_write_end_the_stream) {
    // The first fills the link, and the second waits behind it.
    peer.streams(testing::memory_stream_options().capacity(2000));
    const std::string long_text(20'000, 'x');
    accept_managed(peer)
        .then([this](testing::scripted_peer&) { return released.wait(); })
        .send(ack("2"))
        .stall();
    start();
    send_acked(long_text);
    run_until_idle();
    send_acked("2");
    run_until_idle();
    released.set();
    pass(1h);
    EXPECT_EQ(step(status_code::reconnecting).error, errc::handled_count_too_high);
    EXPECT_EQ(outcomes["2"], "not-delivered");
    EXPECT_EQ(outcomes[long_text], "delivery-unknown");
}

TEST_F(acknowledgements, of_what_was_written_are_believed) {
    accept_managed(peer).expect(chat("1")).expect(ack_request).send(ack("1"));
    start();
    send_acked("1");
    run_until_idle();
    EXPECT_EQ(outcomes["1"], "done");
}

/// How a resumption is answered with a count.
class acknowledgements_of_resumptions : public acknowledgements,
                                        public ::testing::WithParamInterface<bool> {
 protected:
    std::string answer() const {
        if (!GetParam()) return resumed("one", "2");
        return "<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found "
               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    }
    void expect_a_new_session() {
        accept_managed(peer.next_connection())
            .expect(delayed_chat("1"))
            .expect(delayed_chat("2"))
            .expect(ack_request)
            .send(ack("2"));
    }
};

INSTANTIATE_TEST_SUITE_P(of, acknowledgements_of_resumptions, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "failed" : "resumed"; });

TEST_P(acknowledgements_of_resumptions, do_not_reach_what_was_sent_without_a_link) {
    accept_managed(peer).expect(chat("1")).expect(ack_request);
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(answer())
        .expect(too_high(2, 1))
        .expect_close();
    expect_a_new_session();
    start();
    send_acked("1");
    pass(2ms);
    send_acked("2");
    pass(10s);
    EXPECT_EQ(outcomes["1"], "resent");
    EXPECT_EQ(outcomes["2"], "done") << "only the new stream has carried it";
}

TEST_P(acknowledgements_of_resumptions, do_not_reach_what_pause_held_back_on_the_link_before) {
    accept_managed(peer).expect(chat("1")).expect(ack_request);
    offer_to_resume(lose())
        .expect(resume("one", "0"))
        .send(answer())
        .expect(too_high(2, 1))
        .expect_close();
    expect_a_new_session();
    start();
    send_acked("1");
    run_until_idle();
    conn->pause();
    send_acked("2");
    pass(2ms);
    conn->resume();
    pass(10s);
    EXPECT_EQ(outcomes["2"], "done");
}

TEST_F(acknowledgements, of_the_last_presence_are_taken_too) {
    accept_managed(peer)
        .expect(chat("1"))
        .expect(ack_request)
        .expect("<presence type='unavailable'/>")
        .expect(ack_request)
        .expect(ack("0"))
        .send(ack("2"))
        .expect_close()
        .close_stream();
    start();
    send_acked("1");
    run_until_idle();
    run(conn->disconnect());
    EXPECT_EQ(outcomes["1"], "done");
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

}  // namespace
}  // namespace xmpp::test
