// What a parser refuses or takes, as a whole session sees it: which stream error leaves, what
// reaches the program, and what it costs.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string stream_ns = "http://etherx.jabber.org/streams";

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::string attributes(int count, std::string_view prefix = "") {
    std::string all;
    for (int i = 0; i < count; ++i) all += fmt::format(" {}a{}='u'", prefix, i);
    return all;
}

struct beginning_case {
    const char* name;
    std::string bytes;
    const char* condition;
};

void PrintTo(const beginning_case& row, std::ostream* out) {
    *out << row.name;
}

class bad_beginnings : public session_test, public ::testing::WithParamInterface<beginning_case> {};

TEST_P(bad_beginnings, are_refused_with_a_stream_error) {
    const auto& [name, bytes, condition] = GetParam();
    peer.expect_header().send_raw(bytes).expect(stream_error(condition)).expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("CONNECTING CONNFAIL({0}) DISCONNECTED({0})", condition));
}

const beginning_case beginnings[] = {
    {"internal_entity", "<!DOCTYPE s [<!ENTITY e 'x'>]><stream:stream>", "restricted-xml"},
    {"billion_laughs",
     "<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>",
     "restricted-xml"},
    {"external_dtd", "<!DOCTYPE s SYSTEM 'file:///etc/passwd'>", "restricted-xml"},
    {"utf16", "<?xml version='1.0' encoding='UTF-16'?><stream:stream>", "unsupported-encoding"},
    {"latin1", "<?xml version='1.0' encoding='ISO-8859-1'?><stream:stream>",
     "unsupported-encoding"},
    {"utf16_byte_order_mark", "\xFF\xFE<\0s\0"s, "unsupported-encoding"},
    {"another_namespace", "<stream xmlns='urn:other' version='1.0'>", "invalid-namespace"},
    {"another_element", fmt::format("<s:foo xmlns:s='{}'>", stream_ns), "bad-format"},
};

INSTANTIATE_TEST_SUITE_P(bytes, bad_beginnings, ::testing::ValuesIn(beginnings),
                         [](const auto& info) { return std::string(info.param.name); });

/// A session that is up; `seen` has the stanzas that reached the program.
class hostile_stream : public session_test {
 protected:
    hostile_stream() {
        peer.accept_login("juliet@example.org/balcony");
        conn->add_handler(match(), [this](const stanza& received) {
            seen.push_back(received);
            return true;
        });
    }
    std::vector<stanza> seen;
};

struct excess_case {
    const char* name;
    std::string bytes;
};

void PrintTo(const excess_case& row, std::ostream* out) {
    *out << row.name;
}

class excess : public hostile_stream, public ::testing::WithParamInterface<excess_case> {};

// The end of none of them is there, so that nobody waited for it.
TEST_P(excess, closes_the_stream_before_its_end) {
    peer.send_raw(GetParam().bytes).expect(stream_error("policy-violation")).expect_close();
    run_session();
    EXPECT_EQ(steps.back().condition, "policy-violation") << path();
    EXPECT_TRUE(seen.empty());
}

const excess_case excesses[] = {
    {"depth", "<message>" + repeated("<a>", 128)},
    {"name_of_an_element", "<message><" + repeated("n", 2'000) + ">"},
    {"name_of_an_attribute", "<message " + repeated("n", 2'000) + "=''>"},
    {"value_of_an_attribute", "<message a='" + repeated("v", 70'000) + "'>"},
    {"namespace", "<message><a xmlns='" + repeated("n", 2'000) + "'>"},
    {"attributes", "<message" + attributes(300) + ">"},
    {"namespaces", "<message" + attributes(300, "xmlns:") + ">"},
};

INSTANTIATE_TEST_SUITE_P(limits, excess, ::testing::ValuesIn(excesses),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(hostile_stream, a_start_tag_without_an_end_is_bounded) {
    configure(settings().max_stanza_bytes(2'000));
    peer.send_raw("<message" + attributes(250) + repeated(" ", 2'000))
        .expect(stream_error("policy-violation"))
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().condition, "policy-violation") << path();
}

TEST_F(hostile_stream, an_attribute_of_another_namespace_is_no_sender) {
    peer.send("<message xmlns:x='urn:x' x:from='admin@example.org' from='eve@example.net'/>");
    start();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].from(), jid("eve@example.net"));
}

TEST_F(hostile_stream, a_stanza_with_a_prefix_is_a_stanza) {
    int messages = 0;
    conn->add_handler(match().name("message"), [&](const stanza& received) {
        messages += received->child("body") != nullptr ? 1 : 0;
        return true;
    });
    peer.send(
        "<x:message xmlns:x='jabber:client' from='romeo@example.org'><x:body>hi</x:body>"
        "</x:message>");
    start();
    EXPECT_EQ(messages, 1);
}

TEST_F(hostile_stream, a_message_in_a_stanza_is_a_payload) {
    peer.send(
        "<iq type='result' id='1' from='eve@example.net'>"
        "<message from='romeo@example.org'><body>forged</body></message></iq>");
    start();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].kind(), stanza_kind::iq);
}

TEST_F(hostile_stream, white_space_between_stanzas_costs_nothing) {
    configure(settings().max_stanza_bytes(1'000).liveness(10s, 0s));
    conn->add_handler(match(), [this](const stanza& received) {
        seen.push_back(received);
        return true;
    });
    peer.send_raw(repeated(" \r\n\t", 50'000)).send("<message from='a@b'/>");
    start();
    EXPECT_EQ(seen.size(), 1u);
    EXPECT_TRUE(conn->connected());
}

TEST_F(hostile_stream, what_follows_the_end_of_the_stream_is_dropped) {
    peer.send_raw("<message from='a@b'/></stream:stream><message from='c@d'/></stream:stream>")
        .expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED(closed-by-server)");
    EXPECT_EQ(seen.size(), 1u);
}

TEST_F(hostile_stream, stanzas_that_come_together_are_all_handled_in_order) {
    std::string all;
    for (int i = 0; i < 11; ++i) all += fmt::format("<message id='{}' from='a@b'/>", i);
    peer.send(all);
    start();
    ASSERT_EQ(seen.size(), 11u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].id(), std::to_string(i));
}

TEST_F(hostile_stream, half_a_stanza_delays_none_before_it) {
    peer.send_raw("<message id='1' from='a@b'/><message id='2' from='a@b'><body>" +
                  repeated("x", 100'000));
    start();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].id(), "1");
    peer.send_raw("</body></message>");
    run_until_idle();
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[1]->child("body")->text().size(), 100'000u);
}

TEST_F(hostile_stream, stanzas_have_the_language_of_the_stream) {
    peer.send("<message from='a@b'><body>plain</body><body xml:lang='de'>deutsch</body></message>");
    start();
    ASSERT_EQ(seen.size(), 1u);
    std::vector<std::string> languages;
    for (const auto& body : seen[0]->children()) languages.emplace_back(body.lang());
    EXPECT_EQ(languages, (std::vector<std::string>{"en", "de"}));
}

class hostile_login : public session_test {};

TEST_F(hostile_login, any_prefix_stands_for_the_stream) {
    const auto header = fmt::format(
        "<s:stream xmlns='jabber:client' xmlns:s='{}' id='1' from='example.org' version='1.0'>",
        stream_ns);
    peer.expect_header()
        .send_raw(header)
        .send_raw(fmt::format("<s:features>{}</s:features>", plain_features))
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_raw(header)
        .send_raw(fmt::format("<s:features>{}</s:features>", bind_feature))
        .expect(bind_request)
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(hostile_login, an_offer_of_a_thousand_mechanisms_is_refused_shortly) {
    std::string offered = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>";
    for (int i = 0; i < 1'000; ++i) offered += fmt::format("<mechanism>X-{}</mechanism>", i);
    offered += fmt::format("<mechanism>{}</mechanism></mechanisms>", repeated("N", 10'000));
    offer(peer, offered.c_str()).expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(no-auth-mech) DISCONNECTED(no-auth-mech)");
    EXPECT_LT(steps.back().text.size(), 5'000u);
}

TEST_F(hostile_login, a_server_that_aborts_the_exchange_is_out_of_place) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(abort_login)
        .expect(abort_login)
        .expect(stream_error("not-authorized"))
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().condition, "unexpected-element") << path();
}

}  // namespace
}  // namespace xmpp::test
