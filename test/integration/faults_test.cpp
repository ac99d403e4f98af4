#include "chatter.hpp"
#include "cut_plan.hpp"
#include "support/co_test.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

/// Real servers, with the faults of real networks in between.
class faults : public real_server_test {
 protected:
    static options persistent() {
        return options().reconnect_backoff(1ms, 50ms).max_retries(100'000);
    }
    void record(const std::string& whose, const chatter& who) {
        RecordProperty(whose + "_said", who.said());
        RecordProperty(whose + "_heard", who.heard());
        RecordProperty(whose + "_late", who.late());
        RecordProperty(whose + "_connected", who.connected());
        RecordProperty(whose + "_resumed", who.resumed());
    }

    asio::io_context context;
};

task<> chat_while_links_are_cut(conversation& chat, cut_plan& plan, int messages) {
    co_await chat.begin();
    const std::function<void()> heard = [&plan] { plan.heard_one(); };
    chat.first.on_heard(heard);
    chat.second.on_heard(heard);
    const std::function<bool()> cuts_are_left = [&plan] { return plan.left() > 0; };
    co_await chat.go_on(messages, cuts_are_left);
    co_await chat.end();
}

/// XMPP_FAULT_MESSAGES, both ways together, and XMPP_FAULT_CUTS say how much of it;
/// XMPP_FAULT_SEED which.
TEST_P(faults, every_message_arrives_once_wherever_links_are_cut) {
    const int messages = number_from_environment("XMPP_FAULT_MESSAGES", 3'000);
    const int cuts = number_from_environment("XMPP_FAULT_CUTS", 30);
    const int seed = number_from_environment("XMPP_FAULT_SEED", 1);
    conversation chat(context, server(), "beatrice", "benedick", persistent());
    cut_plan plan({&chat.first.proxy(), &chat.second.proxy()}, cuts, messages,
                  static_cast<std::uint32_t>(seed));
    run(context, chat_while_links_are_cut(chat, plan, messages / 2),
        60s + std::chrono::seconds(messages / 200 + cuts));
    record("first", chat.first);
    record("second", chat.second);
    RecordProperty("cuts", cuts - plan.left());
    EXPECT_EQ(plan.left(), 0);
    EXPECT_GE(chat.first.said(), messages / 2);
    EXPECT_GE(chat.second.said(), messages / 2);
    EXPECT_EQ(chat.first.heard(), chat.second.said());
    EXPECT_EQ(chat.second.heard(), chat.first.said());
    if (GetParam() == server_kind::prosody) {
        // ejabberd sends what came in while a stream was being resumed behind what came later.
        EXPECT_EQ(chat.first.late(), 0);
        EXPECT_EQ(chat.second.late(), 0);
    }
    // One session each: no other can know what has arrived.
    EXPECT_EQ(chat.first.connected() - chat.first.resumed(), 1);
    EXPECT_EQ(chat.second.connected() - chat.second.resumed(), 1);
}

task<> go_silent(conversation& chat) {
    co_await chat.begin();
    co_await chat.go_on(20);
    chat.first.proxy().half_open();
    co_await chat.go_on(20);
    chat.first.proxy().half_open(flow::to_client);
    co_await chat.go_on(20);
    chat.second.proxy().half_open(flow::to_server);
    co_await chat.go_on(20);
    co_await chat.end();
}

TEST_P(faults, half_open_links_are_found_and_the_sessions_resumed) {
    conversation chat(context, server(), "orsino", "viola", persistent().liveness(200ms, 500ms));
    run(context, go_silent(chat));
    EXPECT_EQ(chat.first.heard(), 80);
    EXPECT_EQ(chat.second.heard(), 80);
    // A busy machine may well be silent, too.
    EXPECT_GE(chat.first.resumed(), 2);
    EXPECT_GE(chat.second.resumed(), 1);
    EXPECT_EQ(chat.first.connected() - chat.first.resumed(), 1);
    EXPECT_EQ(chat.second.connected() - chat.second.resumed(), 1);
}

task<> chat_in_peace(conversation& chat, int messages) {
    co_await chat.begin();
    co_await chat.go_on(messages);
    co_await chat.end();
}

TEST_P(faults, slow_links_are_only_slow) {
    conversation chat(context, server(), "claudio", "hero", persistent());
    chat.first.proxy().throttle(100'000);
    chat.second.proxy().delay(20ms);
    run(context, chat_in_peace(chat, 200));
    EXPECT_EQ(chat.first.heard(), 200);
    EXPECT_EQ(chat.second.heard(), 200);
    EXPECT_EQ(chat.first.connected(), 1);
    EXPECT_EQ(chat.second.connected(), 1);
}

/// Servers wait for ever for the rest of a stream header that comes to them in pieces, so they get
/// single bytes only behind it.
task<> chat_byte_by_byte(conversation& chat) {
    chat.first.proxy().one_byte_at_a_time(flow::to_client);
    chat.second.proxy().one_byte_at_a_time(flow::to_client);
    co_await chat.begin();
    chat.first.proxy().one_byte_at_a_time();
    chat.second.proxy().one_byte_at_a_time();
    co_await chat.go_on(100);
    co_await chat.end();
}

TEST_P(faults, bytes_may_come_and_go_one_by_one) {
    conversation chat(context, server(), "duncan", "banquo", persistent());
    run(context, chat_byte_by_byte(chat));
    EXPECT_EQ(chat.first.heard(), 100);
    EXPECT_EQ(chat.second.heard(), 100);
    EXPECT_EQ(chat.first.connected(), 1);
    EXPECT_EQ(chat.second.connected(), 1);
}

task<> lose_the_way(conversation& chat) {
    co_await chat.begin();
    co_await chat.go_on(20);
    chat.first.proxy().stop_listening();
    chat.first.proxy().cut();
    const std::function<bool()> tried = [&chat] { return chat.first.reconnecting() > 2; };
    co_await chat.until(tried);
    for (int i = 0; i < 20; ++i) {
        co_await chat.first.say(chat.second.address());
        co_await chat.second.say(chat.first.address());
    }
    chat.first.proxy().normal();
    co_await chat.go_on(20);
    co_await chat.end();
}

TEST_P(faults, what_is_sent_while_nobody_listens_arrives_once_after_it) {
    conversation chat(context, server(), "cassio", "bianca", persistent());
    run(context, lose_the_way(chat));
    EXPECT_EQ(chat.first.heard(), 60);
    EXPECT_EQ(chat.second.heard(), 60);
    EXPECT_EQ(chat.first.resumed(), 1);
    EXPECT_EQ(chat.second.connected(), 1);
}

/// The server forgets the sessions. First the one returns who listens, then who has something to
/// say.
task<> lose_the_server(conversation& chat, real_server& server) {
    const std::function<bool()> lost = [&chat] {
        return chat.first.reconnecting() > 0 && chat.second.reconnecting() > 0;
    };
    const std::function<bool()> second_is_back = [&chat] { return chat.second.present() == 2; };
    const std::function<bool()> first_is_back = [&chat] { return chat.first.present() == 2; };
    co_await chat.begin();
    co_await chat.go_on(20);
    // What is not acknowledged would be sent again.
    co_await chat.first.say_and_wait(chat.second.address());
    co_await chat.second.say_and_wait(chat.first.address());
    co_await chat.go_on(0);
    chat.first.proxy().stop_listening();
    server.kill();
    co_await chat.until(lost);
    for (int i = 0; i < 20; ++i) co_await chat.first.say(chat.second.address());
    server.start();
    co_await chat.until(second_is_back);
    chat.first.proxy().normal();
    co_await chat.until(first_is_back);
    for (int i = 0; i < 5; ++i) co_await chat.first.say_and_wait(chat.second.address());
    co_await chat.go_on(20);
    co_await chat.end();
}

TEST_P(faults, what_is_sent_after_the_server_was_killed_arrives_when_it_is_back) {
    conversation chat(context, server(), "laertes", "ophelia", persistent());
    server().restart();  // ejabberd keeps new accounts in memory for a while
    run(context, lose_the_server(chat, server()));
    EXPECT_EQ(chat.first.heard(), 41);
    EXPECT_EQ(chat.second.heard(), 66);
    for (const auto* who : {&chat.first, &chat.second}) {
        EXPECT_EQ(who->connected(), 2);
        EXPECT_EQ(who->resumed(), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(real, faults, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
