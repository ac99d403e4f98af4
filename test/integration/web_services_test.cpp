// Services that begin with ws, wss, http and https, through the facade.
#include <xmpp/xmpp.hpp>

#include "support/co_test.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

class web_service : public real_server_test {
 protected:
    void come_and_go(const std::string& scheme);

    asio::io_context context;
};

/// Logs in, asks, writes to itself, leaves; returns the statuses that it saw.
task<> write_to_myself(connection& conn, credentials who, std::string& path) {
    auto messages = conn.stanzas(match().name("message").type("chat"));
    auto statuses = conn.connect(std::move(who));
    while (auto step = co_await statuses.next()) {
        path += fmt::format("{} ", *step);
        if (step->code != status_code::connected) continue;
        co_await conn.send(presence());
        co_await conn.send_iq(iq::get(jid(conn.domain())).c("ping", ns::ping));
        co_await conn.send(message(conn.user()).type("chat").body("to <myself> & nobody else"));
        const auto received = co_await messages.next();
        path += fmt::format("[{}] ", (*received)->child("body")->text());
        co_await conn.disconnect();
    }
}

void web_service::come_and_go(const std::string& scheme) {
    const bool http = scheme.starts_with("http");
    const bool secure = scheme == "wss" || scheme == "https";
    server().add_user(scheme, "s3cret");
    auto settings = options().connect_address(server().address()).ca_file(server().ca_file());
    if (!secure) settings.tls(tls_mode::disabled);
    connection conn(context.get_executor(),
                    fmt::format("{}://{}:{}{}", scheme, server().domain(),
                                secure ? server().https_port() : server().http_port(),
                                http ? server().bosh_path() : server().websocket_path()),
                    settings);
    std::string path;
    run(context,
        write_to_myself(conn, credentials(jid(scheme + "@" + server().domain()), "s3cret"), path));
    EXPECT_EQ(path,
              "CONNECTING AUTHENTICATING CONNECTED [to <myself> & nobody else] DISCONNECTING "
              "DISCONNECTED ");
}

TEST_P(web_service, takes_a_session_over_ws) {
    come_and_go("ws");
}
TEST_P(web_service, takes_a_session_over_wss) {
    come_and_go("wss");
}
TEST_P(web_service, takes_a_session_over_http) {
    come_and_go("http");
}
TEST_P(web_service, takes_a_session_over_https) {
    come_and_go("https");
}

/// Is killed in the middle of its session.
task<> log_in_and_stop(connection& conn, credentials who) {
    co_await conn.login(std::move(who));
    co_await conn.send(presence());
    co_await conn.send_iq(iq::get(jid(conn.domain())).c("ping", ns::ping));
}

/// Goes on with it, writes to itself, leaves; returns the statuses that it saw.
task<> go_on(connection& conn, async_generator<status> statuses, std::string& path) {
    auto messages = conn.stanzas(match().name("message").type("chat"));
    while (auto step = co_await statuses.next()) {
        path += fmt::format("{} ", *step);
        if (step->code != status_code::attached) continue;
        co_await conn.send(message(conn.user()).type("chat").body("still here"));
        const auto received = co_await messages.next();
        path += fmt::format("[{}] ", (*received)->child("body")->text());
        co_await conn.disconnect();
    }
}

constexpr auto went_on = "ATTACHED [still here] DISCONNECTING DISCONNECTED ";

TEST_P(web_service, over_http_is_gone_on_with_by_a_later_connection) {
    server().add_user("restored", "s3cret");
    auto settings = options()
                        .connect_address(server().address())
                        .tls(tls_mode::disabled)
                        .session_store(make_memory_store())
                        .keepalive(true);
    const auto service = fmt::format("http://{}:{}{}", server().domain(), server().http_port(),
                                     server().bosh_path());
    jid user;
    {
        connection first(context.get_executor(), service, settings);
        run(context,
            log_in_and_stop(first, credentials(jid("restored@" + server().domain()), "s3cret")));
        user = first.user();
    }
    connection second(context.get_executor(), service, settings);
    std::string path;
    run(context, go_on(second, second.restore(), path));
    EXPECT_EQ(path, went_on);
    EXPECT_EQ(second.user(), user);
}

TEST_P(web_service, over_http_is_taken_over_by_another_connection) {
    server().add_user("exported", "s3cret");
    // ejabberd may take half a minute to answer the first request of another client.
    auto settings = options()
                        .connect_address(server().address())
                        .ca_file(server().ca_file())
                        .connect_timeout(std::chrono::minutes(2));
    const auto service = fmt::format("https://{}:{}{}", server().domain(), server().https_port(),
                                     server().bosh_path());
    std::optional<bosh_session> exported;
    {
        connection first(context.get_executor(), service, settings);
        run(context,
            log_in_and_stop(first, credentials(jid("exported@" + server().domain()), "s3cret")));
        exported = first.export_session();
    }
    ASSERT_TRUE(exported);
    connection second(context.get_executor(), "", settings);
    std::string path;
    run(context, go_on(second, second.attach(*exported), path));
    EXPECT_EQ(path, went_on);
}

TEST_P(web_service, that_is_not_encrypted_needs_leave) {
    connection conn(context.get_executor(),
                    fmt::format("ws://{}:{}{}", server().domain(), server().http_port(),
                                server().websocket_path()),
                    options().connect_address(server().address()));
    std::error_code code;
    try {
        run(context, conn.login(credentials(jid("ws@" + server().domain()), "s3cret")));
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::tls_unavailable);
}

INSTANTIATE_TEST_SUITE_P(real, web_service, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
