#include "transport/bosh/bosh_transport.hpp"

#include <xmpp/ns.hpp>

#include "bosh_support.hpp"
#include "support/co_test.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using reading = background<std::optional<stanza>>;

CO_TEST(bosh_transport, begins_a_session_with_what_the_specification_wants) {
    auto settings = impatient();
    settings.route = "xmpp:example.org:5222";
    bosh_link link(context, settings);
    auto ours = header();
    ours.from = "juliet@example.org";
    background<stanza> opening(context, link.wire->open_stream(ours));
    const auto request = co_await link.next();
    EXPECT_EQ(request->attr("to"), "example.org");
    EXPECT_EQ(request->attr("from"), "juliet@example.org");
    EXPECT_EQ(request->attr("xml:lang"), "en");
    EXPECT_EQ(request->attr("wait"), "60");
    EXPECT_EQ(request->attr("hold"), "1");
    EXPECT_EQ(request->attr("content"), "text/xml; charset=utf-8");
    EXPECT_EQ(request->attr("ver"), "1.11");
    EXPECT_EQ(request->attr("xmpp:version"), "1.0");
    EXPECT_EQ(request->attr("xmlns:xmpp"), "urn:xmpp:xbosh");
    EXPECT_EQ(request->attr("xmlns"), ns::httpbind);
    EXPECT_EQ(request->attr("route"), "xmpp:example.org:5222");
    EXPECT_EQ(request->attr("sid"), "");
    EXPECT_EQ(request->attr("ack"), "");
    request->answer(
        bosh_body(" sid='s1' authid='id1' from='example.org' xmpp:version='1.0' "
                  "xmlns:xmpp='urn:xmpp:xbosh' wait='30' requests='2' inactivity='20'"));
    co_await opening.wait();
    const auto theirs = opening.result();
    EXPECT_EQ(theirs->name(), "stream");
    EXPECT_EQ(theirs->attr("from"), "example.org");
    EXPECT_EQ(theirs->attr("id"), "id1");
    EXPECT_EQ(theirs->attr("version"), "1.0");
    const auto tokens = link.wire->tokens();
    EXPECT_EQ(tokens->sid, "s1");
    EXPECT_EQ(tokens->rid, request->rid() + 1);
    EXPECT_EQ(tokens->wait, std::chrono::seconds(30));
    EXPECT_EQ(tokens->inactivity, std::chrono::seconds(20));
}

CO_TEST(bosh_transport, passes_on_the_version_that_the_server_says) {
    bosh_link link(context);
    auto ours = header();
    background<stanza> opening(context, link.wire->open_stream(ours));
    const auto request = co_await link.next();
    request->answer(bosh_body(" sid='s' xmpp:version='0.9' xmlns:xmpp='urn:xmpp:xbosh'"));
    co_await opening.wait();
    EXPECT_EQ(opening.result()->attr("version"), "0.9");
}

CO_TEST(bosh_transport, logs_in_with_one_request_a_step) {
    bosh_link link(context);
    auto& wire = *link.wire;
    auto ours = header();
    background<stanza> opening(context, wire.open_stream(ours));
    auto request = co_await link.next();
    const auto rid = request->rid();
    request->answer(bosh_body(" sid='s' requests='2' hold='1' wait='60'", "<stream:features/>"));
    co_await opening.wait();
    auto features = co_await wire.read();
    EXPECT_EQ((*features)->name(), "features");

    auto auth = batch("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AA==</auth>");
    co_await wire.write(auth);
    reading success(context, wire.read());
    request = co_await link.next();
    EXPECT_EQ(request->rid(), rid + 1);
    EXPECT_THAT(request->body(), HasSubstr("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"));
    request->answer(bosh_body("", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
    co_await success.wait();

    auto again = header();
    auto second = co_await wire.open_stream(again);
    EXPECT_EQ(second->name(), "stream");
    reading more_features(context, wire.read());
    request = co_await link.next();
    EXPECT_EQ(request->rid(), rid + 2);
    EXPECT_EQ(request->attr("xmpp:restart"), "true");
    request->answer(bosh_body("", "<stream:features/>"));
    co_await more_features.wait();

    auto bind = batch("<iq type='set' id='1'/>");
    co_await wire.write(bind);
    reading bound(context, wire.read());
    request = co_await link.next();
    EXPECT_EQ(request->rid(), rid + 3);
    EXPECT_THAT(request->body(), HasSubstr("<iq xmlns='jabber:client' type='set' id='1'/>"));
    request->answer(bosh_body("", "<iq xmlns='jabber:client' type='result' id='1'/>"));
    co_await bound.wait();
    EXPECT_EQ(link.server.waiting(), 0U);
}

CO_TEST(bosh_transport, keeps_a_request_open_while_somebody_reads) {
    bosh_link link(context);
    co_await link.begin();
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
    reading first(context, link.wire->read());
    auto request = co_await link.next();
    EXPECT_EQ(request->attr("sid"), "s");
    request->answer(bosh_body("", message("1") + message("2")));
    co_await first.wait();
    EXPECT_EQ((*first.result()).id(), "1");
    auto second = co_await link.wire->read();
    EXPECT_EQ(second->id(), "2");
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
    reading third(context, link.wire->read());
    request = co_await link.next();
    request->answer(bosh_body());  // the wait is over
    request = co_await link.next();
    EXPECT_FALSE(third.ended());
    request->answer(bosh_body("", message("3")));
    co_await third.wait();
    EXPECT_EQ(third.result()->id(), "3");
}

CO_TEST(bosh_transport, sends_what_gathers_in_one_turn_in_one_request) {
    bosh_link link(context);
    co_await link.begin();
    for (int i = 0; i < 25; ++i) {
        auto one = batch(fmt::format("<message id='{}'/>", i));
        co_await link.wire->write(one);
    }
    const auto request = co_await link.next();
    EXPECT_THAT(request->body(), HasSubstr("id='0'"));
    EXPECT_THAT(request->body(), HasSubstr("id='24'"));
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
}

CO_TEST(bosh_transport, lets_a_writer_wait_while_the_window_is_full) {
    auto settings = impatient();
    settings.body_bytes = 100;
    bosh_link link(context, settings);
    co_await link.begin();
    auto large = batch("<message id='" + std::string(200, 'a') + "'/>");
    background<bool> first(context, done(link.wire->write(large)));
    co_await first.wait();
    background<bool> second(context, done(link.wire->write(large)));
    co_await second.wait();
    const auto one = co_await link.next();
    const auto two = co_await link.next();
    background<bool> third(context, done(link.wire->write(large)));
    co_await link.settle();
    EXPECT_FALSE(third.ended());
    one->answer(bosh_body());
    co_await third.wait();
    EXPECT_EQ(third.code(), std::error_code());
}

CO_TEST(bosh_transport, orders_answers_by_their_requests) {
    bosh_link link(context);
    co_await link.begin();
    auto one = batch("<message id='1'/>");
    co_await link.wire->write(one);
    const auto older = co_await link.next();
    auto two = batch("<message id='2'/>");
    co_await link.wire->write(two);
    const auto younger = co_await link.next();
    EXPECT_EQ(younger->rid(), older->rid() + 1);
    younger->answer(bosh_body("", message("second")));
    reading first(context, link.wire->read());
    co_await link.settle();
    EXPECT_FALSE(first.ended());
    older->answer(bosh_body("", message("first")));
    co_await first.wait();
    EXPECT_EQ(first.result()->id(), "first");
    auto second = co_await link.wire->read();
    EXPECT_EQ(second->id(), "second");
}

CO_TEST(bosh_transport, attaches_with_exactly_the_given_request_id) {
    bosh_link link(context);
    bosh_session tokens;
    tokens.sid = "kept";
    tokens.rid = 4711;
    background<bool> attaching(context, done(link.wire->attach(tokens)));
    auto first = co_await link.next();
    auto second = co_await link.next();
    // Two connections: which is faster, nobody knows.
    if (first->rid() > second->rid()) std::swap(first, second);
    EXPECT_EQ(first->rid(), 4711U);
    EXPECT_EQ(first->attr("sid"), "kept");
    EXPECT_EQ(second->rid(), 4712U);
    co_await link.settle();
    EXPECT_FALSE(attaching.ended());
    first->answer(bosh_body("", message("waited")));
    co_await attaching.wait();
    EXPECT_EQ(attaching.code(), std::error_code());
    auto waited = co_await link.wire->read();
    EXPECT_EQ(waited->id(), "waited");
    EXPECT_EQ(link.wire->tokens()->rid, 4713U);
}

CO_TEST(bosh_transport, fails_to_attach_to_a_session_that_is_gone) {
    bosh_link link(context);
    bosh_session tokens;
    tokens.sid = "gone";
    tokens.rid = 1;
    background<bool> attaching(context, done(link.wire->attach(tokens)));
    const auto first = co_await link.next();
    first->answer(404, "");
    co_await attaching.wait();
    EXPECT_EQ(attaching.code(), bosh_condition::item_not_found);
}

CO_TEST(bosh_transport, tells_the_next_request_id_after_each_answer) {
    bosh_link link(context);
    co_await link.begin();
    const auto rid = link.first->rid();
    EXPECT_THAT(link.rids, ElementsAre(rid + 1));
    reading waiting(context, link.wire->read());
    auto request = co_await link.next();
    request->cut();
    request = co_await link.next();
    EXPECT_THAT(link.rids, ElementsAre(rid + 1));
    request->answer(bosh_body("", message("1")));
    co_await waiting.wait();
    EXPECT_THAT(link.rids, ElementsAre(rid + 1, rid + 2));
}

CO_TEST(bosh_transport, terminates_with_the_presence_in_one_request) {
    bosh_link link(context);
    co_await link.begin();
    reading last(context, link.wire->read());
    const auto held = co_await link.next();
    auto presence = batch("<presence type='unavailable'/>");
    co_await link.wire->write(presence);
    background<bool> closing(context, done(link.wire->close_stream("")));
    const auto farewell = co_await link.next();
    EXPECT_EQ(farewell->attr("type"), "terminate");
    EXPECT_THAT(farewell->body(), HasSubstr("<presence xmlns='jabber:client'"));
    held->answer(bosh_body());
    farewell->answer(bosh_body(" type='terminate'"));
    co_await closing.wait();
    co_await last.wait();
    EXPECT_EQ(closing.code(), std::error_code());
    EXPECT_EQ(last.result(), std::nullopt);
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
}

CO_TEST(bosh_transport, takes_a_termination_for_the_end_it_wanted) {
    bosh_link link(context);
    co_await link.begin();
    reading last(context, link.wire->read());
    const auto held = co_await link.next();
    background<bool> closing(context, done(link.wire->close_stream("")));
    const auto farewell = co_await link.next();
    held->answer(bosh_body(" type='terminate' condition='item-not-found'"));
    co_await last.wait();
    EXPECT_EQ(last.code(), std::error_code());
    EXPECT_EQ(last.result(), std::nullopt);
    co_await closing.wait();
    EXPECT_EQ(closing.code(), std::error_code());
}

CO_TEST(bosh_transport, ends_at_once_when_the_farewell_is_refused) {
    bosh_link link(context);
    co_await link.begin();
    background<bool> closing(context, done(link.wire->close_stream("")));
    const auto farewell = co_await link.next();
    farewell->answer(500, "");
    co_await closing.wait();
    EXPECT_EQ(closing.code(), std::error_code());
    EXPECT_THAT(link.codes, ElementsAre(500));
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
}

CO_TEST(bosh_transport, waits_for_the_answer_to_its_farewell_until_it_is_aborted) {
    bosh_link link(context);
    co_await link.begin();
    reading last(context, link.wire->read());
    const auto held = co_await link.next();
    background<bool> closing(context, done(link.wire->close_stream("")));
    const auto farewell = co_await link.next();
    co_await link.settle();
    EXPECT_FALSE(closing.ended());
    EXPECT_FALSE(last.ended());
    link.wire->abort();
    co_await closing.wait();
    co_await last.wait();
    EXPECT_EQ(last.code(), asio::error::operation_aborted);
}

CO_TEST(bosh_transport, has_nothing_to_close_before_it_is_open) {
    bosh_link link(context);
    co_await link.wire->close_stream("");
    EXPECT_EQ(link.server.waiting(), 0U);
    EXPECT_FALSE(link.wire->tokens());
}

CO_TEST(bosh_transport, shows_true_bytes_and_single_elements) {
    bosh_link link(context);
    co_await link.begin();
    auto ours = batch("<message id='ours'/>");
    co_await link.wire->write(ours);
    const auto request = co_await link.next();
    const auto answer = bosh_body("", message("theirs"));
    request->answer(answer);
    auto received = co_await link.wire->read();
    EXPECT_EQ(link.seen.sent, link.first->body() + request->body());
    EXPECT_THAT(link.seen.received, HasSubstr(answer));
    EXPECT_THAT(link.seen.elements_sent, ElementsAre("<message id='ours'/>"));
    EXPECT_THAT(link.seen.elements_received, ElementsAre(HasSubstr("<message")));
}

CO_TEST(bosh_transport, shows_whole_bodies_in_both_directions_when_told_not_to_strip) {
    auto settings = impatient();
    settings.strip = false;
    bosh_link link(context, settings);
    co_await link.begin();
    auto ours = batch("<message id='ours'/>");
    co_await link.wire->write(ours);
    const auto request = co_await link.next();
    request->answer(bosh_body("", message("theirs")));
    auto received = co_await link.wire->read();
    EXPECT_THAT(link.seen.elements_sent, ElementsAre(link.first->body(), request->body()));
    EXPECT_THAT(link.seen.elements_received,
                ElementsAre(HasSubstr("<body"), AllOf(HasSubstr("<body"), HasSubstr("theirs"))));
}

CO_TEST(bosh_transport, keeps_the_headers_of_the_last_response) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    request->answer(200, bosh_body("", message("1")), "X-Server: seven\r\n");
    co_await waiting.wait();
    EXPECT_THAT(link.wire->last_response_headers(), HasSubstr("X-Server: seven"));
}

CO_TEST(bosh_transport, asks_the_server_for_a_pause) {
    bosh_link link(context);
    co_await link.begin(" sid='s' requests='2' hold='1' wait='60' maxpause='90'");
    link.wire->pause_requests(std::chrono::seconds(600));
    const auto request = co_await link.next();
    EXPECT_EQ(request->attr("pause"), "90");
}

CO_TEST(bosh_transport, shows_keys_in_sequence) {
    auto settings = impatient();
    settings.key_sequence = true;
    bosh_link link(context, settings);
    co_await link.begin();
    EXPECT_NE(link.first->attr("newkey"), "");
    EXPECT_EQ(link.first->attr("key"), "");
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    EXPECT_NE(request->attr("key"), "");
}

CO_TEST(bosh_transport, has_no_tls_of_its_own) {
    bosh_link link(context);
    background<bool> encrypting(context, done(link.wire->start_tls()));
    co_await encrypting.wait();
    EXPECT_EQ(encrypting.code(), errc::not_supported);
    EXPECT_FALSE(link.wire->secure());
    EXPECT_THAT(link.wire->channel_bindings(), IsEmpty());
}

CO_TEST(bosh_transport, can_be_read_after_a_cancelled_read) {
    bosh_link link(context);
    co_await link.begin();
    reading cancelled(context, link.wire->read());
    const auto request = co_await link.next();
    cancelled.cancel();
    co_await cancelled.wait();
    EXPECT_EQ(cancelled.code(), asio::error::operation_aborted);
    request->answer(bosh_body("", message("1")));
    auto received = co_await link.wire->read();
    EXPECT_EQ(received->id(), "1");
}

CO_TEST(bosh_transport, may_be_destroyed_while_requests_are_under_way) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    link.wire.reset();
    co_await waiting.wait();
    EXPECT_EQ(waiting.code(), asio::error::operation_aborted);
}

}  // namespace
}  // namespace xmpp::test
