#include <xmpp/error.hpp>

#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace xmpp::test {
namespace {

using detail::tls_engine;
using detail::tls_settings;
using ::testing::HasSubstr;

std::shared_ptr<const detail::tls_hook> only_version(int version) {
    return hook([version](SSL_CTX* context) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, version);
        SSL_CTX_set_max_proto_version(context, version);
    });
}

/// All that `to` can read of what `from` has to say.
std::string carry(tls_engine& from, tls_engine& to) {
    std::string room(64 * 1024, '\0');
    std::string all;
    std::string input = from.take_output();
    do {
        const auto size = to.read(input, room);
        input.clear();
        if (size == 0) return all;
        all.append(room, 0, size);
    } while (true);
}

class tls_version : public ::testing::TestWithParam<int> {
 protected:
    tls_version()
        : engines(client_settings(), server_settings().configure(only_version(GetParam()))) {
        engines.handshake();
    }
    engine_pair engines;
};

INSTANTIATE_TEST_SUITE_P(tls, tls_version, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) {
                             return info.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3";
                         });

TEST_P(tls_version, carries_bytes_both_ways) {
    ASSERT_TRUE(engines.client_done && engines.server_done);
    engines.client.write("ping");
    EXPECT_EQ(carry(engines.client, engines.server), "ping");
    engines.server.write("pong");
    EXPECT_EQ(carry(engines.server, engines.client), "pong");
}

TEST_P(tls_version, survives_input_byte_by_byte) {
    engines.server.write("one byte at a time");
    const auto wire = engines.server.take_output();
    std::string room(100, '\0');
    std::string all;
    for (const char byte : wire) {
        const auto size = engines.client.read(std::string_view(&byte, 1), room);
        all.append(room, 0, size);
    }
    EXPECT_EQ(all, "one byte at a time");
}

TEST_P(tls_version, keeps_what_did_not_fit_for_the_next_read) {
    const auto sent = pattern(50'000);
    engines.server.write(sent);
    std::array<char, 999> room;
    std::string all(room.data(), engines.client.read(engines.server.take_output(), room));
    for (;;) {
        const auto size = engines.client.read({}, room);
        if (size == 0) break;
        all.append(room.data(), size);
    }
    EXPECT_EQ(all, sent);
}

TEST_P(tls_version, has_equal_channel_bindings_on_both_ends) {
    const auto bindings = engines.client.channel_bindings();
    EXPECT_EQ(bindings, engines.server.channel_bindings());
    std::vector<std::string> names;
    for (const auto& [name, data] : bindings) {
        names.push_back(name);
        EXPECT_GE(data.size(), 12u) << name;
    }
    std::vector<std::string> expected{"tls-exporter", "tls-server-end-point"};
    if (GetParam() == TLS1_2_VERSION) expected.push_back("tls-unique");
    EXPECT_EQ(names, expected);
}

TEST_P(tls_version, has_other_bindings_on_another_connection) {
    engine_pair others(client_settings(), server_settings().configure(only_version(GetParam())));
    others.handshake();
    const auto ours = engines.client.channel_bindings();
    const auto theirs = others.client.channel_bindings();
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_EQ(ours[i].second == theirs[i].second, ours[i].first == "tls-server-end-point");
    }
}

TEST_P(tls_version, ends_in_good_order) {
    engines.server.write("last words");
    engines.server.shutdown();
    EXPECT_EQ(carry(engines.server, engines.client), "last words");
    EXPECT_TRUE(engines.client.closed());
    EXPECT_NO_THROW(engines.client.end_of_input());
    engines.client.write("we may still speak");
    EXPECT_EQ(carry(engines.client, engines.server), "we may still speak");
}

TEST_P(tls_version, calls_a_missing_close_notify_a_lost_connection) {
    engines.server.write("cut short");
    const auto wire = engines.server.take_output();
    std::string room(100, '\0');
    EXPECT_EQ(engines.client.read(wire.substr(0, wire.size() - 1), room), 0u);
    EXPECT_EQ(code_of([&] { engines.client.end_of_input(); }),
              make_error_code(errc::connection_lost));
}

TEST_P(tls_version, refuses_a_record_that_was_changed_on_the_way) {
    engines.server.write("first");
    engines.server.write("second");
    auto wire = engines.server.take_output();
    wire.back() = static_cast<char>(wire.back() ^ 1);
    std::string room(100, '\0');
    EXPECT_EQ(room.substr(0, engines.client.read(wire, room)), "first")
        << "what came before is good";
    EXPECT_EQ(code_of([&] { engines.client.read({}, room); }), make_error_code(errc::tls_failure));
    EXPECT_GT(engines.client.output_size(), 0u) << "an alert for the peer";
    EXPECT_EQ(code_of([&] { engines.client.read({}, room); }), make_error_code(errc::tls_failure));
    EXPECT_EQ(code_of([&] { engines.client.write("x"); }), make_error_code(errc::tls_failure));
}

TEST_P(tls_version, describes_itself) {
    EXPECT_THAT(engines.client.description(),
                HasSubstr(GetParam() == TLS1_2_VERSION ? "TLSv1.2, " : "TLSv1.3, "));
}

TEST(tls_engine, refuses_servers_of_old_versions) {
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        engine_pair engines(client_settings(), server_settings().configure(only_version(version)));
        engines.handshake();
        EXPECT_EQ(code_of(engines.client_failure), make_error_code(errc::tls_failure));
        EXPECT_THAT(explanation_of(engines.client_failure), HasSubstr("1.2 and newer"));
    }
}

std::shared_ptr<const detail::tls_hook> only_cipher(const char* name) {
    return hook([name](SSL_CTX* context) {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(context, name);
    });
}

TEST(tls_engine, under_TLS_1_2_takes_nothing_without_forward_secrecy_and_authenticated_encryption) {
    const auto rsa = the_authority().issue(
        testing::certificate_request::for_server("example.org").key(testing::key_kind::rsa_2048));
    const auto shown = [&rsa](const char* cipher) {
        return tls_settings(detail::tls_role::server)
            .certificate_pem(rsa.chain_pem(), rsa.key_pem())
            .configure(only_cipher(cipher));
    };
    for (const auto* cipher : {"AES128-GCM-SHA256", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA256",
                               "ECDHE-RSA-AES256-SHA"}) {
        engine_pair engines(client_settings(), shown(cipher));
        engines.handshake();
        EXPECT_FALSE(engines.client_done) << cipher;
        EXPECT_EQ(code_of(engines.client_failure), make_error_code(errc::tls_failure)) << cipher;
        engine_pair widened(client_settings().configure(only_cipher(cipher)), shown(cipher));
        widened.handshake();
        EXPECT_TRUE(widened.client_done) << cipher << ": the hook has the last word";
    }
    for (const auto* cipher : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
                               "ECDHE-RSA-CHACHA20-POLY1305"}) {
        engine_pair engines(client_settings(), shown(cipher));
        engines.handshake();
        EXPECT_TRUE(engines.client_done) << cipher;
    }
}

TEST(tls_engine, follows_a_key_update_and_answers_it) {
    engine_pair engines(client_settings(),
                        server_settings().configure(only_version(TLS1_3_VERSION)));
    engines.handshake();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(SSL_key_update(engines.server.native(), SSL_KEY_UPDATE_REQUESTED), 1);
        engines.server.write("new keys");
        EXPECT_EQ(carry(engines.server, engines.client), "new keys");
        engines.client.write("mine, too");
        EXPECT_EQ(carry(engines.client, engines.server), "mine, too");
    }
}

TEST(tls_engine, refuses_renegotiation_and_goes_on) {
    const auto renegotiating = hook([](SSL_CTX* context) {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
    });
    engine_pair engines(client_settings(), server_settings().configure(renegotiating));
    engines.handshake();
    ASSERT_EQ(SSL_renegotiate(engines.server.native()), 1);
    SSL_do_handshake(engines.server.native());
    EXPECT_EQ(carry(engines.server, engines.client), "");
    EXPECT_GT(engines.client.output_size(), 0u) << "an alert that says no";
    EXPECT_NO_THROW(engines.client.write("and goes on"));
}

TEST(tls_engine, refuses_a_protocol_that_it_did_not_offer) {
    const auto http = hook([](SSL_CTX* context) {
        SSL_CTX_set_alpn_select_cb(
            context,
            [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char*,
               unsigned int, void*) {
                static const unsigned char name[] = "http/1.1";
                *chosen = name;
                *size = sizeof name - 1;
                return SSL_TLSEXT_ERR_OK;
            },
            nullptr);
    });
    engine_pair engines(client_settings().alpn({"xmpp-client"}), server_settings().configure(http));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), make_error_code(errc::tls_failure));
    EXPECT_THAT(explanation_of(engines.client_failure), HasSubstr("ALPN"));
}

TEST(tls_engine, explains_that_the_server_has_no_protocol_in_common) {
    engine_pair engines(client_settings().alpn({"xmpp-client"}),
                        server_settings().alpn({"http/1.1"}));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), make_error_code(errc::tls_failure));
    EXPECT_THAT(explanation_of(engines.client_failure), HasSubstr("does not speak XMPP"));
}

TEST(tls_engine, agrees_on_a_protocol) {
    engine_pair engines(client_settings().alpn({"xmpp-client"}),
                        server_settings().alpn({"xmpp-server", "xmpp-client"}));
    engines.handshake();
    EXPECT_EQ(engines.client.alpn(), "xmpp-client");
    EXPECT_EQ(engines.server.alpn(), "xmpp-client");
}

TEST(tls_engine, accepts_a_server_that_does_not_know_alpn) {
    engine_pair engines(client_settings().alpn({"xmpp-client"}), server_settings());
    engines.handshake();
    EXPECT_TRUE(engines.client_done);
    EXPECT_EQ(engines.client.alpn(), "");
}

TEST(tls_engine, says_that_a_plaintext_answer_is_not_tls) {
    for (const auto* answer : {"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>",
                               "HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
        tls_engine client(detail::shared_tls_context(client_settings()), "example.org");
        client.handshake({});
        std::exception_ptr failure;
        try {
            client.handshake(answer);
        } catch (...) {
            failure = std::current_exception();
        }
        EXPECT_EQ(code_of(failure), make_error_code(errc::tls_failure));
        EXPECT_THAT(explanation_of(failure), HasSubstr("not TLS")) << answer;
    }
}

TEST(tls_engine, reports_a_peer_that_hangs_up_during_the_handshake) {
    tls_engine client(detail::shared_tls_context(client_settings()), "example.org");
    client.handshake({});
    EXPECT_EQ(code_of([&] { client.end_of_input(); }), make_error_code(errc::connection_lost));
}

TEST(tls_engine, names_the_server_but_not_an_address) {
    for (const auto* name : {"example.org", "127.0.0.1", "[::1]", "::1"}) {
        engine_pair engines(client_settings(), server_settings(), name);
        engines.handshake();
        EXPECT_TRUE(engines.client_done) << explanation_of(engines.client_failure);
        const char* seen = SSL_get_servername(engines.server.native(), TLSEXT_NAMETYPE_host_name);
        EXPECT_EQ(std::string_view(seen ? seen : ""),
                  name == std::string_view("example.org") ? "example.org" : "");
    }
}

TEST(tls_engine, binds_to_a_certificate_by_the_hash_of_its_signature) {
    engine_pair sha1(client_settings(), server_settings(the_authority().issue(
                                            testing::certificate_request("x").dns("example.org"))));
    sha1.handshake();
    const auto bindings = sha1.client.channel_bindings();
    const auto end_point = std::find_if(bindings.begin(), bindings.end(), [](const auto& binding) {
        return binding.first == "tls-server-end-point";
    });
    ASSERT_NE(end_point, bindings.end());
    const detail::x509_ptr shown(SSL_get1_peer_certificate(sha1.client.native()));
    std::array<unsigned char, 32> digest;
    X509_digest(shown.get(), EVP_sha256(), digest.data(), nullptr);
    EXPECT_EQ(end_point->second, std::string(digest.begin(), digest.end()));
}

TEST(tls_engine, leaves_out_the_end_point_of_a_signature_without_a_hash) {
    const auto shown = testing::test_authority::self_signed(
        testing::certificate_request("x").dns("example.org").key(testing::key_kind::ed25519));
    engine_pair engines(tls_settings().ca_pem(shown.ca_pem()), server_settings(shown));
    engines.handshake();
    const auto bindings = engines.client.channel_bindings();
    ASSERT_EQ(bindings.size(), 1u);
    EXPECT_EQ(bindings.front().first, "tls-exporter");
}

TEST(tls_engine, holds_no_output_while_idle) {
    engine_pair engines;
    engines.handshake();
    engines.client.write(pattern(100'000));
    carry(engines.client, engines.server);
    EXPECT_EQ(engines.client.output_size(), 0u);
}

}  // namespace
}  // namespace xmpp::test
