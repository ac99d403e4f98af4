// The messages between programs and their broker, without a socket.
#include <xmpp/error.hpp>
#include <xmpp/stanza.hpp>

#include "sasl/credentials_data.hpp"
#include "shared/decode_shared.hpp"
#include "transport/shared/shared_failure.hpp"
#include "transport/shared/shared_login.hpp"
#include "transport/shared/shared_protocol.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

namespace shared = detail::shared;

/// One of each kind, with something in every field.
std::vector<shared::message> all_messages() {
    shared::connect connect;
    connect.service = "xmpp://example.org";
    connect.who = shared::from_credentials(
        credentials("juliet@example.org/balcony", "secret").authcid("admin").mechanisms({"PLAIN"}));
    connect.settings = shared::from_options(options().ca_pem("pem").headers({{"a", "b"}}));
    shared::responder responder;
    responder.name = "query";
    responder.ns = "jabber:iq:version";
    shared::outgoing outgoing;
    outgoing.xml = "<message/>";
    shared::close close;
    close.reason = "bye";
    shared::welcome welcome;
    welcome.user = "juliet@example.org/balcony";
    welcome.features = "<features/>";
    welcome.role = 1;
    welcome.secure = 1;
    const auto ended = shared::tell(sasl_condition::not_authorized, "not-authorized", "text",
                                    stanza::parse("<failure/>"), true);
    shared::lost lost;
    lost.why = ended;
    lost.attempt = 2;
    shared::back back;
    back.user = "juliet@example.org/garden";
    back.features = "<features/>";
    back.resumed = 1;
    back.first = 1;
    back.secure = 1;
    shared::role role;
    role.value = 1;
    shared::incoming incoming;
    incoming.xml = "<presence/>";
    incoming.language = "de";
    shared::foreign foreign;
    foreign.xml = std::string("\0x", 2);
    return {shared::hello(),
            connect,
            shared::attach(),
            responder,
            outgoing,
            shared::pong(),
            close,
            shared::authenticating(),
            welcome,
            ended,
            lost,
            back,
            role,
            incoming,
            foreign,
            shared::ping(),
            shared::relinquish()};
}

std::vector<std::string> read_all(const std::string& bytes, std::size_t step) {
    shared::frame_reader reader(1u << 20);
    std::vector<std::string> read;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        reader.feed(std::string_view(bytes).substr(at, step));
        while (auto message = reader.next()) read.push_back(shared::encode(*message));
    }
    EXPECT_FALSE(reader.within());
    return read;
}

std::error_code code_of_feeding(const std::string& bytes, std::size_t most = 1u << 20) {
    try {
        shared::frame_reader reader(most);
        reader.feed(bytes);
        while (reader.next()) {
        }
    } catch (const error& refused) {
        return refused.code();
    }
    return {};
}

TEST(shared_protocol, carries_every_kind_of_message_however_it_is_cut) {
    std::string bytes;
    std::vector<std::string> sent;
    for (const auto& each : all_messages()) {
        sent.push_back(shared::encode(each));
        bytes += sent.back();
    }
    EXPECT_EQ(read_all(bytes, bytes.size()), sent);
    EXPECT_EQ(read_all(bytes, 1), sent);
    EXPECT_EQ(read_all(bytes, 7), sent);
}

TEST(shared_protocol, refuses_every_message_that_is_cut_short) {
    for (const auto& each : all_messages()) {
        const auto frame = shared::encode(each).substr(4);
        for (std::size_t size = 0; size < frame.size(); ++size) {
            EXPECT_THROW(shared::decode(std::string_view(frame).substr(0, size)), error)
                << frame.front() << " " << size;
        }
        EXPECT_THROW(shared::decode(frame + "x"), error) << frame.front();
    }
}

TEST(shared_protocol, waits_for_the_rest_of_half_a_message) {
    const auto bytes = shared::encode(shared::hello());
    shared::frame_reader reader(1u << 20);
    reader.feed(std::string_view(bytes).substr(0, bytes.size() - 1));
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.within());
}

TEST(shared_protocol, refuses_a_length_of_a_gigabyte_before_the_bytes_come) {
    EXPECT_EQ(code_of_feeding(std::string("\x40\0\0\0", 4)), errc::bad_format);
    EXPECT_EQ(code_of_feeding(std::string("\xFF\xFF\xFF\xFF", 4)), errc::bad_format);
    EXPECT_EQ(code_of_feeding(std::string("\0\0\0\0", 4)), errc::bad_format);
}

TEST(shared_protocol, refuses_kinds_that_are_none_and_lists_longer_than_their_message) {
    EXPECT_EQ(code_of_feeding(std::string("\0\0\0\1z", 5)), errc::bad_format);
    auto frame = shared::encode(shared::message(shared::connect())).substr(4);
    frame.replace(frame.size() - 4, 4, "\x7F\xFF\xFF\xFF");
    EXPECT_THROW(shared::decode(frame), error);
}

TEST(shared_protocol, survives_garbage) {
    std::mt19937 random(7);
    for (int round = 0; round < 2'000; ++round) {
        auto bytes = shared::encode(all_messages()[random() % all_messages().size()]);
        for (int change = 0; change < 3; ++change) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        decode_shared(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    }
}

TEST(shared_protocol, credentials_arrive_as_they_were) {
    const auto keys =
        scram_keys("SCRAM-SHA-1", "salt", 4096, std::string(20, 'c'), std::string(20, 's'));
    const auto sent = credentials("juliet@example.org/balcony", "secret")
                          .authcid("admin")
                          .authzid("romeo@example.org")
                          .resource("garden")
                          .scram_keys(keys)
                          .mechanisms({"SCRAM-SHA-1", "PLAIN"});
    const auto got = shared::to_credentials(shared::from_credentials(sent));
    EXPECT_EQ(got.user(), sent.user());
    EXPECT_EQ(detail::credentials_data::of(got).secret.view(), "secret");
    EXPECT_EQ(got.authcid(), "admin");
    EXPECT_EQ(got.authzid(), jid("romeo@example.org"));
    EXPECT_EQ(got.resource(), "garden");
    EXPECT_EQ(got.scram_keys(), keys);
    EXPECT_EQ(got.mechanisms(), sent.mechanisms());

    const auto token = credentials::oauth("juliet@example.org", "token");
    const auto kind =
        detail::credentials_data::of(shared::to_credentials(shared::from_credentials(token))).kind;
    EXPECT_EQ(kind, detail::credentials_kind::oauth);
}

TEST(shared_protocol, options_that_were_set_travel_and_the_others_stay_the_brokers) {
    const auto sent = options()
                          .tls(tls_mode::disabled)
                          .ca_file("/ca.pem")
                          .client_certificate("/c.pem", "/k.pem")
                          .mechanisms({"PLAIN", "SCRAM-SHA-1"})
                          .cookies({{"name", "value"}, {"empty", ""}})
                          .bosh_wait(std::chrono::seconds(7));
    const auto base = options().verify_name("broker.example").allow_plaintext_auth(true);
    const auto got = shared::to_options(shared::from_options(sent), base);
    EXPECT_EQ(got.tls(), tls_mode::disabled);
    EXPECT_EQ(got.ca_file(), "/ca.pem");
    EXPECT_EQ(got.client_certificate(), "/c.pem");
    EXPECT_EQ(got.client_key(), "/k.pem");
    EXPECT_EQ(got.mechanisms(), sent.mechanisms());
    EXPECT_EQ(got.cookies(), sent.cookies());
    EXPECT_EQ(got.bosh_wait(), std::chrono::seconds(7));
    EXPECT_EQ(got.verify_name(), "broker.example");
    EXPECT_FALSE(got.allow_plaintext_auth()) << "the password is the program's";
}

TEST(shared_protocol, options_that_are_functions_can_not_travel) {
    EXPECT_THROW(shared::from_options(options().configure_tls([](ssl_ctx_st*) {})), error);
    EXPECT_THROW(shared::from_options(options().explicit_resource_binding(true)), error);
}

TEST(shared_protocol, failures_arrive_with_their_code_and_words) {
    const auto why = shared::told(shared::tell(sasl_condition::not_authorized, "not-authorized",
                                               "wrong user name or password - check it",
                                               stanza::parse("<failure/>"), true));
    EXPECT_EQ(why.code(), sasl_condition::not_authorized);
    EXPECT_EQ(why.condition(), "not-authorized");
    EXPECT_EQ(why.explanation(), "check it");
    EXPECT_TRUE(why.of_login());
    EXPECT_EQ(why.element()->root().name(), "failure");

    shared::ended unknown;
    unknown.category = "somebody's";
    EXPECT_EQ(shared::told(unknown).code(), errc::connection_lost);
}

}  // namespace
}  // namespace xmpp::test
