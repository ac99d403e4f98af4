// Logins over HTTP, and what they meet instead.
#include <xmpp/ns.hpp>
#include <xmpp/xmpp.hpp>

#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "scripted/transport/bosh_client.hpp"
#include "support/co_test.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Answers what asks for stanzas at once, with none.
task<bool> answer_all(bosh_client* client, int* polls) {
    for (;;) {
        const auto poll = co_await client->next();
        ++*polls;
        poll->answer(bosh_body());
    }
}

CO_TEST(login_over_http, takes_the_same_steps_as_over_tcp) {
    bosh_client client(context);
    co_await client.log_in();
    EXPECT_EQ(client.path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(client.conn.user().str(), "juliet@example.org/balcony");
    EXPECT_TRUE(client.conn.connected());
    EXPECT_TRUE(client.conn.authenticated());
    EXPECT_FALSE(client.conn.secure());
    EXPECT_TRUE(client.conn.features());
    EXPECT_THAT(client.conn.last_response_headers(), HasSubstr("HTTP/1.1 200"));
    // Nothing was asked for in vain: creation, login, restart, binding, and one that waits.
    EXPECT_EQ(client.held->attr("sid"), "s");
    EXPECT_EQ(client.server.waiting(), 0U);
}

CO_TEST(login_over_http, with_an_answer_that_is_no_body_is_bad_format) {
    for (const std::string text : {"", "welcome", "<html><head/></html>", "<body/>"}) {
        bosh_client client(context);
        client.connect();
        const auto request = co_await client.next();
        request->answer(text);
        co_await client.ended();
        EXPECT_EQ(client.path(), "CONNECTING CONNFAIL(bad-format) DISCONNECTED(bad-format)")
            << text;
    }
}

CO_TEST(login_over_http, with_another_status_is_that_status) {
    for (const int code : {201, 204, 302}) {
        bosh_client client(context);
        client.connect();
        const auto request = co_await client.next();
        request->answer(code, "");
        co_await client.ended();
        EXPECT_EQ(client.path(),
                  fmt::format("CONNECTING CONNFAIL(http-{0}) DISCONNECTED(http-{0})", code));
    }
}

CO_TEST(login_over_http, where_nothing_is_found) {
    bosh_client client(context);
    client.connect();
    const auto request = co_await client.next();
    request->answer(404, "<html/>");
    co_await client.ended();
    EXPECT_EQ(client.path(), "CONNECTING CONNFAIL(item-not-found) DISCONNECTED(item-not-found)");
}

CO_TEST(login_over_http, survives_one_server_error) {
    bosh_client client(context);
    client.connect();
    const auto request = co_await client.next();
    request->answer(503, "");
    const auto again = co_await client.next();
    EXPECT_EQ(again->body(), request->body());
    again->answer(bosh_body(" type='terminate' condition='host-unknown'"));
    co_await client.ended();
    EXPECT_EQ(client.path(), "CONNECTING CONNFAIL(host-unknown) DISCONNECTED(host-unknown)");
}

CO_TEST(login_over_http, gives_up_once_it_was_refused_often_enough) {
    for (const int retries : {0, 1}) {
        bosh_client client(context, options().bosh_retries(retries));
        client.connect();
        for (int post = 0; post <= retries; ++post) {
            const auto request = co_await client.next();
            request->cut();
        }
        co_await client.ended();
        EXPECT_EQ(client.path(), "CONNECTING CONNFAIL(giving-up) DISCONNECTED(giving-up)");
        EXPECT_EQ(client.server.waiting(), 0U);
    }
}

CO_TEST(login_over_http, ends_at_its_deadline_before_a_silent_server) {
    bosh_client client(context, options().connect_timeout(std::chrono::milliseconds(50)));
    client.connect();
    const auto request = co_await client.next();
    co_await client.ended();
    EXPECT_EQ(client.path(),
              "CONNECTING CONNTIMEOUT(connect-timeout) DISCONNECTED(connect-timeout)");
    EXPECT_THAT(client.steps.at(1).text, HasSubstr("waiting for the stream features"));
}

CO_TEST(login_over_http, polls_with_patience_for_features_that_do_not_come) {
    bosh_client client(context, options().connect_timeout(std::chrono::milliseconds(300)));
    client.connect();
    auto request = co_await client.next();
    request->answer(bosh_body(" sid='s' requests='2' hold='1' wait='60'"));
    int polls = 0;
    background<bool> hasty(context, answer_all(&client, &polls));
    co_await client.ended();
    EXPECT_EQ(client.path(),
              "CONNECTING CONNTIMEOUT(connect-timeout) DISCONNECTED(connect-timeout)");
    hasty.cancel();
    co_await hasty.wait();
    EXPECT_LE(polls, 10);
}

CO_TEST(login_over_http, is_ended_by_the_server_in_three_ways) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {bosh_body(" type='terminate' condition='system-shutdown'"), "system-shutdown"},
        {bosh_body(" type='terminate'"), "unknown"},
        {bosh_body(" type='terminate' condition='remote-stream-error'", stream_error("conflict")),
         "conflict"}};
    for (const auto& [answer, condition] : cases) {
        bosh_client client(context);
        client.connect();
        const auto request = co_await client.next();
        request->answer(answer);
        co_await client.ended();
        EXPECT_EQ(client.path(),
                  fmt::format("CONNECTING CONNFAIL({0}) DISCONNECTED({0})", condition));
    }
}

CO_TEST(login_over_http, refused_by_the_server_is_one_authfail) {
    bosh_client client(context);
    client.connect();
    auto request = co_await client.next();
    request->answer(
        bosh_body(" sid='s' requests='2' hold='1' wait='60'",
                  fmt::format("<stream:features><mechanisms xmlns='{}'><mechanism>PLAIN</mechanism>"
                              "</mechanisms></stream:features>",
                              ns::sasl)));
    request = co_await client.next("<auth");
    request->answer(
        bosh_body({}, fmt::format("<failure xmlns='{}'><not-authorized/></failure>", ns::sasl)));
    request = co_await client.next("terminate");
    request->answer(bosh_body(" type='terminate'"));
    co_await client.ended();
    EXPECT_EQ(client.path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)");
}

CO_TEST(login_over_http, left_by_disconnect_leaves_nothing_under_way) {
    bosh_client client(context);
    client.connect();
    const auto request = co_await client.next();
    co_await client.conn.disconnect("changed my mind");
    co_await client.ended();
    EXPECT_EQ(client.path(), "CONNECTING DISCONNECTING(changed my mind) DISCONNECTED");
    co_await client.settle();
    EXPECT_EQ(client.server.waiting(), 0U);
}

}  // namespace
}  // namespace xmpp::test
