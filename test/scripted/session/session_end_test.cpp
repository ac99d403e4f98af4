#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class session_end : public session_test {
 protected:
    session_end() { peer.accept_login("juliet@example.org/balcony"); }
};

TEST_F(session_end, a_lost_link_is_reported_once) {
    start();
    peer.cut();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
}

TEST_F(session_end, a_link_that_ends_without_closing_tag_is_lost) {
    peer.end();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
    EXPECT_EQ(steps.back().error, errc::connection_lost);
}

TEST_F(session_end, server_closes_and_is_answered) {
    peer.close_stream().expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
}

TEST_F(session_end, stream_error) {
    peer.send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>replaced</text></stream:error>")
        .close_stream()
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(conflict) DISCONNECTED(conflict)", up));
    const auto& error = step(status_code::error);
    EXPECT_EQ(error.error, stream_condition::conflict);
    ASSERT_TRUE(error.detail);
    EXPECT_NE(error.text.find("replaced"), std::string::npos);
}

TEST_F(session_end, condition_is_found_behind_an_application_element) {
    peer.send(
            "<stream:error><x xmlns='urn:x'/>"
            "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
        .close_stream()
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(policy-violation) DISCONNECTED(policy-violation)", up));
}

TEST_F(session_end, an_unknown_condition_with_text_in_two_languages) {
    const std::string in_ns = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'";
    peer.send(fmt::format("<stream:error><strange {0}/><text {0} xml:lang='de'>weg</text>"
                          "<text {0} xml:lang='en'>gone</text></stream:error>",
                          in_ns))
        .close_stream()
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(strange) DISCONNECTED(strange)", up));
    EXPECT_EQ(steps.back().error, stream_condition::undefined_condition);
    EXPECT_NE(steps.back().text.find("gone"), std::string::npos) << steps.back().text;
}

TEST_F(session_end, what_follows_a_stream_error_is_dropped) {
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.send(
            "<message from='a@b'><body>1</body></message>"
            "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
            "<message from='a@b'><body>2</body></message>")
        .expect_close();
    run_session();
    EXPECT_EQ(seen, 1);
}

struct broken_case {
    const char* name;
    std::string bytes;
    const char* condition;
};

void PrintTo(const broken_case& row, std::ostream* out) {
    *out << row.name;
}

class broken_xml : public session_end, public ::testing::WithParamInterface<broken_case> {};

TEST_P(broken_xml, closes_the_stream_with_its_condition) {
    const auto& [name, bytes, condition] = GetParam();
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.send_raw(fmt::format("<message><body>whole</body></message>{}", bytes))
        .expect(fmt::format("<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                            "</stream:error>",
                            condition))
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{0} ERROR({1}) DISCONNECTED({1})", up, condition));
    EXPECT_EQ(seen, 1) << "what came complete before it was delivered";
}

const broken_case broken_cases[] = {
    {"doctype", "<!DOCTYPE x>", "restricted-xml"},
    {"internal_entity", "<!DOCTYPE m [<!ENTITY e 'x'>]><message><body>&e;</body></message>",
     "restricted-xml"},
    {"external_entity", "<!DOCTYPE m [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "restricted-xml"},
    {"processing_instruction", "<?php no ?>", "restricted-xml"},
    {"comment", "<!-- no -->", "restricted-xml"},
    {"comment_in_a_stanza", "<message><!-- no --></message>", "restricted-xml"},
    {"unknown_entity", "<message><body>&foo;</body></message>", "not-well-formed"},
    {"reference_to_nul", "<message><body>&#0;</body></message>", "not-well-formed"},
    {"nul", std::string("<message><body>\0</body></message>", 34), "not-well-formed"},
    {"invalid_utf8", "<message><body>\xC0\xAF</body></message>", "not-well-formed"},
    {"invalid_utf8_in_an_attribute", "<message id='\xFF'/>", "not-well-formed"},
    {"second_declaration", "<?xml version='1.0'?>", "not-well-formed"},
    {"message_of_another_namespace", "<message xmlns='urn:other'/>", "unsupported-stanza-type"},
    {"message_between_servers", "<message xmlns='jabber:server'/>", "unsupported-stanza-type"},
    {"undeclared_prefix", "<x:message/>", "bad-namespace-prefix"},
    {"xml_prefix_redeclared", "<message xmlns:xml='urn:x'/>", "not-well-formed"},
    {"prefix_bound_to_nothing", "<message xmlns:x=''/>", "not-well-formed"},
    {"duplicate_attribute", "<message id='1' id='2'/>", "not-well-formed"},
    {"mismatched_end_tag", "<message></presence>", "not-well-formed"},
    {"cdata_end_in_text", "<message><body>]]></body></message>", "not-well-formed"},
    {"text_between_stanzas", "text", "bad-format"},
    {"stream_in_the_stream", "<stream:stream>", "invalid-xml"},
    {"good_bytes_behind_bad_ones", "<message><x></message><message/>", "not-well-formed"},
    {"features_again", "<stream:features/>", "unsupported-stanza-type"},
};

INSTANTIATE_TEST_SUITE_P(xml, broken_xml, ::testing::ValuesIn(broken_cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(session_end, a_stanza_beyond_the_limit_closes_the_stream) {
    configure(settings().max_stanza_bytes(1000));
    peer.send_raw("<message><body>" + std::string(2000, 'x'))
        .expect(
            "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(policy-violation) DISCONNECTED(policy-violation)", up));
}

TEST_F(session_end, pending_requests_end_with_a_reason) {
    peer.expect(ping_request);
    start();
    std::error_code code;
    detail::spawn(context.get_executor(), note_request(*conn, &code), [](std::exception_ptr) {});
    run_until_idle();
    peer.cut();
    run_until_idle();
    EXPECT_EQ(code, errc::disconnected);
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
}

TEST_F(session_end, disconnect_says_goodbye_and_waits_for_the_server) {
    start();
    peer.expect("<presence type='unavailable'><status>bye</status></presence>").expect_close();
    detail::spawn(context.get_executor(), conn->disconnect("bye"), [](std::exception_ptr) {});
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING(bye)", up)) << "waits for the server";
    EXPECT_TRUE(conn->disconnecting());
    peer.close_stream();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING(bye) DISCONNECTED", up));
}

TEST_F(session_end, server_that_does_not_answer_is_left_behind) {
    peer.expect("<presence type='unavailable'/>").expect_close().stall();
    configure(settings().disconnection_timeout(2s));
    start();
    const auto begin = time->now();
    run(conn->disconnect());
    EXPECT_EQ(time->now() - begin, 2s);
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING CONNTIMEOUT(disconnect-timeout) "
                                  "DISCONNECTED(disconnect-timeout)",
                                  up));
}

TEST_F(session_end, disconnect_without_a_session_does_nothing) {
    configure(settings());
    connection idle(context.get_executor(), "", settings());
    run(idle.disconnect("nothing"));
    EXPECT_FALSE(idle.disconnecting());
    start();
    peer.cut();
    run_until_idle();
}

TEST_F(session_end, disconnect_twice_ends_once) {
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    start();
    detail::spawn(context.get_executor(), conn->disconnect(), [](std::exception_ptr) {});
    run(conn->disconnect("again"));
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(session_end, both_close_at_once) {
    start();
    peer.close_stream().expect("<presence type='unavailable'/>").expect_close();
    detail::spawn(context.get_executor(), conn->disconnect(), [](std::exception_ptr) {});
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(session_end, disconnect_overrides_pause) {
    peer.expect("<message to='a@b'><body>held</body></message>")
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
    start();
    conn->pause();
    EXPECT_TRUE(conn->paused());
    conn->enqueue(message("a@b").body("held"));
    run(conn->disconnect());
    EXPECT_FALSE(conn->paused()) << "a pause ends with its session";
}

TEST_F(session_end, nothing_is_dispatched_after_disconnect) {
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.expect("<presence type='unavailable'/>")
        .send("<message from='a@b'><body>late</body></message>")
        .expect_close()
        .close_stream();
    start();
    run(conn->disconnect());
    EXPECT_EQ(seen, 0);
}

task<> drain(async_generator<stanza> stanzas, int* count, std::error_code* reason) {
    try {
        while (auto received = co_await stanzas.next()) ++*count;
    } catch (const std::system_error& ended) {
        *reason = ended.code();
    }
}

TEST_F(session_end, subscriptions_end_with_the_reason) {
    int count = 0;
    std::error_code reason;
    detail::spawn(context.get_executor(), drain(conn->stanzas(), &count, &reason),
                  [](std::exception_ptr) {});
    start();
    peer.send("<message from='a@b'><body>1</body></message>");
    run_until_idle();
    peer.cut();
    run_until_idle();
    EXPECT_EQ(count, 1);
    EXPECT_TRUE(reason);
    EXPECT_EQ(conn->user(), jid("juliet@example.org/balcony"));
}

task<> drain_and_note(async_generator<stanza> stanzas, std::optional<error>* reason) {
    try {
        while (const auto received = co_await stanzas.next()) continue;
    } catch (const error& ended) {
        *reason = ended;
    }
}

TEST_F(session_end, subscriptions_end_with_an_error_of_the_library) {
    std::optional<error> reason;
    detail::spawn(context.get_executor(), drain_and_note(conn->stanzas(), &reason),
                  [](const std::exception_ptr&) {});
    start();
    peer.cut();
    run_until_idle();
    ASSERT_TRUE(reason);
    EXPECT_EQ(reason->code(), steps.back().error);
}

TEST_F(session_end, subscriptions_end_without_one_after_disconnect) {
    peer.expect("<presence type='unavailable'/>").expect_close().close_stream();
    int count = 0;
    bool ended = false;
    std::error_code reason;
    detail::spawn(context.get_executor(), drain(conn->stanzas(), &count, &reason),
                  [&ended](std::exception_ptr) { ended = true; });
    start();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_TRUE(ended);
    EXPECT_FALSE(reason);
}

TEST_F(session_end, reset_drops_the_link_and_forgets_the_handlers) {
    int seen = 0;
    conn->add_handler(match().name("message"), [&seen](const stanza&) { return ++seen > 0; });
    peer.expect_disconnect();
    start();
    conn->reset();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED", up));
}

TEST_F(session_end, destroying_the_connection_ends_what_waits_with_operation_aborted) {
    peer.expect(ping_request);
    start();
    std::error_code request;
    std::error_code subscription;
    int count = 0;
    detail::spawn(context.get_executor(), note_request(*conn, &request), [](std::exception_ptr) {});
    detail::spawn(context.get_executor(), drain(conn->stanzas(), &count, &subscription),
                  [](std::exception_ptr) {});
    run_until_idle();
    conn.reset();
    run_until_idle();
    EXPECT_EQ(request, std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(subscription, std::error_code(asio::error::operation_aborted));
    EXPECT_EQ(path(), up) << "no status after the connection is gone";
}

TEST_F(session_end, connection_destroyed_inside_an_observer) {
    start();
    int seen = 0;
    const std::string held(100, 'x');  // too large for the function's own memory
    conn->on_raw_input([this, &seen, held](std::string_view) {
        conn.reset();
        seen += held.size() == 100 ? 1 : 0;
    });
    peer.send("<message from='a@b'/>");
    run_until_idle();
    EXPECT_EQ(seen, 1);
}

TEST_F(session_end, connection_destroyed_inside_a_handler) {
    int seen = 0;
    conn->add_handler(match().name("message"), [this, &seen](const stanza&) {
        ++seen;
        conn.reset();
        return true;
    });
    peer.send(
        "<message from='a@b'><body>1</body></message>"
        "<message from='a@b'><body>2</body></message>");
    start();
    EXPECT_EQ(seen, 1) << "the remaining stanzas of the read are dropped";
}

TEST_F(session_end, without_a_coroutine_comes_before_the_program_goes_on) {
    peer.expect("<presence type='unavailable'><status>bye</status></presence>")
        .expect_close()
        .close_stream();
    start();
    run_until_idle();
    conn->disconnect_and_wait(context, "bye");
    EXPECT_FALSE(conn->connected());
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING(bye) DISCONNECTED");
    conn->disconnect_and_wait(context);  // there is no session any more
}

}  // namespace
}  // namespace xmpp::test
