// Handlers of failures below XMPP that have a number.
#include "scripted/elements.hpp"
#include "scripted/transport/websocket_session_test_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace xmpp::test {
namespace {

class protocol_errors : public websocket_session_test {
 protected:
    /// Notes statuses and calls of handlers in one line.
    void note_all(std::initializer_list<int> codes, protocol which = protocol::websocket) {
        for (const int code : codes) {
            conn->add_protocol_error_handler(which, code, [this](const protocol_error& failure) {
                note(fmt::format("{}{}", failure.which() == protocol::http ? "http" : "ws",
                                 failure.number()));
            });
        }
        conn->on_status([this](const status& step) { note(std::string(to_string(step.code))); });
    }
    void note(std::string_view what) {
        if (!noted.empty()) noted += ' ';
        noted += what;
    }

    std::string noted;
};

class websocket_close_codes : public protocol_errors,
                              public ::testing::WithParamInterface<std::uint16_t> {};

TEST_P(websocket_close_codes, call_their_handlers_before_the_status) {
    note_all({1000, 1001, 1002, 1006, 1008, 1011});
    peer.accept_login(juliet).close_websocket(GetParam());
    run_session();
    EXPECT_EQ(noted, fmt::format("{} ws{} DISCONNECTED", up, GetParam()));
    EXPECT_NE(steps.back().text.find(std::to_string(GetParam())), std::string::npos)
        << steps.back().text;
    EXPECT_EQ(steps.back().error, errc::closed_by_server);
}

TEST_P(websocket_close_codes, before_the_first_message_are_a_connfail) {
    note_all({1000, 1001, 1002, 1006, 1008, 1011});
    peer.expect_header().close_websocket(GetParam());
    run_session();
    EXPECT_EQ(noted, fmt::format("CONNECTING ws{} CONNFAIL DISCONNECTED", GetParam()));
    EXPECT_NE(steps.back().text.find(std::to_string(GetParam())), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(rfc6455, websocket_close_codes,
                         ::testing::Values(std::uint16_t{1000}, std::uint16_t{1001},
                                           std::uint16_t{1008}, std::uint16_t{1011}));

TEST_F(protocol_errors, a_link_that_is_cut_is_code_1006) {
    note_all({1000, 1006});
    peer.accept_login(juliet);
    start();
    peer.cut();
    run_until_idle();
    EXPECT_EQ(noted, fmt::format("{} ws1006 DISCONNECTED", up));
    EXPECT_NE(steps.back().text.find("1006"), std::string::npos) << steps.back().text;
}

TEST_F(protocol_errors, a_link_that_ends_before_the_first_message_is_code_1006) {
    note_all({1000, 1006});
    peer.expect_header().end();
    run_session();
    EXPECT_EQ(noted, "CONNECTING ws1006 CONNFAIL DISCONNECTED");
    EXPECT_EQ(steps.back().condition, "connection-lost");
}

TEST_F(protocol_errors, a_broken_frame_is_called_by_the_code_that_we_close_with) {
    note_all({1002, 1006, 1007});
    peer.accept_login(juliet).send_raw("<message><body>\xC0\xAF</body></message>");
    run_session();
    EXPECT_EQ(noted, fmt::format("{} ws1007 ERROR DISCONNECTED", up));
}

TEST_F(protocol_errors, an_end_in_good_order_calls_nobody) {
    note_all({1000, 1005, 1006});
    peer.accept_login(juliet)
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
    start();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(noted, fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(protocol_errors, what_happens_after_disconnect_calls_nobody) {
    note_all({1000, 1005, 1006});
    peer.accept_login(juliet).expect("<presence type='unavailable'/>").cut();
    start();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(noted, fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(protocol_errors, handlers_are_called_in_their_order_and_whatever_one_throws) {
    std::string log;
    conn->on_log(log_level::error, [&log](log_level, std::string_view line) { log += line; });
    for (const char* name : {"a", "b", "c"}) {
        conn->add_protocol_error_handler(protocol::websocket, 1001,
                                         [this, name](const protocol_error&) {
                                             note(name);
                                             throw std::runtime_error(name);
                                         });
    }
    peer.accept_login(juliet).close_websocket(1001);
    run_session();
    EXPECT_EQ(noted, "a b c");
    EXPECT_NE(log.find("protocol errors threw: c"), std::string::npos) << log;
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(closed-by-server)", up));
}

TEST_F(protocol_errors, handlers_stay_over_sessions_until_they_are_removed) {
    std::vector<handler_id> ids;
    for (const char* name : {"a", "b"}) {
        ids.push_back(conn->add_protocol_error_handler(
            protocol::websocket, 1001, [this, name](const protocol_error&) { note(name); }));
    }
    for (int session = 0; session < 3; ++session) {
        steps.clear();
        if (session > 0) peer.next_connection();
        peer.accept_login(juliet).close_websocket(1001);
        run_session();
        if (session == 0) conn->remove_handler(ids.at(0));
        if (session == 1) conn->reset();
    }
    EXPECT_EQ(noted, "a b b");
}

TEST_F(protocol_errors, a_handler_may_remove_others_and_destroy_the_connection) {
    handler_id second{};
    conn->add_protocol_error_handler(protocol::websocket, 1001, [&](const protocol_error&) {
        note("first");
        conn->remove_handler(second);
    });
    second = conn->add_protocol_error_handler(protocol::websocket, 1001,
                                              [this](const protocol_error&) { note("second"); });
    conn->add_protocol_error_handler(protocol::websocket, 1001, [this](const protocol_error&) {
        conn.reset();
        note("third");
    });
    conn->add_protocol_error_handler(protocol::websocket, 1001,
                                     [this](const protocol_error&) { note("fourth"); });
    peer.accept_login(juliet).close_websocket(1001);
    start();
    EXPECT_EQ(noted, "first third");
}

struct refused_case {
    int status;
    const char* reason;
};

void PrintTo(const refused_case& row, std::ostream* out) {
    *out << row.status;
}

class refused_upgrades : public protocol_errors,
                         public ::testing::WithParamInterface<refused_case> {};

TEST_P(refused_upgrades, call_their_handlers_before_the_status) {
    testing::scripted_peer http(context.get_executor());
    http.send_raw(fmt::format("HTTP/1.1 {} {}\r\nContent-Length: 0\r\n\r\n", GetParam().status,
                              GetParam().reason));
    configure(settings().dialer(http.dialer()), websocket_service);
    note_all({0, 200, 403, 404, 503}, protocol::http);
    run_session();
    EXPECT_EQ(noted, fmt::format("CONNECTING http{} CONNFAIL DISCONNECTED", GetParam().status));
    EXPECT_EQ(steps.back().error, errc::http_refused);
    EXPECT_NE(steps.back().text.find(std::to_string(GetParam().status)), std::string::npos);
    EXPECT_EQ(http.problems(), "");
}

INSTANTIATE_TEST_SUITE_P(http, refused_upgrades,
                         ::testing::Values(refused_case{200, "OK"}, refused_case{403, "Forbidden"},
                                           refused_case{404, "Not Found"},
                                           refused_case{503, "Service Unavailable"}));

TEST_F(protocol_errors, no_answer_to_the_upgrade_is_number_0) {
    testing::scripted_peer http(context.get_executor());
    http.send_raw("HTTP/1.1 10").end();
    configure(settings().dialer(http.dialer()), websocket_service);
    note_all({0, 404}, protocol::http);
    run_session();
    EXPECT_EQ(noted, "CONNECTING http0 CONNFAIL DISCONNECTED");
    EXPECT_EQ(steps.back().condition, "connection-lost");
}

TEST_F(protocol_errors, a_server_that_says_nothing_ends_by_the_clock) {
    note_all({1006});
    peer.expect_header().stall();
    run_session();
    EXPECT_EQ(noted, "CONNECTING CONNTIMEOUT DISCONNECTED");
    EXPECT_EQ(steps.back().error, errc::connect_timeout);
}

}  // namespace
}  // namespace xmpp::test
