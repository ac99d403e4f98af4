// Sessions over HTTP that are up: how they end, and what they survive.
#include <xmpp/xmpp.hpp>

#include "bosh_client.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "support/co_test.hpp"
#include "support/listed_store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view up = "CONNECTING AUTHENTICATING CONNECTED ";

std::string up_and(std::string_view rest) {
    return std::string(up).append(rest);
}

/// A connection that has asked for the end of its session.
class leaving_client : public bosh_client {
 public:
    using bosh_client::bosh_client;

    /// Logs in and leaves; returns the request that says so.
    task<std::shared_ptr<http_request>> leave(std::string reason = {}) {
        co_await log_in();
        leaving_ = std::make_unique<background<bool>>(context, done(conn.disconnect(reason)));
        auto farewell = co_await next("terminate");
        co_return farewell;
    }
    /// Until disconnect() has returned; which statuses there were.
    task<std::string> left() {
        co_await leaving_->wait();
        co_await ended();
        co_return path();
    }

 private:
    std::unique_ptr<background<bool>> leaving_;
};

CO_TEST(end_over_http, by_the_server_has_its_condition_twice) {
    for (const std::string condition : {"item-not-found", "system-shutdown", "see-other-uri"}) {
        bosh_client client(context, options().reconnect(false));
        co_await client.log_in();
        client.held->answer(bosh_body(fmt::format(" type='terminate' condition='{}'", condition)));
        co_await client.ended();
        EXPECT_EQ(client.path(), up_and(fmt::format("CONNFAIL({0}) DISCONNECTED({0})", condition)));
        EXPECT_EQ((*client.steps.back().detail)->attr("condition"), condition);
    }
}

CO_TEST(end_over_http, by_disconnect_leaves_the_store_empty) {
    const auto store = std::make_shared<listed_store>();
    leaving_client client(context, options().session_store(store).keepalive(true).pin_login(false));
    const auto farewell = co_await client.leave();
    EXPECT_FALSE(store->keys().empty());
    farewell->answer(bosh_body(" type='terminate'"));
    (void)co_await client.left();
    EXPECT_EQ(store->keys(), std::vector<std::string>());
}

CO_TEST(end_over_http, without_a_condition_is_unknown) {
    bosh_client client(context, options().reconnect(false));
    co_await client.log_in();
    client.held->answer(bosh_body(" type='terminate'"));
    co_await client.ended();
    EXPECT_EQ(client.path(), up_and("CONNFAIL(unknown) DISCONNECTED(unknown)"));
}

CO_TEST(end_over_http, by_a_stream_error_behind_the_service_is_that_error) {
    bosh_client client(context);
    co_await client.log_in();
    client.held->answer(
        bosh_body(" type='terminate' condition='remote-stream-error'", stream_error("conflict")));
    co_await client.ended();
    EXPECT_EQ(client.path(), up_and("CONNFAIL(conflict) DISCONNECTED(conflict)"));
    EXPECT_EQ(client.steps.back().error, stream_condition::conflict);
    EXPECT_EQ((*client.steps.back().detail)->name(), "error");
}

CO_TEST(end_over_http, by_a_client_error_leaves_nothing_under_way) {
    const std::vector<std::pair<int, std::string>> cases{{400, "bad-request"},
                                                         {403, "policy-violation"},
                                                         {404, "item-not-found"},
                                                         {409, "http-409"}};
    for (const auto& [code, condition] : cases) {
        bosh_client client(context, options().reconnect(false));
        co_await client.log_in();
        client.held->answer(code, "");
        co_await client.ended();
        EXPECT_EQ(client.path(), up_and(fmt::format("CONNFAIL({0}) DISCONNECTED({0})", condition)));
        co_await client.settle();
        EXPECT_EQ(client.server.waiting(), 0U);
    }
}

CO_TEST(session_over_http, survives_two_server_errors) {
    bosh_client client(context);
    co_await client.log_in();
    auto messages = client.conn.stanzas(match().name("message"));
    const auto body = client.held->body();
    auto request = client.held;
    for (int i = 0; i < 2; ++i) {
        request->answer(500, "");
        request = co_await client.next();
        EXPECT_EQ(request->body(), body);
    }
    request->answer(bosh_body({}, "<message xmlns='jabber:client' id='once'/>"));
    const auto received = co_await messages.next();
    EXPECT_EQ(received->id(), "once");
    EXPECT_EQ(client.path(), "CONNECTING AUTHENTICATING CONNECTED");
}

CO_TEST(end_over_http, by_server_errors_without_end_fails_what_waits) {
    bosh_client client(context, options().bosh_retries(1).reconnect(false));
    co_await client.log_in();
    background<stanza> asking(context, client.conn.send_iq(iq::get().c("ping", ns::ping)));
    auto request = co_await client.next("<ping");
    client.held->answer(bosh_body());
    for (int i = 0; i < 2; ++i) {
        request->answer(503, "");
        if (i == 0) request = co_await client.next("<ping");
    }
    co_await client.ended();
    EXPECT_EQ(client.path(), up_and("CONNTIMEOUT(giving-up) DISCONNECTED(giving-up)"));
    co_await asking.wait();
    EXPECT_EQ(asking.code(), errc::disconnected);
    EXPECT_EQ(asking.condition(), "disconnected");
}

CO_TEST(session_over_http, posts_a_held_request_that_was_cut_again) {
    bosh_client client(context);
    co_await client.log_in();
    auto messages = client.conn.stanzas(match().name("message"));
    client.held->cut();
    const auto again = co_await client.next();
    EXPECT_EQ(again->body(), client.held->body());
    again->answer(bosh_body({}, "<message xmlns='jabber:client' id='here'/>"));
    const auto received = co_await messages.next();
    EXPECT_EQ(received->id(), "here");
    EXPECT_EQ(client.path(), "CONNECTING AUTHENTICATING CONNECTED");
}

CO_TEST(end_over_http, by_what_can_not_be_parsed_is_an_error) {
    for (const std::string text : {"<body xmlns='http://jabber.org/protocol/httpbind'", "hello"}) {
        bosh_client client(context);
        co_await client.log_in();
        client.held->answer(text);
        co_await client.ended();
        EXPECT_EQ(client.path(), up_and("ERROR(bad-format) DISCONNECTED(bad-format)"));
    }
}

CO_TEST(end_over_http, completes_every_request_that_waits) {
    bosh_client client(context, options().reconnect(false));
    co_await client.log_in();
    background<stanza> asking(context, client.conn.send_iq(iq::get().c("ping", ns::ping)));
    const auto request = co_await client.next("<ping");
    request->answer(bosh_body(" type='terminate' condition='system-shutdown'"));
    co_await asking.wait();
    EXPECT_EQ(asking.code(), errc::disconnected);
    co_await client.ended();
}

/// How a session is lost for good: by a status of HTTP, or by an answer that ends it.
struct loss {
    int status;
    std::string attributes;
    std::string condition;
};

CO_TEST(session_over_http, that_is_lost_for_good_is_followed_by_a_new_one) {
    using std::chrono::milliseconds;
    const std::vector<loss> losses{
        {404, {}, "item-not-found"},
        {200, " type='terminate' condition='item-not-found'", "item-not-found"},
        {200, " type='terminate' condition='remote-connection-failed'", "remote-connection-failed"},
        {200, " type='terminate' condition='system-shutdown'", "system-shutdown"},
        {200, " type='terminate'", "unknown"}};
    for (const auto& each : losses) {
        bosh_client client(context, options().reconnect_backoff(milliseconds(1), milliseconds(1)));
        co_await client.log_in();
        background<stanza> asking(context, client.conn.send_iq(iq::get().c("ping", ns::ping)));
        const auto request = co_await client.next("<ping");
        auto lost = each.status == 200 ? bosh_body(each.attributes) : std::string();
        if (each.status != 200) client.held->answer(each.status, lost);
        request->answer(each.status, std::move(lost));
        co_await client.reached(status_code::reconnecting);
        client.conn.enqueue(message("romeo@example.org").id("kept"));
        co_await client.answer_login(" sid='t' requests='2' hold='1' wait='60'");
        const auto kept = co_await client.next("kept");
        EXPECT_EQ(kept->attr("sid"), "t");
        EXPECT_EQ(client.path(),
                  up_and(fmt::format("RECONNECTING({}) AUTHENTICATING CONNECTED", each.condition)));
        EXPECT_FALSE(client.conn.resumed());
        co_await asking.wait();
        EXPECT_EQ(asking.code(), errc::disconnected);
    }
}

CO_TEST(session_over_http, acknowledges_a_stanza_by_the_answer_to_its_request) {
    bosh_client client(context);
    co_await client.log_in();
    auto sent = client.conn.send_acked(message("romeo@example.org").id("one"));
    background<bool> sending(context, done(std::move(sent)));
    const auto request = co_await client.next("'one'");
    co_await client.settle();
    client.held->answer(bosh_body());
    const auto asking = co_await client.next();
    EXPECT_EQ(asking->rid(), request->rid() + 1) << "which lets the server answer the one before";
    EXPECT_FALSE(sending.ended());
    request->answer(bosh_body());
    co_await sending.wait();
    EXPECT_EQ(sending.condition(), "");
    EXPECT_TRUE(client.conn.health().last_acknowledgement);
}

CO_TEST(session_over_http, acknowledges_what_an_earlier_answer_says_to_have_arrived) {
    bosh_client client(context, options().bosh_acks(true));
    co_await client.log_in();
    auto sent = client.conn.send_acked(message("romeo@example.org").id("one"));
    background<bool> sending(context, done(std::move(sent)));
    const auto request = co_await client.next("'one'");
    client.held->answer(bosh_body(fmt::format(" ack='{}'", request->rid())));
    co_await sending.wait();
    EXPECT_EQ(sending.condition(), "");
}

CO_TEST(session_over_http, that_is_lost_leaves_open_whether_a_stanza_has_arrived) {
    bosh_client client(context, options().reconnect(false));
    co_await client.log_in();
    auto sent = client.conn.send_acked(message("romeo@example.org").id("one"));
    background<bool> sending(context, done(std::move(sent)));
    const auto request = co_await client.next("'one'");
    client.held->answer(404, "");
    request->answer(404, "");
    co_await sending.wait();
    EXPECT_EQ(sending.code(), errc::delivery_unknown);
    co_await client.ended();
}

CO_TEST(session_over_http, acknowledges_in_the_next_what_was_accepted_between_two) {
    using std::chrono::milliseconds;
    bosh_client client(context, options().reconnect_backoff(milliseconds(1), milliseconds(1)));
    co_await client.log_in();
    client.held->answer(404, "");
    co_await client.reached(status_code::reconnecting);
    auto sent = client.conn.send_acked(message("romeo@example.org").id("one"));
    background<bool> sending(context, done(std::move(sent)));
    co_await client.answer_login(" sid='t' requests='2' hold='1' wait='60'");
    const auto request = co_await client.next("'one'");
    EXPECT_FALSE(sending.ended());
    request->answer(bosh_body());
    co_await sending.wait();
    EXPECT_EQ(sending.condition(), "");
}

CO_TEST(session_over_http, that_another_replaced_is_not_begun_anew) {
    bosh_client client(context);
    co_await client.log_in();
    client.held->answer(
        bosh_body(" type='terminate' condition='remote-stream-error'", stream_error("conflict")));
    co_await client.ended();
    EXPECT_EQ(client.path(), up_and("CONNFAIL(conflict) DISCONNECTED(conflict)"));
}

CO_TEST(leaving_over_http, posts_the_presence_with_the_end) {
    leaving_client client(context);
    const auto farewell = co_await client.leave("bye");
    EXPECT_THAT(farewell->body(), HasSubstr("<status>bye</status>"));
    EXPECT_THAT(farewell->body(), HasSubstr("type='unavailable'"));
    farewell->answer(bosh_body(" type='terminate'"));
    const auto path = co_await client.left();
    EXPECT_EQ(path, up_and("DISCONNECTING(bye) DISCONNECTED"));
}

CO_TEST(leaving_over_http, does_not_wait_for_ever) {
    bosh_client client(context, options().disconnection_timeout(std::chrono::milliseconds(50)));
    co_await client.log_in();
    co_await client.conn.disconnect("bye");
    co_await client.ended();
    EXPECT_EQ(client.path(), up_and("DISCONNECTING(bye) CONNTIMEOUT(disconnect-timeout) "
                                    "DISCONNECTED(disconnect-timeout)"));
}

CO_TEST(leaving_over_http, is_over_when_the_server_answers_with_an_error) {
    leaving_client client(context);
    const auto farewell = co_await client.leave();
    farewell->answer(500, "");
    const auto path = co_await client.left();
    EXPECT_EQ(path, up_and("DISCONNECTING DISCONNECTED"));
}

CO_TEST(leaving_over_http, takes_a_termination_for_the_end_it_wanted) {
    leaving_client client(context);
    const auto farewell = co_await client.leave();
    client.held->answer(bosh_body(" type='terminate' condition='item-not-found'"));
    const auto path = co_await client.left();
    EXPECT_EQ(path, up_and("DISCONNECTING DISCONNECTED"));
}

CO_TEST(leaving_over_http, adds_nothing_when_the_farewell_is_refused) {
    leaving_client client(context);
    const auto farewell = co_await client.leave();
    farewell->answer(404, "");
    const auto path = co_await client.left();
    EXPECT_EQ(path, up_and("DISCONNECTING DISCONNECTED"));
}

CO_TEST(session_over_http, sends_what_was_paused_in_one_request) {
    bosh_client client(context);
    co_await client.log_in();
    client.conn.pause();
    for (const char* id : {"one", "two", "three"}) {
        client.conn.enqueue(message("romeo@example.org").id(id));
    }
    co_await client.settle();
    EXPECT_EQ(client.server.waiting(), 0U);
    client.conn.resume();
    const auto request = co_await client.next("<message");
    const auto& body = request->body();
    EXPECT_LT(body.find("'one'"), body.find("'two'"));
    EXPECT_LT(body.find("'two'"), body.find("'three'"));
    EXPECT_NE(body.find("'three'"), std::string::npos);
}

CO_TEST(session_over_http, tells_each_request_id_and_the_first_of_the_next_session) {
    bosh_client client(context, options().reconnect(false));
    std::vector<std::uint64_t> rids;
    client.conn.on_next_rid([&rids](std::uint64_t rid) { rids.push_back(rid); });
    co_await client.log_in();
    EXPECT_EQ(rids.size(), 4U);  // creation, login, restart, binding
    EXPECT_EQ(rids.back(), client.held->rid());
    const auto known = rids.size();

    client.held->cut();
    const auto again = co_await client.next();
    EXPECT_EQ(rids.size(), known);  // a broken request says nothing

    again->answer(404, "");
    co_await client.ended();
    EXPECT_EQ(rids.size(), known + 1);
    client.connect();
    const auto first = co_await client.next();
    EXPECT_EQ(first->rid(), rids.back());
}

CO_TEST(session_over_http, shows_hooks_the_stanzas_or_the_bodies) {
    for (const bool strip : {true, false}) {
        bosh_client client(context, options().bosh_strip(strip));
        std::vector<std::string> in;
        std::vector<std::string> out;
        client.conn.on_xml_input([&in](const element& e) { in.emplace_back(e.name()); });
        client.conn.on_xml_output([&out](std::string_view xml) {
            out.emplace_back(xml.substr(1, xml.find_first_of(" />", 1) - 1));
        });
        co_await client.log_in();
        in.clear();
        out.clear();
        client.conn.enqueue(message("romeo@example.org").id("one"));
        const auto request = co_await client.next("<message");
        request->answer(bosh_body({}, "<message xmlns='jabber:client' id='two'/>"));
        client.held->answer(bosh_body());
        const auto poll = co_await client.next();
        if (strip) {
            EXPECT_THAT(in, ElementsAre("message"));
            EXPECT_THAT(out, ElementsAre("message"));
        } else {
            EXPECT_THAT(in, ::testing::Each("body"));
            EXPECT_THAT(out, ::testing::Each("body"));
            EXPECT_FALSE(in.empty());
        }
    }
}

CO_TEST(session_over_http, asks_the_server_for_a_pause_and_breaks_it_to_send) {
    bosh_client client(context);
    EXPECT_THROW(client.conn.pause_requests(std::chrono::seconds(60)), error);
    co_await client.log_in(" sid='s' requests='2' hold='1' wait='60' maxpause='120'");
    client.conn.pause_requests(std::chrono::seconds(500));
    const auto pause = co_await client.next();
    EXPECT_EQ(pause->attr("pause"), "120");
    pause->answer(bosh_body());
    client.held->answer(bosh_body());
    co_await client.settle();
    EXPECT_EQ(client.server.waiting(), 0U);
    client.conn.enqueue(message("romeo@example.org").id("awake"));
    const auto request = co_await client.next();
    EXPECT_THAT(request->body(), HasSubstr("awake"));
}

}  // namespace
}  // namespace xmpp::test
