#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"
#include "base/event.hpp"
#include "scripted_peer_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace xmpp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view features = "<features xmlns='http://etherx.jabber.org/streams'/>";

class scripted_peer_dialogue : public scripted_peer_fixture {};

task<> converse(raw_client& client) {
    co_await client.open("example.org");
    const auto header = co_await client.header();
    EXPECT_EQ(header->attr("from"), "example.org");
    EXPECT_EQ(header->attr("version"), "1.0");
    EXPECT_EQ(header->attr("id"), "stream-1");
    const auto offered = co_await client.element();
    EXPECT_EQ(offered->to_xml(), features);
    co_await client.write("<iq type='get' id='a&apos;1'><query xmlns='urn:x'/></iq>");
    const auto reply = co_await client.element();
    EXPECT_EQ(reply.id(), "a'1");
    EXPECT_EQ(reply.type(), "result");
    co_await client.write("</stream:stream>");
    const bool closed = co_await client.closed();
    EXPECT_TRUE(closed);
}

task<> dial_and_converse(scripted_peer& peer, asio::io_context& context) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await converse(client);
}

void script_of_converse(scripted_peer& peer) {
    peer.expect_header()
        .send_header()
        .features("")
        .expect("<iq type='get'><query xmlns='urn:x'/></iq>")
        .send("<iq type='result' id='{id}'/>")
        .expect_close()
        .close_stream();
}

TEST_F(scripted_peer_dialogue, answers_with_the_id_of_the_request) {
    script_of_converse(peer_);
    run_client(dial_and_converse(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_dialogue, can_deliver_every_byte_by_itself) {
    peer_.streams(memory_stream_options().max_read(1));
    script_of_converse(peer_);
    run_client(dial_and_converse(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_dialogue, works_over_a_stream_that_is_there_already) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    script_of_converse(peer);
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_client(converse(client));
    EXPECT_EQ(peer.problems(), "");
}

task<> read_changed_header(scripted_peer& peer, asio::io_context& context) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.open("example.org");
    const auto header = co_await client.header();
    EXPECT_EQ(header->attr("from"), "example.net");
    EXPECT_EQ(header->attr("id"), "x");
    EXPECT_FALSE(header->has_attr("version"));
    EXPECT_TRUE(header->has_attr("lang", "http://www.w3.org/XML/1998/namespace"));
}

TEST_F(scripted_peer_dialogue, changes_the_header_it_sends) {
    peer_.expect_header().send_header("from='example.net' id='x' version=''");
    run_client(read_changed_header(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

task<> log_in(raw_client& client, std::string user) {
    co_await client.open("example.org");
    co_await client.header();
    auto offered = co_await client.element();
    const auto* mechanisms = offered->child("mechanisms", "urn:ietf:params:xml:ns:xmpp-sasl");
    EXPECT_TRUE(mechanisms && mechanisms->child("mechanism")->text() == "PLAIN");
    const std::string nul(1, '\0');
    co_await client.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                          detail::base64_encode(nul + user + nul + "secret") + "</auth>");
    const auto success = co_await client.element();
    EXPECT_EQ(success->name(), "success");
    co_await client.open("example.org");
    co_await client.header();
    offered = co_await client.element();
    EXPECT_TRUE(offered->child("bind", "urn:ietf:params:xml:ns:xmpp-bind"));
    co_await client.write(
        "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<resource>balcony</resource></bind></iq>");
    const auto bound = co_await client.element();
    EXPECT_EQ(bound.id(), "b1");
    const auto* bind = bound->child("bind", "urn:ietf:params:xml:ns:xmpp-bind");
    EXPECT_TRUE(bind && bind->child("jid")->text() == "juliet@example.org/balcony");
}

task<> dial_and_log_in(scripted_peer& peer, asio::io_context& context, std::string user) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await log_in(client, std::move(user));
}

TEST_F(scripted_peer_dialogue, plays_a_whole_login) {
    peer_.accept_login("juliet@example.org");
    run_client(dial_and_log_in(peer_, context_, "juliet"));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_dialogue, notices_a_login_of_somebody_else) {
    peer_.accept_login("juliet@example.org");
    EXPECT_THROW(run_client(dial_and_log_in(peer_, context_, "romeo")), std::exception);
    EXPECT_THAT(peer_.problems(), HasSubstr("'romeo' logs in instead of 'juliet'"));
}

task<> wait_then_write(scripted_peer& peer, asio::io_context& context,
                       std::shared_ptr<virtual_clock> time, clock::duration pause) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.write(header);
    detail::event passed(context.get_executor());
    const auto timer =
        time->call_at(context.get_executor(), time->now() + pause, [&passed] { passed.set(); });
    co_await passed.wait();
    co_await client.write("<presence/>");
    co_await client.closed();
}

TEST_F(scripted_peer_dialogue, sees_that_nothing_comes) {
    peer_.time_source(time_).expect_header().expect_nothing(30s).expect("<presence/>").end();
    run_client(wait_then_write(peer_, context_, time_, 31s));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_dialogue, sees_that_something_comes) {
    peer_.time_source(time_).expect_header().expect_nothing(30s).expect("<presence/>").end();
    EXPECT_THROW(run_client(wait_then_write(peer_, context_, time_, 29s)), std::system_error);
    EXPECT_THAT(peer_.problems(), HasSubstr("expect_nothing for 30000ms: the client sent"));
}

task<> answer_by_hand(scripted_peer& peer) {
    const auto first = co_await peer.receive();
    co_await peer.deliver("<message id='{id}'/>");
    EXPECT_EQ(first->name(), "presence");
    EXPECT_EQ(peer.last().id(), "p1");
}

task<> write_and_read(scripted_peer& peer, asio::io_context& context) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.write(header + "<presence id='p1'/>");
    const auto answer = co_await client.read_bytes(18);
    EXPECT_EQ(answer, "<message id='p1'/>");
}

TEST_F(scripted_peer_dialogue, runs_a_coroutine_as_a_step) {
    peer_.expect_header().then(&answer_by_hand);
    run_client(write_and_read(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_dialogue, goes_on_when_steps_are_added_later) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_client(client.write(header));
    peer.expect_header();
    run_until_idle(context_);
    EXPECT_TRUE(peer.finished());
    peer.expect("<presence/>");
    EXPECT_FALSE(peer.finished());
    run_client(client.write("<presence/>"));
    run_until_idle(context_);
    EXPECT_EQ(peer.problems(), "");
}

}  // namespace
}  // namespace xmpp::testing
