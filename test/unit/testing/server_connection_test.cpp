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

CO_TEST(server_with_connections, chats_over_tcp_with_starttls_and_channel_binding) {
    const auto executor = context.get_executor();
    auto settings = play();
    settings.mechanisms(std::vector<std::string>(1, "SCRAM-SHA-512-PLUS"));
    server play_server(executor, settings);
    play_server.start();
    connection juliet(executor, "", play_server.client_options());
    connection romeo(executor, "", play_server.client_options());
    co_await chat(juliet, romeo);
}

CO_TEST(server_with_connections, chats_over_tcp_with_tls_from_the_first_byte) {
    const auto executor = context.get_executor();
    server play_server(executor, play());
    play_server.start();
    connection juliet(executor, "xmpps://example.test", play_server.direct_tls_options());
    connection romeo(executor, "xmpps://example.test", play_server.direct_tls_options());
    co_await chat(juliet, romeo);
}

class server_in_memory : public ::testing::Test {
 protected:
    void chat_with(server_options settings) {
        const auto time = std::make_shared<virtual_clock>();
        server play_server(context_.get_executor(), settings.time_source(time));
        auto client = play_server.client_options().time_source(time);
        connection juliet(context_.get_executor(), "", client);
        connection romeo(context_.get_executor(), "", client);
        run(context_, *time, chat(juliet, romeo));
    }

    asio::io_context context_;
};

TEST_F(server_in_memory, chats_with_starttls) {
    chat_with(play());
}

TEST_F(server_in_memory, chats_without_tls) {
    chat_with(play().tls(tls_mode::disabled));
}

TEST_F(server_in_memory, chats_with_channel_binding_only) {
    chat_with(play().mechanisms({"SCRAM-SHA-256-PLUS"}));
}

TEST_F(server_in_memory, chats_with_passwords_under_tls) {
    const auto time = std::make_shared<virtual_clock>();
    server play_server(context_.get_executor(), play().mechanisms({"PLAIN"}).time_source(time));
    auto client = play_server.client_options().time_source(time).allow_plaintext_auth(true);
    connection juliet(context_.get_executor(), "", client);
    connection romeo(context_.get_executor(), "", client);
    run(context_, *time, chat(juliet, romeo));
}

/// How a login ends; no error when well.
task<std::error_code> result_of_login(connection& conn, credentials who) {
    std::error_code failure;
    try {
        co_await conn.login(std::move(who));
    } catch (const std::system_error& thrown) {
        failure = thrown.code();
    }
    co_return failure;
}

task<> log_in_wrongly(connection& conn) {
    const auto failure =
        co_await result_of_login(conn, credentials("juliet@example.test", "wrong"));
    EXPECT_EQ(failure, sasl_condition::not_authorized);
}

TEST_F(server_in_memory, refuses_a_wrong_password) {
    const auto time = std::make_shared<virtual_clock>();
    server play_server(context_.get_executor(), play().time_source(time));
    connection juliet(context_.get_executor(), "", play_server.client_options().time_source(time));
    run(context_, *time, log_in_wrongly(juliet));
}

task<> log_in_to_a_stranger(connection& conn) {
    const auto failure =
        co_await result_of_login(conn, credentials("juliet@example.test", "secret"));
    EXPECT_EQ(failure.category(), certificate_category());
}

TEST_F(server_in_memory, is_refused_by_clients_that_do_not_trust_it) {
    const auto time = std::make_shared<virtual_clock>();
    server play_server(context_.get_executor(), play().time_source(time));
    connection juliet(context_.get_executor(), "",
                      play_server.client_options().time_source(time).ca_pem(""));
    run(context_, *time, log_in_to_a_stranger(juliet));
}

}  // namespace
}  // namespace xmpp::testing
