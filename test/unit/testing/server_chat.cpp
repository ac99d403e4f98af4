#include "server_chat.hpp"

#include <xmpp/xmpp.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace xmpp::testing {
namespace {

task<stanza> next_message(async_generator<stanza>& messages) {
    auto received = co_await messages.next();
    if (!received) throw std::runtime_error("the subscription has ended");
    co_return *received;
}

}  // namespace

server_options play() {
    return server_options().user("juliet", "secret").user("romeo", "sesame").echo("echo");
}

task<> chat(connection& juliet, connection& romeo) {
    co_await juliet.login(credentials("juliet@example.test/balcony", "secret"));
    co_await romeo.login(credentials("romeo@example.test/orchard", "sesame"));
    EXPECT_EQ(juliet.user(), jid("juliet@example.test/balcony"));

    auto for_romeo = romeo.stanzas(match().name("message"));
    auto for_juliet = juliet.stanzas(match().name("message"));
    co_await juliet.send(message(romeo.user()).type("chat").body("Art thou there?"));
    const auto question = co_await next_message(for_romeo);
    EXPECT_EQ(question.from(), juliet.user());
    EXPECT_EQ(question->child("body")->text(), "Art thou there?");
    co_await romeo.send(message(question.from()).type("chat").body("Neither, fair saint"));
    const auto answer = co_await next_message(for_juliet);
    EXPECT_EQ(answer->child("body")->text(), "Neither, fair saint");

    co_await juliet.send(message("echo@example.test").type("chat").body("ho"));
    const auto echo = co_await next_message(for_juliet);
    EXPECT_EQ(echo.from(), jid("echo@example.test"));

    const auto pong = co_await juliet.send_iq(iq::get("example.test").c("ping", ns::ping));
    EXPECT_EQ(pong.type(), "result");

    co_await juliet.disconnect();
    co_await romeo.disconnect();
}

}  // namespace xmpp::testing
