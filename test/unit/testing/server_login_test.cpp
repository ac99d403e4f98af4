#include <xmpp/ns.hpp>

#include "sasl_elements.hpp"
#include "server_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <system_error>
#include <vector>

namespace xmpp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class server_login : public server_fixture {};

TEST_F(server_login, accepts_plain_when_tls_is_disabled) {
    auto& client = connect();
    const auto features = open(client);
    EXPECT_FALSE(features->child("starttls", ns::tls));
    write(client, plain("juliet", "juliet"));
    expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    const auto after = open(client);
    EXPECT_TRUE(after->child("bind", ns::bind));
    EXPECT_THAT(offered_mechanisms(after), IsEmpty());
}

TEST_F(server_login, asks_for_the_first_message_when_it_was_left_out) {
    auto& client = connect();
    open(client);
    write(client, auth("PLAIN", ""));
    expect(client, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</challenge>");
    const std::string nul(1, '\0');
    write(client, fmt::format("<response xmlns='{}'>{}</response>", ns::sasl,
                              detail::base64_encode(nul + "juliet" + nul + "juliet")));
    expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

TEST_F(server_login, refuses_what_is_wrong_and_gives_up_at_the_third_time) {
    auto& client = connect();
    open(client);
    write(client, plain("juliet", "wrong"));
    expect(client, failure("not-authorized"));
    write(client, plain("nobody", "nobody"));
    expect(client, failure("not-authorized"));
    write(client, plain("juliet", "wrong"));
    expect(client, failure("not-authorized"));
    expect_stream_error(client, "policy-violation");
}

TEST_F(server_login, lets_a_client_try_again) {
    auto& client = connect();
    open(client);
    write(client, plain("juliet", "wrong"));
    expect(client, failure("not-authorized"));
    write(client, plain("juliet", "juliet"));
    expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

TEST_F(server_login, names_the_reason_of_a_refusal) {
    auto& unknown = connect();
    open(unknown);
    write(unknown, auth("X-NONE", ""));
    expect(unknown, failure("invalid-mechanism"));
    write(unknown, auth("PLAIN", "%%%"));
    expect(unknown, failure("incorrect-encoding"));
    auto& other = connect();
    open(other);
    write(other, plain("juliet", "juliet", "romeo@example.test"));
    expect(other, failure("invalid-authzid"));
    write(other, auth("PLAIN", ""));
    expect(other, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</challenge>");
    write(other, "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    expect(other, failure("aborted"));
}

TEST_F(server_login, takes_a_password_that_was_added_later) {
    server_->add_user("mercutio", "mercutio");
    log_in("mercutio", "street");
    EXPECT_THAT(server_->sessions(), ElementsAre(jid("mercutio@example.test/street")));
}

TEST_F(server_login, makes_a_resource_when_none_is_asked_for) {
    auto& client = connect();
    open(client);
    write(client, plain("juliet", "juliet"));
    next(client);
    open(client);
    write(client, "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    const auto result = next(client);
    const jid address(result->child("bind", ns::bind)->child("jid")->text());
    EXPECT_EQ(address.bare(), jid("juliet@example.test"));
    EXPECT_FALSE(address.is_bare());
    EXPECT_THAT(server_->sessions(), ElementsAre(address));
}

TEST_F(server_login, replaces_a_session_with_the_same_address) {
    auto& first = log_in("juliet", "balcony");
    auto& second = log_in("juliet", "balcony");
    expect_stream_error(first, "conflict");
    expect_nothing(second);
    EXPECT_THAT(server_->sessions(), ElementsAre(jid("juliet@example.test/balcony")));
}

TEST_F(server_login, wants_a_login_before_stanzas) {
    auto& client = connect();
    open(client);
    write(client, "<message to='romeo@example.test'/>");
    expect_stream_error(client, "not-authorized");
}

TEST_F(server_login, wants_a_resource_before_other_requests) {
    auto& client = connect();
    open(client);
    write(client, plain("juliet", "juliet"));
    next(client);
    open(client);
    write(client, "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>");
    const auto answer = next(client);
    EXPECT_EQ(answer.type(), "error");
    EXPECT_TRUE(answer->child("error")->child("not-allowed", ns::stanzas));
}

task<> send_and_read_header(raw_client& client, std::string bytes, std::vector<stanza>* into) {
    co_await client.write(std::move(bytes));
    into->push_back(co_await client.header());
}

struct bad_header {
    const char* name;
    const char* bytes;
    const char* condition;
};

class server_header : public server_fixture, public ::testing::WithParamInterface<bad_header> {};

TEST_P(server_header, ends_in_a_stream_error_after_its_own_header) {
    auto& client = connect();
    std::vector<stanza> header;
    run_task(send_and_read_header(client, GetParam().bytes, &header));
    EXPECT_EQ(header.at(0)->attr("from"), "example.test");
    expect_stream_error(client, GetParam().condition);
}

INSTANTIATE_TEST_SUITE_P(
    with, server_header,
    ::testing::Values(
        bad_header{"another_domain",
                   "<stream:stream to='example.net' version='1.0' xmlns='jabber:client' "
                   "xmlns:stream='http://etherx.jabber.org/streams'>",
                   "host-unknown"},
        bad_header{"no_version",
                   "<stream:stream to='example.test' xmlns='jabber:client' "
                   "xmlns:stream='http://etherx.jabber.org/streams'>",
                   "unsupported-version"},
        bad_header{"another_namespace",
                   "<stream:stream to='example.test' version='1.0' xmlns='jabber:client' "
                   "xmlns:stream='urn:x'>",
                   "invalid-namespace"},
        bad_header{"no_xml", "GET / HTTP/1.1\r\n\r\n", "not-well-formed"}),
    [](const auto& info) { return info.param.name; });

TEST_F(server_login, ends_a_stream_that_is_not_well_formed) {
    auto& client = log_in("juliet", "balcony");
    write(client, "<message><body></message>");
    expect_stream_error(client, "not-well-formed");
    EXPECT_THAT(server_->sessions(), IsEmpty());
}

TEST_F(server_login, ends_a_stream_with_too_big_a_stanza) {
    auto& client = log_in("juliet", "balcony");
    struct writer {
        // The server does not read on, so the rest of it can't be waited for.
        static task<> writes(raw_client& client) {
            const std::string body(1u << 20, 'x');
            try {
                co_await client.write("<message><body>" + body + "</body></message>");
            } catch (const std::system_error&) {
            }
        }
    };
    run_task(writer::writes(client));
    expect_stream_error(client, "policy-violation");
}

TEST_F(server_login, ends_a_stream_with_what_is_no_stanza) {
    auto& client = log_in("juliet", "balcony");
    write(client, "<nonsense xmlns='urn:x'/>");
    expect_stream_error(client, "unsupported-stanza-type");
}

TEST_F(server_login, ends_a_stream_with_a_forged_sender) {
    auto& client = log_in("juliet", "balcony");
    write(client, "<message from='romeo@example.test' to='nurse@example.test'/>");
    expect_stream_error(client, "invalid-from");
}

TEST_F(server_login, answers_a_closing_tag) {
    auto& client = log_in("juliet", "balcony");
    write(client, "</stream:stream>");
    expect_closed(client);
    run_until_idle(context_);
    EXPECT_THAT(server_->sessions(), IsEmpty());
}

TEST_F(server_login, forgets_a_client_that_goes_without_a_word) {
    auto& client = log_in("juliet", "balcony");
    client.abort();
    run_until_idle(context_);
    EXPECT_THAT(server_->sessions(), IsEmpty());
}

TEST_F(server_login, stops_with_system_shutdown) {
    auto& bound = log_in("juliet", "balcony");
    auto& unbound = connect();
    open(unbound);
    server_->stop();
    expect_stream_error(bound, "system-shutdown");
    expect_stream_error(unbound, "system-shutdown");
    EXPECT_THAT(server_->sessions(), IsEmpty());
}

TEST_F(server_login, does_not_wait_for_ever_for_a_client_to_close) {
    auto& client = log_in("juliet", "balcony");
    server_->stop();
    expect_stream_error(client, "system-shutdown");
    EXPECT_EQ(time_->pending(), 1u);
    run_for(context_, *time_, std::chrono::seconds(3));
    EXPECT_THROW(write(client, "<presence/>"), std::system_error);
}

TEST_F(server_login, offers_no_channel_binding_without_tls) {
    auto& client = connect();
    const auto features = open(client);
    EXPECT_THAT(offered_mechanisms(features), ElementsAre("SCRAM-SHA-512", "SCRAM-SHA-384",
                                                          "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"));
    EXPECT_FALSE(features->child("sasl-channel-binding", ns::channel_binding));
}

class anonymous_login : public server_fixture {
 protected:
    anonymous_login() : server_fixture(plain_settings().mechanisms({"ANONYMOUS", "PLAIN"})) {}
};

TEST_F(anonymous_login, gets_an_account_for_as_long_as_the_session_lasts) {
    auto& client = connect();
    open(client);
    write(client, auth("ANONYMOUS", ""));
    const auto answer = next(client);
    if (answer->name() == "challenge") {
        write(client, "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</response>");
        expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }
    open(client);
    write(client, "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    const auto result = next(client);
    const jid guest(result->child("bind", ns::bind)->child("jid")->text());
    auto& juliet = come_online("juliet", "balcony");
    write(juliet, fmt::format("<message to='{}'/>", guest));
    expect(client, fmt::format("<message to='{}' from='juliet@example.test/balcony'/>", guest));
    client.abort();
    run_until_idle(context_);
    write(juliet, fmt::format("<message to='{}'/>", guest));
    EXPECT_EQ(next(juliet).type(), "error");
}

}  // namespace
}  // namespace xmpp::testing
