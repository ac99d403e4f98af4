#include <xmpp/error.hpp>
#include <xmpp/testing/scripted_peer.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "base/base64.hpp"
#include "base/event.hpp"
#include "raw_client.hpp"

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace xmpp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view features = "<features xmlns='http://etherx.jabber.org/streams'/>";

class scripted_peer_test : public ::testing::Test {
 protected:
    void run_client(task<> body) { run(context_, *time_, std::move(body)); }

    /// A client that sends this and no more, and what the peer makes of it.
    std::string verdict(std::string sent) {
        run_client(write_and_end(peer_, context_, std::move(sent)));
        run_until_idle(context_);
        return peer_.problems();
    }

    static task<std::unique_ptr<raw_client>> dial(scripted_peer& peer, asio::io_context& context) {
        const auto dialer = peer.dialer();
        auto bytes = co_await dialer("example.org", 5222);
        co_return std::make_unique<raw_client>(context.get_executor(), std::move(bytes));
    }

    static task<> write_and_end(scripted_peer& peer, asio::io_context& context, std::string sent) {
        auto client = co_await dial(peer, context);
        co_await client->write(std::move(sent));
        co_await client->end();
    }

    asio::io_context context_;
    std::shared_ptr<virtual_clock> time_ = std::make_shared<virtual_clock>();
    scripted_peer peer_{context_.get_executor()};
};

const std::string header =
    "<stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

TEST_F(scripted_peer_test, is_content_when_the_script_was_followed) {
    peer_.expect_header("to='example.org'").expect("<presence/>").expect_close();
    EXPECT_EQ(verdict(header + "<presence/></stream:stream>"), "");
    EXPECT_TRUE(peer_.finished());
    EXPECT_NO_THROW(peer_.verify());
}

TEST_F(scripted_peer_test, reports_a_client_that_never_came) {
    peer_.expect_header();
    EXPECT_THAT(peer_.problems(), HasSubstr("step 1 of 1, expect_header"));
    EXPECT_FALSE(peer_.finished());
    EXPECT_THROW(peer_.verify(), std::runtime_error);
}

TEST_F(scripted_peer_test, reports_steps_that_were_not_reached) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    peer.expect_header().expect("<presence/>").expect("<message/>");
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_client(client.write(header + "<presence/>"));
    run_until_idle(context_);
    EXPECT_THAT(peer.problems(), HasSubstr("step 3 of 3, expect <message/>"));
}

TEST_F(scripted_peer_test, compares_by_meaning) {
    peer_.expect_header().expect(
        "<message to='a@b' type='chat'>\n  <body>hi &amp; ho</body>\n  <x xmlns='urn:x' "
        "a='1'/>\n</message>");
    EXPECT_EQ(verdict(header + "<message type=\"chat\" id='m1' to='a@b'><body>hi &#38; ho</body>"
                               "<p:x xmlns:p='urn:x' a='1'></p:x></message>"),
              "");
}

TEST_F(scripted_peer_test, takes_a_star_for_anything) {
    peer_.expect_header()
        .expect("<iq id='*' type='get'><query xmlns='urn:x' node='*'/></iq>")
        .expect("<message>*</message>")
        .expect("<message><body>*</body></message>");
    EXPECT_EQ(verdict(header + "<iq type='get' id='7'><query xmlns='urn:x' node='n'/></iq>"
                               "<message><body>a</body><thread>b</thread></message>"
                               "<message><body>c</body></message>"),
              "");
}

struct difference {
    const char* name;
    const char* pattern;
    const char* sent;
    const char* report;
};

class scripted_peer_differences : public scripted_peer_test,
                                  public ::testing::WithParamInterface<difference> {};

TEST_P(scripted_peer_differences, are_reported_with_step_and_both_texts) {
    const auto& [name, pattern, sent, report] = GetParam();
    peer_.expect_header().expect(pattern).expect("<presence/>");
    const auto found = verdict(header + sent);
    EXPECT_THAT(found, HasSubstr(report));
    EXPECT_THAT(found, HasSubstr("step 2, expect "));
    EXPECT_THAT(found, HasSubstr(std::string("expected: ") + pattern));
    EXPECT_THAT(found, HasSubstr("got:      <"));
}

INSTANTIATE_TEST_SUITE_P(
    of, scripted_peer_differences,
    ::testing::Values(
        difference{"name", "<presence/>", "<message/>", "<message> instead of <presence>"},
        difference{"value", "<message to='a@b'/>", "<message to='c@d'/>",
                   "attribute 'to' of <message> is 'c@d' instead of 'a@b'"},
        difference{"missing_attribute", "<message to='*'/>", "<message/>",
                   "<message> lacks the attribute 'to'"},
        difference{"further_attribute", "<message/>", "<message to='a@b'/>",
                   "<message> has an attribute 'to'"},
        difference{"language", "<message xml:lang='en'/>", "<message/>", "'xml:lang'"},
        difference{"given_id", "<message id='1'/>", "<message id='2'/>", "attribute 'id'"},
        difference{"id_of_a_child", "<message><x/></message>", "<message><x id='1'/></message>",
                   "<x> has an attribute 'id'"},
        difference{"namespace_of_a_child", "<message><x xmlns='urn:a'/></message>",
                   "<message><x xmlns='urn:b'/></message>",
                   "the namespace of <x> is 'urn:b' instead of 'urn:a'"},
        difference{"missing_child", "<message><a/><b/></message>", "<message><a/></message>",
                   "<message> lacks <b>"},
        difference{"further_child", "<message/>", "<message><a/></message>",
                   "<message> contains <a>"},
        difference{"order", "<message><a/><b/></message>", "<message><b/><a/></message>",
                   "<b> instead of <a>"},
        difference{"text", "<message><body>a</body></message>",
                   "<message><body> a</body></message>",
                   "the text of <body> is ' a' instead of 'a'"}),
    [](const auto& info) { return info.param.name; });

TEST_F(scripted_peer_test, reports_a_client_that_ends_early) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header), HasSubstr("ended the connection without closing its stream"));
}

TEST_F(scripted_peer_test, reports_a_client_that_closes_early) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header + "</stream:stream>"), HasSubstr("the client closed its stream"));
}

TEST_F(scripted_peer_test, reports_an_element_in_place_of_the_closing_tag) {
    peer_.expect_header().expect_close();
    EXPECT_THAT(verdict(header + "<presence/>"), HasSubstr("did not close its stream"));
}

TEST_F(scripted_peer_test, reports_what_is_not_xml) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header + "<presence></message>"), HasSubstr("step 2, expect <presence/>"));
}

TEST_F(scripted_peer_test, checks_the_attributes_of_the_header) {
    peer_.expect_header("to='example.net'");
    EXPECT_THAT(verdict(header), HasSubstr("attribute 'to' of <stream> is 'example.org'"));
}

TEST_F(scripted_peer_test, checks_that_an_attribute_of_the_header_is_absent) {
    peer_.expect_header("from=''");
    EXPECT_THAT(verdict("<stream:stream from='a@example.org' xmlns='jabber:client' "
                        "xmlns:stream='http://etherx.jabber.org/streams'>"),
                HasSubstr("<stream> has an attribute 'from'"));
}

TEST_F(scripted_peer_test, refuses_scripts_that_are_not_xml) {
    EXPECT_THROW(peer_.expect("<message"), std::invalid_argument);
    EXPECT_THROW(peer_.expect("<a/><b/>"), std::invalid_argument);
    EXPECT_THROW(peer_.send("<message></body>"), std::invalid_argument);
    EXPECT_THROW(peer_.send("</stream:stream>"), std::invalid_argument);
    EXPECT_THROW(peer_.features("<x"), std::invalid_argument);
    EXPECT_THROW(peer_.expect_header("to=example.org"), std::invalid_argument);
}

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

TEST_F(scripted_peer_test, answers_with_the_id_of_the_request) {
    script_of_converse(peer_);
    run_client(dial_and_converse(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, can_deliver_every_byte_by_itself) {
    peer_.streams(memory_stream_options().max_read(1));
    script_of_converse(peer_);
    run_client(dial_and_converse(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, works_over_a_stream_that_is_there_already) {
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

TEST_F(scripted_peer_test, changes_the_header_it_sends) {
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

TEST_F(scripted_peer_test, plays_a_whole_login) {
    peer_.accept_login("juliet@example.org");
    run_client(dial_and_log_in(peer_, context_, "juliet"));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, notices_a_login_of_somebody_else) {
    peer_.accept_login("juliet@example.org");
    EXPECT_THROW(run_client(dial_and_log_in(peer_, context_, "romeo")), std::exception);
    EXPECT_THAT(peer_.problems(), HasSubstr("'romeo' logs in instead of 'juliet'"));
}

certificate example_certificate(const test_authority& authority) {
    return authority.issue(certificate_request::for_server("example.org"));
}

task<> upgrade_and_log_in(scripted_peer& peer, asio::io_context& context, std::string ca_pem) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.open("example.org");
    co_await client.header();
    co_await client.element();
    co_await client.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const auto proceed = co_await client.element();
    EXPECT_EQ(proceed->name(), "proceed");
    co_await client.secure(std::move(ca_pem), "example.org");
    co_await log_in(client, "juliet");
}

TEST_F(scripted_peer_test, upgrades_to_tls) {
    const test_authority authority;
    peer_.accept_tls(example_certificate(authority)).accept_login("juliet@example.org");
    run_client(upgrade_and_log_in(peer_, context_, authority.ca_pem()));
    EXPECT_EQ(peer_.problems(), "");
}

task<> begin_tls(scripted_peer& peer, asio::io_context& context, std::string ca_pem) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client client(context.get_executor(), std::move(bytes));
    co_await client.secure(std::move(ca_pem), "example.org");
    co_await client.open("example.org");
    try {
        co_await client.closed();
    } catch (const std::system_error&) {
        // Cut by a peer that wanted something else: its problem.
    }
}

TEST_F(scripted_peer_test, speaks_tls_from_the_first_byte) {
    const test_authority authority;
    peer_.tls_handshake(example_certificate(authority)).expect_header().end();
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    run_until_idle(context_);
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, can_demand_that_the_client_breaks_tls_off) {
    const test_authority authority;
    const test_authority stranger("Stranger");
    peer_.expect_tls_failure(example_certificate(stranger));
    EXPECT_THROW(run_client(begin_tls(peer_, context_, authority.ca_pem())), error);
    run_until_idle(context_);
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, notices_that_the_client_accepts_what_it_must_not) {
    const test_authority authority;
    peer_.expect_tls_failure(example_certificate(authority));
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    run_until_idle(context_);
    EXPECT_THAT(peer_.problems(), HasSubstr("the client accepted the certificate"));
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

TEST_F(scripted_peer_test, sees_that_nothing_comes) {
    peer_.time_source(time_).expect_header().expect_nothing(30s).expect("<presence/>").end();
    run_client(wait_then_write(peer_, context_, time_, 31s));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, sees_that_something_comes) {
    peer_.time_source(time_).expect_header().expect_nothing(30s).expect("<presence/>").end();
    EXPECT_THROW(run_client(wait_then_write(peer_, context_, time_, 29s)), std::system_error);
    EXPECT_THAT(peer_.problems(), HasSubstr("expect_nothing for 30000ms: the client sent"));
}

TEST_F(scripted_peer_test, closes_ends_and_cuts) {
    struct client {
        static task<> reads(scripted_peer& peer, asio::io_context& context) {
            const auto dialer = peer.dialer();
            auto bytes = co_await dialer("example.org", 5222);
            raw_client first(context.get_executor(), std::move(bytes));
            const bool ended = co_await first.closed();
            EXPECT_FALSE(ended);
            bytes = co_await dialer("example.org", 5222);
            raw_client second(context.get_executor(), std::move(bytes));
            bool cut = false;
            try {
                co_await second.closed();
            } catch (const std::system_error&) {
                cut = true;
            }
            EXPECT_TRUE(cut);
        }
    };
    peer_.next_connection().end().next_connection().cut();
    run_client(client::reads(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

task<> redial(scripted_peer& peer, asio::io_context& context) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client first(context.get_executor(), std::move(bytes));
    bool refused = false;
    try {
        co_await dialer("example.org", 5222);
    } catch (const error& thrown) {
        refused = thrown.code() == errc::connection_refused;
    }
    EXPECT_TRUE(refused);
    bytes = co_await dialer("other.example.org", 5299);
    raw_client second(context.get_executor(), std::move(bytes));
    const auto greeting = co_await second.read_bytes(2);
    EXPECT_EQ(greeting, "hi");
}

TEST_F(scripted_peer_test, takes_refuses_and_checks_connections_in_turn) {
    peer_.next_connection()
        .stall()
        .refuse_connection()
        .next_connection("other.example.org", 5299)
        .send_raw("hi");
    run_client(redial(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, notices_a_connection_to_another_place) {
    peer_.next_connection("example.org", 5223).expect_header();
    EXPECT_EQ(verdict(""),
              "step 1, next_connection: the client connects to example.org port 5222 "
              "instead of example.org port 5223");
}

TEST_F(scripted_peer_test, notices_a_connection_that_is_not_in_the_script) {
    peer_.expect_header();
    EXPECT_EQ(verdict(header), "");
    EXPECT_THROW(run_client(write_and_end(peer_, context_, header)), deadlock);
    EXPECT_THAT(peer_.problems(), HasSubstr("a connection that is not in the script"));
}

TEST_F(scripted_peer_test, refuses_connections_after_a_problem) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_NE(verdict("nonsense"), "");
    EXPECT_THROW(run_client(write_and_end(peer_, context_, header)), error);
}

TEST_F(scripted_peer_test, refuses_connections_when_it_is_gone) {
    auto peer = std::make_unique<scripted_peer>(context_.get_executor());
    const auto dialer = peer->dialer();
    peer.reset();
    struct client {
        static task<> dials(dialer_function dialer) { co_await dialer("example.org", 5222); }
    };
    EXPECT_THROW(run_client(client::dials(dialer)), error);
}

TEST_F(scripted_peer_test, allows_nothing_on_a_stalled_connection) {
    peer_.next_connection().stall();
    EXPECT_THROW(peer_.send("<presence/>"), std::logic_error);
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

TEST_F(scripted_peer_test, can_demand_that_the_client_disconnects) {
    peer_.expect_header().expect_disconnect();
    EXPECT_EQ(verdict(header), "");
}

TEST_F(scripted_peer_test, takes_a_cut_for_a_disconnect) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    peer.expect_disconnect();
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_until_idle(context_);
    EXPECT_NE(peer.problems(), "");
    client.abort();
    run_until_idle(context_);
    EXPECT_EQ(peer.problems(), "");
}

TEST_F(scripted_peer_test, notices_what_comes_before_a_disconnect) {
    peer_.expect_header().expect_disconnect();
    EXPECT_THAT(verdict(header + "<presence/>"), HasSubstr("the client did not disconnect"));
}

TEST_F(scripted_peer_test, does_not_take_a_closing_tag_for_a_disconnect) {
    peer_.expect_header().expect_disconnect();
    EXPECT_THAT(verdict(header + "</stream:stream>"),
                HasSubstr("the client closed its stream before it disconnected"));
}

TEST_F(scripted_peer_test, lets_the_test_configure_tls) {
    const test_authority authority;
    bool configured = false;
    peer_.tls_handshake(example_certificate(authority), [&](ssl_ctx_st*) { configured = true; })
        .expect_header()
        .end();
    run_client(begin_tls(peer_, context_, authority.ca_pem()));
    EXPECT_EQ(peer_.problems(), "");
    EXPECT_TRUE(configured);
}

TEST_F(scripted_peer_test, has_no_last_element_before_one_came) {
    EXPECT_THROW(static_cast<void>(peer_.last()), std::logic_error);
}

TEST_F(scripted_peer_test, notices_what_a_step_throws) {
    struct step {
        static task<> throws(scripted_peer&) {
            co_await asio::this_coro::executor;
            throw std::runtime_error("this is not the end I wanted");
        }
    };
    peer_.next_connection().then(&step::throws);
    run_client(write_and_end(peer_, context_, ""));
    EXPECT_EQ(peer_.problems(), "step 2, then: this is not the end I wanted");
}

TEST_F(scripted_peer_test, runs_a_coroutine_as_a_step) {
    peer_.expect_header().then(&answer_by_hand);
    run_client(write_and_read(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_test, goes_on_when_steps_are_added_later) {
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
