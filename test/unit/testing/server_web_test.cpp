#include <xmpp/testing/server.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "server_chat.hpp"
#include "support/co_test.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace xmpp::testing {
namespace {

task<> chat_by(asio::any_io_executor executor, std::string service, options settings) {
    connection juliet(executor, service, settings);
    connection romeo(executor, service, settings);
    co_await chat(juliet, romeo);
}

CO_TEST(server_with_web_clients, chats_over_websocket) {
    server play_server(context.get_executor(), play());
    play_server.start();
    co_await chat_by(context.get_executor(), play_server.ws_url(), play_server.ws_client_options());
}

CO_TEST(server_with_web_clients, chats_over_http) {
    server play_server(context.get_executor(), play());
    play_server.start();
    co_await chat_by(context.get_executor(), play_server.http_url(),
                     play_server.http_client_options());
}

CO_TEST(server_with_web_clients, chats_in_clear_where_tls_is_disabled) {
    const auto executor = context.get_executor();
    auto settings = play();
    settings.tls(tls_mode::disabled);
    server play_server(executor, settings);
    play_server.start();
    EXPECT_TRUE(play_server.ws_url().starts_with("ws://")) << play_server.ws_url();
    EXPECT_TRUE(play_server.http_url().starts_with("http://")) << play_server.http_url();
    connection juliet(executor, play_server.ws_url(), play_server.ws_client_options());
    connection romeo(executor, play_server.http_url(), play_server.http_client_options());
    co_await chat(juliet, romeo);
}

TEST(server_with_web_clients, chats_over_websocket_in_memory) {
    asio::io_context context;
    const auto time = std::make_shared<virtual_clock>();
    server play_server(context.get_executor(), play().time_source(time));
    const auto settings = play_server.ws_client_options().time_source(time);
    EXPECT_EQ(play_server.ws_port(), 0);
    connection juliet(context.get_executor(), play_server.ws_url(), settings);
    connection romeo(context.get_executor(), play_server.ws_url(), settings);
    run(context, *time, chat(juliet, romeo));
}

/// What ends the session that is up.
enum class ending { stop, cut, conflict };

task<> end_it(server& with, connection& conn, ending how, std::error_code* reason) {
    auto statuses = conn.connect(credentials("juliet@example.test/balcony", "secret"));
    while (auto step = co_await statuses.next()) {
        if (step->code == status_code::disconnected) *reason = step->error;
        if (step->code != status_code::connected) continue;
        if (how == ending::stop) with.stop();
        if (how == ending::cut) with.cut(conn.user());
        if (how == ending::conflict) with.end_session(conn.user(), stream_condition::conflict);
    }
}

class server_ends_web_sessions : public ::testing::Test {
 protected:
    std::error_code reason(bool over_http, ending how) {
        asio::io_context context;
        server play_server(context.get_executor(), play());
        play_server.start();
        const auto url = over_http ? play_server.http_url() : play_server.ws_url();
        auto settings =
            over_http ? play_server.http_client_options() : play_server.ws_client_options();
        settings.max_retries(0).bosh_retries(0);
        connection conn(context.get_executor(), url, settings);
        std::error_code found;
        test::run(context, end_it(play_server, conn, how, &found));
        EXPECT_TRUE(play_server.sessions().empty());
        return found;
    }
};

TEST_F(server_ends_web_sessions, with_a_stream_error_when_it_stops) {
    EXPECT_EQ(reason(false, ending::stop), stream_condition::system_shutdown);
    EXPECT_EQ(reason(true, ending::stop), stream_condition::system_shutdown);
}

TEST_F(server_ends_web_sessions, with_the_condition_that_it_is_told) {
    EXPECT_EQ(reason(false, ending::conflict), stream_condition::conflict);
    EXPECT_EQ(reason(true, ending::conflict), stream_condition::conflict);
}

TEST_F(server_ends_web_sessions, as_a_broken_link_would) {
    EXPECT_TRUE(reason(false, ending::cut));
    EXPECT_TRUE(reason(true, ending::cut));
}

}  // namespace
}  // namespace xmpp::testing
