// What a server announces that it puts up with (XEP-0478): sizes, and silence of ours.
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* pong = "<iq type='result' from='example.org' id='{id}'/>";

std::string limits(const std::string& content) {
    return fmt::format("<limits xmlns='urn:xmpp:stream-limits:0'>{}</limits>", content);
}
std::string max_bytes(std::size_t bytes) {
    return limits(fmt::format("<max-bytes>{}</max-bytes>", bytes));
}
std::string idle_seconds(const std::string& seconds) {
    return limits(fmt::format("<idle-seconds>{}</idle-seconds>", seconds));
}

/// As large as it is when a server counts it.
std::size_t size_of(const builder& stanza) {
    const auto declaration = std::string_view(" xmlns='jabber:client'").size();
    return stanza.to_xml().size() + (over_websocket() ? declaration : 0);
}
builder text_of(std::size_t size) {
    return message("a@b").body(std::string(size, 'x'));
}
const std::string large(1'000, 'x');  // a body that fits no limit of these tests but the largest
const std::string large_chat = chat(large);

/// What a call that does not wait throws.
template <class Call>
std::error_code thrown_by(Call call) {
    try {
        call();
    } catch (const error& thrown) {
        return thrown.code();
    }
    return {};
}

class limited : public reconnecting {
 protected:
    limited() {
        conn->on_log([this](log_level level, std::string_view line) {
            if (level <= log_level::warning) return;
            complaints += fmt::format("{}\n", line);
        });
    }

    template <class T>
    std::error_code outcome_of(task<T> call) {
        std::error_code code;
        auto note = [](task<std::error_code> from, std::error_code* to) -> task<> {
            *to = co_await std::move(from);
        };
        run(note(code_of(std::move(call)), &code));
        return code;
    }

    std::string complaints;
};

TEST_F(limited, what_is_larger_than_the_server_takes_is_refused_here) {
    peer.accept_login(juliet, sm_feature + max_bytes(500))
        .expect(enable)
        .send(enabled)
        .expect(chat("small"));
    start();
    EXPECT_EQ(thrown_by([&] { conn->enqueue(text_of(500)); }), errc::stanza_too_large);
    EXPECT_EQ(outcome_of(conn->send(text_of(500))), errc::stanza_too_large);
    EXPECT_EQ(outcome_of(conn->send_acked(text_of(500))), errc::stanza_too_large);
    auto request = iq::set("a@b").c("x", "urn:x").t(large);
    EXPECT_EQ(outcome_of(conn->send_iq(std::move(request))), errc::stanza_too_large);
    auto join = presence("a@b").status(large);
    EXPECT_EQ(outcome_of(conn->send_presence(std::move(join), 10s)), errc::stanza_too_large);
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
    EXPECT_EQ(conn->health().pending_requests, 0u);
    send("small");
    run_until_idle();
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, what_is_just_as_large_leaves) {
    const auto fits = text_of(100);
    peer.accept_login(juliet, max_bytes(size_of(fits))).expect(fits.to_xml());
    start();
    conn->enqueue(text_of(100));
    EXPECT_EQ(thrown_by([&] { conn->enqueue(text_of(101)); }), errc::stanza_too_large);
    run_until_idle();
}

TEST_F(limited, the_error_says_how_large_is_too_large) {
    peer.accept_login(juliet, max_bytes(500));
    start();
    try {
        conn->enqueue(text_of(1'000));
        ADD_FAILURE() << "it was accepted";
    } catch (const error& thrown) {
        EXPECT_EQ(thrown.condition(), "stanza-too-large");
        const auto size = std::to_string(text_of(1'000).to_xml().size());
        EXPECT_NE(thrown.explanation().find(size), std::string_view::npos) << thrown.what();
    }
}

TEST_F(limited, a_limit_that_nothing_fits_ends_no_session) {
    configure(settings());
    peer.accept_login(juliet, max_bytes(1)).expect_nothing(1s).close_stream().expect_close();
    start();
    EXPECT_EQ(thrown_by([&] { send("1"); }), errc::stanza_too_large);
    pass(2s);
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
}

TEST_F(limited, are_those_of_the_last_features) {
    offer(peer, (plain_features + max_bytes(100)).c_str())
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header()
        .features(bind_feature);
    accept_binding(peer).expect(large_chat);
    start();
    send(large);
    run_until_idle();
}

TEST_F(limited, who_asks_for_too_much_is_told) {
    conn->on_iq("book", "urn:x",
                [](stanza) -> task<builder> { co_return builder("book", "urn:x").t(large); });
    peer.accept_login(juliet, max_bytes(500))
        .send("<iq type='get' id='7' from='a@b/c'><book xmlns='urn:x'/></iq>")
        .expect(
            "<iq type='error' id='7' to='a@b/c'><error type='modify'>"
            "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>*</text></error></iq>");
    start();
    EXPECT_NE(complaints.find("a reply could not be sent"), std::string::npos);
}

TEST_F(limited, a_farewell_that_is_too_large_is_left_out) {
    peer.accept_login(juliet, max_bytes(500)).expect_close().close_stream();
    start();
    EXPECT_EQ(outcome_of(conn->disconnect(large)), std::error_code());
    EXPECT_EQ(step(status_code::disconnected).error, std::error_code());
}

TEST_F(limited, a_resumed_stream_goes_on_without_what_is_too_large_for_it) {
    accept_managed(peer).expect(chat("1")).expect(ack_request).expect(large_chat).expect(chat("3"));
    lose();
    offer_to_resume(peer, max_bytes(500))
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect(chat("1"))
        .expect(chat("3"))
        .expect(ack_request)
        .send(ack("2"))
        .expect(chat("4"))
        .expect(ack_request)
        .send(ack("3"));
    start();
    for (const auto& text : {std::string("1"), large, std::string("3")}) send_acked(text);
    pass(2s);
    EXPECT_TRUE(conn->resumed());
    EXPECT_EQ(outcomes["1"], "done");
    EXPECT_EQ(outcomes[large], "not-delivered");
    EXPECT_EQ(outcomes["3"], "done");
    EXPECT_EQ(conn->health().stanzas_resent, 2u);
    send_acked("4");
    run_until_idle();
    EXPECT_EQ(outcomes["4"], "done") << "the counters are those of the server";
}

TEST_F(limited, a_new_session_goes_on_without_what_is_too_large_for_it) {
    accept_managed(peer).expect(large_chat).expect(ack_request);
    lose();
    offer_to_resume(peer, max_bytes(500)).expect(resume("one", "0")).send(failed);
    accept_binding(peer)
        .expect(enable)
        .expect(delayed_chat("2"))
        .expect(ack_request)
        .send(enabled)
        .send(ack("1"));
    start();
    send_acked(large);
    pass(1ms);
    EXPECT_FALSE(conn->connected());
    const auto larger = large + "2";
    send_acked(larger);
    send_acked("2");
    pass(2s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(outcomes[large], "delivery-unknown") << "the stream before may have carried it";
    EXPECT_EQ(outcomes[larger], "not-delivered");
    EXPECT_EQ(outcomes["2"], "done");
}

TEST_F(limited, what_fits_without_its_time_goes_into_a_new_session_without) {
    const auto fits = message("a@b").body("as large as may be");
    const auto announced = max_bytes(size_of(fits));
    peer.accept_login(juliet, announced);
    lose().accept_login(juliet, announced).expect(fits.to_xml());
    start_and_lose();
    EXPECT_FALSE(conn->connected());
    send("as large as may be");
    pass(2s);
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, between_links_the_limit_is_that_of_the_last) {
    peer.accept_login(juliet, max_bytes(500));
    lose().accept_login(juliet).expect(large_chat);
    start_and_lose();
    EXPECT_FALSE(conn->connected());
    EXPECT_EQ(thrown_by([&] { send(large); }), errc::stanza_too_large);
    pass(2s);
    EXPECT_TRUE(conn->connected());
    send(large);
    run_until_idle();
}

TEST_F(limited, are_not_those_of_the_session_before) {
    peer.accept_login(juliet, max_bytes(500)).expect_nothing(1ms).cut();
    configure(settings());
    start();
    pass(1s);
    EXPECT_EQ(steps.back().code, status_code::disconnected);
    peer.next_connection().accept_login(juliet).expect(large_chat);
    steps.clear();
    start();
    send(large);
    run_until_idle();
}

TEST_F(limited, a_server_that_waits_five_seconds_hears_from_us_before) {
    peer.accept_login(juliet, idle_seconds("5"));
    for (int i = 0; i < 3; ++i) peer.expect_nothing(3s).expect(ping_request).send(pong);
    start();
    pass(3749ms * 3);
    EXPECT_FALSE(peer.finished());
    pass(10ms);
    EXPECT_TRUE(peer.finished());
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, where_stanzas_are_counted_it_hears_what_is_none) {
    accept_managed(peer, enabled, idle_seconds("5"));
    for (int i = 0; i < 3; ++i) peer.expect_nothing(3s).expect(ack_request).send(ack("0"));
    start();
    pass(12s);
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, holds_without_liveness_too) {
    configure(settings().liveness(0ms, 0ms));
    peer.accept_login(juliet, idle_seconds("5"));
    for (int i = 0; i < 100; ++i) peer.expect(ping_request);  // none is answered
    start();
    pass(376s);
    EXPECT_EQ(path(), up) << "and nobody waits for the answers";
}

TEST_F(limited, needs_nothing_where_something_is_written) {
    peer.accept_login(juliet, idle_seconds("5"));
    for (int i = 0; i < 10; ++i) peer.expect_nothing(2s).expect("<message to='a@b'/>");
    start();
    for (int i = 0; i < 10; ++i) {
        pass(3s);
        conn->enqueue(message("a@b"));
        run_until_idle();
    }
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, holds_while_the_server_speaks) {
    peer.accept_login(juliet, idle_seconds("840"));
    for (int i = 0; i < 20; ++i) peer.expect_nothing(30s).send("<message from='a@b'/>");
    peer.expect(ping_request).send(pong);
    start();
    pass(629s);
    EXPECT_FALSE(peer.finished());
    pass(2s);
    EXPECT_TRUE(peer.finished());
}

TEST_F(limited, holds_while_reading_is_held_up) {
    configure(settings().receive_queue(2, 2, overflow::pause));
    auto slow = conn->stanzas(match().name("message"));
    peer.accept_login(juliet, idle_seconds("5"));
    for (int i = 0; i < 5; ++i) peer.send("<message from='a@b'/>");
    for (int i = 0; i < 3; ++i) peer.expect_nothing(3s).expect(ping_request);
    start();
    pass(12s);
    EXPECT_TRUE(conn->connected());
}

TEST_F(limited, a_server_without_patience_hears_from_us_once_a_second) {
    configure(settings().liveness(0ms, 0ms));
    peer.accept_login(juliet, idle_seconds("1"));
    for (int i = 0; i < 10; ++i) peer.expect(ping_request);
    start();
    pass(10'500ms);
    EXPECT_TRUE(peer.finished());
    peer.expect_nothing(400ms);
    pass(450ms);
}

TEST_F(limited, no_patience_at_all_and_endless_patience_are_no_limit) {
    for (const char* seconds : {"0", "-5", "4294967295", "18446744073709551616"}) {
        SCOPED_TRACE(seconds);
        configure(settings().liveness(0ms, 0ms));
        steps.clear();
        peer.accept_login(juliet, idle_seconds(seconds))
            .expect_nothing(std::chrono::hours(24))
            .close_stream()
            .expect_close()
            .next_connection();
        start();
        pass(std::chrono::hours(25));
        EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
    }
    peer.accept_login(juliet);
    configure(settings());
    start();
}

TEST_F(limited, a_resumed_stream_has_the_limit_of_its_link) {
    accept_managed(peer, enabled, idle_seconds("5")).expect(ack_request).send(ack("0"));
    lose();
    offer_to_resume(peer, idle_seconds("40"))
        .expect(resume("one", "0"))
        .send(resumed("one", "0"))
        .expect_nothing(29s)
        .expect(ack_request)
        .send(ack("0"));
    start();
    pass(3760ms);
    EXPECT_FALSE(conn->connected());
    pass(32s);
    EXPECT_TRUE(conn->resumed());
}

}  // namespace
}  // namespace xmpp::test
