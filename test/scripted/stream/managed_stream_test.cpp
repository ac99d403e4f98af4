// Stream management while a link lasts (XEP-0198): what is counted, asked, answered and refused.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

task<bool> hold(detail::event& until) {
    co_await until.wait();
    co_return true;
}

task<> note_code(task<> failing, std::error_code* code) {
    *code = co_await code_of(std::move(failing));
}

task<> drain(connection& conn, std::optional<bool>* all) {
    *all = co_await conn.drain(10s);
}

class managed_stream : public session_test {
 protected:
    managed_stream() { configure(resumable()); }

    /// A lost link ends the session all the same.
    options resumable() const { return settings().reconnect(true).max_retries(0); }

    void send(int count) {
        for (int i = 0; i < count; ++i) conn->enqueue(message("a@b").body(fmt::to_string(i)));
    }
    testing::scripted_peer& expect_messages(int first, int count) {
        for (int i = first; i < first + count; ++i) peer.expect(chat(fmt::to_string(i)));
        return peer;
    }
    /// Starts send_acked(); what it ends with is in `outcomes` then, in the order of the ends.
    void send_acked(std::string text) {
        detail::spawn(context.get_executor(), conn->send_acked(message("a@b").body(text)),
                      [this, text](const std::exception_ptr& failure) {
                          outcomes.push_back(text + ": " +
                                             (failure ? condition_of(failure) : "acknowledged"));
                      });
    }
    std::vector<std::string> outcomes;
};

TEST_F(managed_stream, is_asked_for_after_binding) {
    accept_managed(peer);
    start();
    EXPECT_EQ(path(), up);
    EXPECT_FALSE(conn->resumed());
}

TEST_F(managed_stream, counts_a_stanza_of_unchecked_markup_as_the_server_does) {
    accept_managed(peer).expect(chat("0")).expect(chat("1")).send(ack("2"));
    start();
    conn->enqueue(unsafe_xml("\n  <message to='a@b'><body>0</body></message>\t\n"));
    conn->enqueue(
        unsafe_xml("<c:message xmlns:c='jabber:client' to='a@b'><c:body>1</c:body></c:message>"));
    run_until_idle();
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(managed_stream, takes_one_element_at_a_time) {
    accept_managed(peer).expect(chat("0"));
    start();
    const char* const wrong[] = {"<message/><message/>",
                                 "<message/>text",
                                 "text<message/>",
                                 "text",
                                 " ",
                                 "",
                                 "<message>",
                                 "</message>",
                                 "<message></presence>",
                                 "<!-- x --><message/>",
                                 "<message/><!-- x -->",
                                 "<?xml version='1.0'?><message/>"};
    for (const char* markup : wrong) {
        EXPECT_THROW(conn->enqueue(unsafe_xml(markup)), error) << markup;
        std::error_code code;
        run(note_code(conn->send_acked(unsafe_xml(markup)), &code));
        EXPECT_EQ(code, errc::not_well_formed) << markup;
    }
    EXPECT_THROW(conn->enqueue(builder("message").add(unsafe_xml("</message><message>"))), error);
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
    send(1);
    run_until_idle();
    EXPECT_EQ(conn->health().unacked_stanzas, 1u);
}

TEST_F(managed_stream, is_not_asked_for_where_it_is_not_wanted) {
    configure(resumable().stream_management(false));
    peer.accept_login("juliet@example.org/balcony", sm_feature).expect(chat("0"));
    start();
    send(1);
    run_until_idle();
}

TEST_F(managed_stream, of_an_old_version_is_not_used) {
    peer.accept_login("juliet@example.org/balcony", "<sm xmlns='urn:xmpp:sm:2'/>")
        .expect(chat("0"));
    start();
    send(1);
    run_until_idle();
}

TEST_F(managed_stream, asks_for_the_time_that_is_wanted) {
    configure(resumable().resumption_time(300s));
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect("<enable xmlns='urn:xmpp:sm:3' resume='true' max='300'/>");
    start();
}

TEST_F(managed_stream, is_not_kept_by_the_server_where_nobody_would_come_back) {
    configure(settings());
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect("<enable xmlns='urn:xmpp:sm:3'/>")
        .send("<enabled xmlns='urn:xmpp:sm:3'/>")
        .expect(chat("0"))
        .expect(ack_request)
        .send(ack("1"));
    start();
    send_acked("0");
    run_until_idle();
    EXPECT_EQ(outcomes, std::vector<std::string>{"0: acknowledged"});
}

TEST_F(managed_stream, the_server_is_asked_behind_every_fifth_stanza) {
    accept_managed(peer);
    expect_messages(0, 5).expect(ack_request);
    expect_messages(5, 5).expect(ack_request).send(ack("10"));
    expect_messages(10, 4);
    start();
    send(14);
    run_until_idle();
    EXPECT_EQ(conn->health().unacked_stanzas, 4u);
}

TEST_F(managed_stream, the_server_is_asked_once_nothing_has_followed_for_a_second) {
    accept_managed(peer);
    expect_messages(0, 2).expect_nothing(999ms).expect(ack_request).send(ack("2"));
    peer.expect_nothing(30s);
    start();
    send(2);
    pass(32s);
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
    EXPECT_TRUE(conn->health().last_acknowledgement);
}

TEST_F(managed_stream, the_server_is_never_asked_where_nobody_wants_to_know) {
    configure(resumable().max_unacked(0));
    accept_managed(peer);
    expect_messages(0, 20).expect_nothing(30s);
    start();
    send(20);
    pass(31s);
    EXPECT_EQ(conn->health().unacked_stanzas, 20u);
}

TEST_F(managed_stream, only_stanzas_are_counted) {
    accept_managed(peer)
        .send("<r xmlns='urn:xmpp:sm:3'/>")
        .expect(ack("0"))
        .send(
            "<message from='a@b'/><presence from='a@b'/><iq from='a@b' type='result' id='x'/>"
            "<iq from='a@b' type='nonsense'/><r xmlns='urn:xmpp:sm:3'/>")
        .expect(ack("4"));
    start();
}

TEST_F(managed_stream, what_came_before_enabled_is_not_counted) {
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect(enable)
        .send("<message from='a@b'/>")
        .send(enabled)
        .send("<message from='a@b'/><r xmlns='urn:xmpp:sm:3'/>")
        .expect(ack("1"));
    start();
}

TEST_F(managed_stream, a_question_before_enabled_gets_no_answer) {
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect(enable)
        .send(ack_request)
        .expect_nothing(1s)
        .send(enabled)
        .send(ack_request)
        .expect(ack("0"));
    start();
    pass(2s);
}

TEST_F(managed_stream, a_flood_of_questions_is_answered_as_one) {
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += ack_request;
    accept_managed(peer).send(flood).expect(ack("0")).send("<message from='a@b'/>" + flood);
    peer.expect(ack("1"));
    start();
    run_until_idle();
}

TEST_F(managed_stream, an_answer_to_no_question_is_used) {
    accept_managed(peer);
    expect_messages(0, 2).send(ack("1"));
    start();
    send(2);
    run_until_idle();
    EXPECT_EQ(conn->health().unacked_stanzas, 1u);
}

TEST_F(managed_stream, answers_that_say_nothing_new_are_not_answered_by_questions) {
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += ack("0");
    accept_managed(peer)
        .expect(chat("x"))
        .expect(ack_request)
        .send(flood)
        .expect(ack_request)
        .expect_nothing(100ms)
        .send(ack("1"));
    start();
    send_acked("x");
    pass(10s);
    EXPECT_EQ(outcomes, std::vector<std::string>{"x: acknowledged"});
}

TEST_F(managed_stream, bytes_that_wait_to_be_acknowledged_are_bounded_while_there_is_a_link) {
    configure(resumable().send_queue_bytes(2000, 4000));
    const std::string text(900, 'x');
    accept_managed(peer)
        .expect(chat(text))
        .expect(chat(text))
        .expect(chat(text))
        .expect(ack_request)
        .expect(chat(text))
        .send(ack("1"))
        .expect(chat(text));
    start();
    std::error_code refused;
    for (int i = 0; i < 5 && !refused; ++i) {
        try {
            conn->enqueue(message("a@b").body(text));
        } catch (const error& thrown) {
            refused = thrown.code();
        }
        run_until_idle();
    }
    EXPECT_EQ(refused, std::error_code()) << "the server has acknowledged one";
    EXPECT_THROW(conn->enqueue(message("a@b").body(text)), error);
    EXPECT_LE(conn->health().unacked_bytes, 4000u);
}

TEST_F(managed_stream, replies_that_repeat_long_ids_are_bounded_in_bytes) {
    configure(resumable().send_queue_bytes(2000, 4000));
    std::size_t left_out = 0;
    conn->on_log(log_level::error, [&left_out](log_level, std::string_view line) {
        if (line.find("a reply could not be sent") != line.npos) ++left_out;
    });
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += fmt::format("<iq type='get' from='a@b' id='{}'><q xmlns='urn:x'/></iq>",
                                std::string(1000, 'i'));
    }
    accept_managed(peer).send(requests).then([](testing::scripted_peer& self) -> task<> {
        for (;;) {
            const auto next = co_await self.receive();
            if (next->name() == "r") co_return;
        }
    });
    start();
    EXPECT_GT(left_out, 40u);
    EXPECT_LE(conn->health().unacked_bytes, 4000u);
}

TEST_F(managed_stream, questions_are_answered_while_a_handler_waits) {
    detail::event never(context.get_executor());
    conn->add_handler(match(), [&never](const stanza&) -> task<bool> { return hold(never); });
    accept_managed(peer).send("<message from='a@b'/><r xmlns='urn:xmpp:sm:3'/>").expect(ack("1"));
    start();
    conn.reset();
}

struct wrong_count {
    const char* name;
    const char* h;
    const char* condition;
    const char* sent;  // the content of our stream error
};

class wrong_counts : public managed_stream, public ::testing::WithParamInterface<wrong_count> {};

TEST_P(wrong_counts, close_the_stream) {
    const auto& wrong = GetParam();
    accept_managed(peer);
    expect_messages(0, 3)
        .send(ack("2"))
        .send(*wrong.h == '-' ? std::string("<a xmlns='urn:xmpp:sm:3'/>") : ack(wrong.h))
        .expect(fmt::format("<stream:error>{}</stream:error>", wrong.sent))
        .expect_close()
        .close_stream();
    start();
    send(3);
    run_until_idle();
    EXPECT_EQ(path(),
              fmt::format("{} ERROR({}) DISCONNECTED({})", up, wrong.condition, wrong.condition));
}

constexpr const char* undefined =
    "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
constexpr const char* bad = "<bad-format xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";

INSTANTIATE_TEST_SUITE_P(
    of_stanzas, wrong_counts,
    ::testing::Values(
        wrong_count{"too_high", "4", "handled-count-too-high",
                    "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                    "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='4' send-count='3'/>"},
        wrong_count{"backwards", "1", "handled-count-backwards", undefined},
        wrong_count{"empty", "", "bad-format", bad},
        wrong_count{"a_word", "abc", "bad-format", bad},
        wrong_count{"beyond_32_bits", "4294967296", "bad-format", bad},
        wrong_count{"with_a_sign", "+3", "bad-format", bad},
        wrong_count{"with_a_space", " 3", "bad-format", bad},
        wrong_count{"missing", "-", "bad-format", bad}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(managed_stream, enabled_twice_breaks_the_protocol) {
    accept_managed(peer).send(enabled).expect("<stream:error>*</stream:error>").expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(unexpected-element)", up));
}

TEST_F(managed_stream, that_is_refused_is_a_session_all_the_same) {
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect(enable)
        .send("<failed xmlns='urn:xmpp:sm:3'/>")
        .expect(chat("0"));
    start();
    send(1);
    run_until_idle();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
    send_acked("1");
    run_until_idle();
    EXPECT_EQ(outcomes, std::vector<std::string>{"1: not-supported"});
}

TEST_F(managed_stream, send_acked_returns_once_the_server_has_it) {
    accept_managed(peer)
        .expect(chat("first"))
        .expect(ack_request)
        .expect(chat("second"))
        .expect_nothing(5s)
        .send(ack("1"))
        .expect(ack_request)
        .send(ack("2"));
    start();
    send_acked("first");
    send_acked("second");
    run_until_idle();
    EXPECT_TRUE(outcomes.empty());
    pass(6s);
    EXPECT_EQ(outcomes, (std::vector<std::string>{"first: acknowledged", "second: acknowledged"}));
    EXPECT_TRUE(conn->health().round_trip);
}

TEST_F(managed_stream, an_acknowledgement_for_nobody_completes_nothing) {
    accept_managed(peer).expect(chat("0")).expect(ack_request).expect_nothing(1s).send(ack("1"));
    start();
    detail::job waiting;
    waiting.start(context.get_executor(), conn->send_acked(message("a@b").body("0")),
                  [](const std::exception_ptr&) {});
    run_until_idle();
    waiting.cancel();
    pass(2s);
    EXPECT_EQ(conn->health().unacked_stanzas, 0u);
}

TEST_F(managed_stream, what_was_not_acknowledged_at_the_end_is_told) {
    accept_managed(peer).expect(chat("sent")).expect(ack_request).cut();
    start();
    send_acked("sent");
    run_until_idle();
    EXPECT_EQ(outcomes, std::vector<std::string>{"sent: delivery-unknown"});
}

TEST_F(managed_stream, a_server_that_never_acknowledges_slows_its_client_down) {
    configure(resumable().max_unacked_stanzas(10).max_unacked(0));
    accept_managed(peer);
    expect_messages(0, 10).expect_nothing(1s).send(ack("1")).expect(chat("late"));
    start();
    send(10);
    EXPECT_THROW(send(1), error);
    bool sent = false;
    detail::spawn(context.get_executor(), conn->send(message("a@b").body("late")),
                  [&sent](const std::exception_ptr& failure) { sent = !failure; });
    run_until_idle();
    EXPECT_FALSE(sent);
    pass(2s);
    EXPECT_TRUE(sent);
}

TEST_F(managed_stream, a_server_that_never_acknowledges_fails_its_client_where_that_is_wanted) {
    configure(resumable().max_unacked_stanzas(3, when_full::fail).max_unacked(0));
    accept_managed(peer);
    expect_messages(0, 3);
    start();
    send(3);
    std::error_code code;
    detail::spawn(context.get_executor(), conn->send(message("a@b")),
                  [&code](const std::exception_ptr& failure) {
                      try {
                          if (failure) std::rethrow_exception(failure);
                      } catch (const error& thrown) {
                          code = thrown.code();
                      }
                  });
    run_until_idle();
    EXPECT_EQ(code, errc::queue_overflow);
}

TEST_F(managed_stream, a_clean_end_closes_it) {
    accept_managed(peer)
        .send("<message from='a@b'/>")
        .expect("<presence type='unavailable'/>")
        .expect(ack("1"))
        .expect_close()
        .close_stream();
    start();
    run(conn->disconnect());
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(managed_stream, silence_is_asked_about_without_a_stanza) {
    accept_managed(peer).expect_nothing(59s).expect(ack_request).send(ack("0")).expect_nothing(59s);
    start();
    pass(119s);
    EXPECT_EQ(path(), up);
}

TEST_F(managed_stream, silence_before_enabled_is_asked_about_without_a_stanza_too) {
    peer.accept_login("juliet@example.org/balcony", sm_feature)
        .expect(enable)
        .expect_nothing(59s)
        .expect(ack_request)
        .send(enabled);
    start();
    pass(61s);
    EXPECT_EQ(path(), up);
}

TEST_F(managed_stream, drain_ends_when_everything_was_acknowledged) {
    accept_managed(peer);
    expect_messages(0, 2)
        .expect_nothing(900ms)
        .expect(ack_request)
        .send(ack("2"))
        .expect("<presence type='unavailable'/>")
        .expect(ack("0"))
        .expect_close()
        .close_stream();
    start();
    send(2);
    std::optional<bool> all;
    detail::spawn(context.get_executor(), drain(*conn, &all), [](const std::exception_ptr&) {});
    run_until_idle();
    EXPECT_THROW(send(1), error);
    EXPECT_FALSE(all);
    pass(2s);
    EXPECT_EQ(all, true);
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

}  // namespace
}  // namespace xmpp::test
