#include <xmpp/error.hpp>

#include "net/tls/certificate_text.hpp"
#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <chrono>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using detail::tls_role;
using detail::tls_settings;
using testing::certificate_purpose;
using testing::certificate_request;
using ::testing::HasSubstr;
using testing::key_kind;
using testing::test_authority;

certificate_request for_domain(const std::string& name = "example.org") {
    return certificate_request(name).dns(name);
}

/// What a client that wants `name` makes of the certificate.
std::exception_ptr verdict(const identity& shown, const std::string& name = "example.org") {
    engine_pair engines(client_settings(), server_settings(shown), name);
    engines.handshake();
    EXPECT_EQ(engines.client_done, !engines.client_failure);
    if (engines.client_failure) {
        EXPECT_TRUE(engines.server_failure) << "the server is told by an alert";
    }
    return engines.client_failure;
}

std::chrono::system_clock::time_point now() {
    return std::chrono::system_clock::now();
}

/// Flips a bit of the signature.
identity tampered(const testing::certificate& original) {
    identity result(original);
    const auto& pem = original.certificate_pem();
    const detail::bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const detail::x509_ptr parsed(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, parsed.get());
    signature->data[signature->length - 1] ^= 1;
    const detail::bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), parsed.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    result.chain = std::string(data, static_cast<std::size_t>(size));
    return result;
}

struct bad_certificate {
    const char* name;
    identity (*make)();
    certificate_errc code;
    const char* explanation;
};

void PrintTo(const bad_certificate& value, std::ostream* out) {
    *out << value.name;
}

class certificate_refusal : public ::testing::TestWithParam<bad_certificate> {};

TEST_P(certificate_refusal, has_its_own_code_and_says_what_is_wrong) {
    const auto failure = verdict(GetParam().make());
    EXPECT_EQ(code_of(failure), make_error_code(GetParam().code)) << explanation_of(failure);
    EXPECT_THAT(explanation_of(failure), HasSubstr("presented for 'example.org'"));
    EXPECT_THAT(explanation_of(failure), HasSubstr(GetParam().explanation));
}

const bad_certificate bad_certificates[] = {
    {"another_name", []() -> identity { return the_authority().issue(for_domain("example.net")); },
     certificate_errc::name_mismatch, "names DNS example.net"},
    {"only_a_common_name",
     []() -> identity { return the_authority().issue(certificate_request("example.org")); },
     certificate_errc::name_mismatch, "names no host (its subject is 'CN=example.org')"},
    {"only_an_ip_address",
     []() -> identity {
         return the_authority().issue(certificate_request("x").ip("127.0.0.1").ip("::1"));
     },
     certificate_errc::name_mismatch, "names IP 127.0.0.1, IP 0000:0000"},
    {"expired",
     []() -> identity {
         return the_authority().issue(for_domain().valid(now() - 48h, now() - 24h));
     },
     certificate_errc::expired, "is valid from 20"},
    {"not_yet_valid",
     []() -> identity {
         return the_authority().issue(for_domain().valid(now() + 24h, now() + 48h));
     },
     certificate_errc::not_yet_valid, "clock"},
    {"self_signed", []() -> identity { return test_authority::self_signed(for_domain()); },
     certificate_errc::self_signed, "was issued by 'CN=example.org'"},
    {"unknown_issuer",
     []() -> identity { return test_authority("Another Authority").issue(for_domain()); },
     certificate_errc::unknown_issuer, "was issued by 'CN=Another Authority'"},
    {"wrong_extended_key_usage",
     []() -> identity {
         return the_authority().issue(for_domain().purpose(certificate_purpose::client));
     },
     certificate_errc::invalid_purpose, "purpose"},
    {"rsa_1024",
     []() -> identity { return the_authority().issue(for_domain().key(key_kind::rsa_1024)); },
     certificate_errc::too_weak, "2048 bits"},
    {"sha1_signature",
     []() -> identity { return the_authority().issue(for_domain().weak_signature()); },
     certificate_errc::too_weak, "SHA-1"},
    {"intermediate_without_ca_flag",
     []() -> identity {
         return the_authority().subordinate("No Authority", false).issue(for_domain());
     },
     certificate_errc::invalid_authority, "at fault is the certificate of 'CN=No Authority'"},
    {"tampered_signature",
     []() -> identity { return tampered(the_authority().issue(for_domain())); },
     certificate_errc::bad_signature, "in between"},
    {"for_the_srv_target_only",
     []() -> identity { return the_authority().issue(for_domain("xmpp.example.org")); },
     certificate_errc::name_mismatch, "names DNS xmpp.example.org"},
    {"nul_in_a_dns_name",
     []() -> identity {
         using std::string_literals::operator""s;
         return the_authority().issue(certificate_request("x").dns("example.org\0.evil.test"s));
     },
     certificate_errc::name_mismatch, "names DNS example.org\\x00.evil.test"},
    {"nul_in_the_common_name",
     []() -> identity {
         using std::string_literals::operator""s;
         return the_authority().issue(certificate_request("example.org\0.evil.test"s));
     },
     certificate_errc::name_mismatch, "names no host"},
};

INSTANTIATE_TEST_SUITE_P(net, certificate_refusal, ::testing::ValuesIn(bad_certificates),
                         [](const auto& info) { return info.param.name; });

struct wildcard {
    const char* name;
    const char* certificate_name;
    const char* wanted;
    bool accepted;
};

void PrintTo(const wildcard& value, std::ostream* out) {
    *out << value.name;
}

class certificate_wildcard : public ::testing::TestWithParam<wildcard> {};

TEST_P(certificate_wildcard, stands_for_one_whole_label_on_the_left) {
    const auto failure =
        verdict(the_authority().issue(for_domain(GetParam().certificate_name)), GetParam().wanted);
    EXPECT_EQ(code_of(failure), GetParam().accepted
                                    ? std::error_code()
                                    : make_error_code(certificate_errc::name_mismatch));
}

const wildcard wildcards[] = {
    {"one_label", "*.example.com", "a.example.com", true},
    {"no_label", "*.example.com", "example.com", false},
    {"two_labels", "*.example.com", "a.b.example.com", false},
    {"star_alone", "*", "example.com", false},
    {"star_alone_for_one_label", "*", "localhost", false},
    {"part_of_a_label", "a*.example.com", "a.example.com", false},
    {"not_the_leftmost", "a.*.example.com", "a.b.example.com", false},
    {"two_stars", "*.*.example.com", "a.b.example.com", false},
};

INSTANTIATE_TEST_SUITE_P(net, certificate_wildcard, ::testing::ValuesIn(wildcards),
                         [](const auto& info) { return info.param.name; });

TEST(certificate_check, accepts_each_name_and_address_of_the_certificate) {
    for (const char* name : {"example.org", "EXAMPLE.org", "chat.example.org", "localhost",
                             "127.0.0.1", "::1", "[::1]"}) {
        EXPECT_EQ(code_of(verdict(the_certificate(), name)), std::error_code()) << name;
    }
}

TEST(certificate_check, wants_an_address_as_an_address) {
    const auto named = the_authority().issue(certificate_request("x").dns("127.0.0.1"));
    EXPECT_EQ(code_of(verdict(named, "127.0.0.1")),
              make_error_code(certificate_errc::name_mismatch));
}

TEST(certificate_check, accepts_an_international_domain_by_its_a_label) {
    const auto shown = the_authority().issue(for_domain("xn--bcher-kva.example"));
    EXPECT_EQ(code_of(verdict(shown, "xn--bcher-kva.example")), std::error_code());
}

TEST(certificate_check, does_not_take_xmpp_names_in_place_of_a_host_name) {
    const auto shown = the_authority().issue(certificate_request("example.org")
                                                 .xmpp_address("example.org")
                                                 .srv_name("_xmpp-client.example.org"));
    EXPECT_EQ(code_of(verdict(shown)), make_error_code(certificate_errc::name_mismatch));
}

TEST(certificate_check, follows_a_chain_over_an_intermediate_authority) {
    const auto shown = the_authority().subordinate("In Between").issue(for_domain());
    EXPECT_EQ(code_of(verdict(shown)), std::error_code());
}

TEST(certificate_check, accepts_every_key_that_is_strong_enough) {
    for (const auto kind : {key_kind::ec_p256, key_kind::ed25519, key_kind::rsa_2048}) {
        EXPECT_EQ(code_of(verdict(the_authority().issue(for_domain().key(kind)))),
                  std::error_code());
    }
}

TEST(certificate_check, trusts_a_self_signed_certificate_that_was_given_as_ca) {
    const auto shown = test_authority::self_signed(for_domain());
    engine_pair engines(tls_settings().ca_pem(shown.ca_pem()), server_settings(shown));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), std::error_code());
}

TEST(certificate_check, trusts_a_pinned_certificate_without_its_authority) {
    const auto shown = test_authority("Another Authority").issue(for_domain());
    engine_pair engines(tls_settings().ca_pem(shown.certificate_pem()), server_settings(shown));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), std::error_code());
}

TEST(certificate_check, checks_the_name_of_a_pinned_certificate_all_the_same) {
    const auto shown = the_authority().issue(for_domain("example.net"));
    engine_pair engines(tls_settings().ca_pem(shown.certificate_pem()), server_settings(shown));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), make_error_code(certificate_errc::name_mismatch));
}

TEST(certificate_check, does_not_trust_without_being_told_to) {
    engine_pair engines(tls_settings(), server_settings());
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), make_error_code(certificate_errc::unknown_issuer));
}

TEST(certificate_check, leaves_the_decision_to_a_verify_callback_of_the_hook) {
    const auto accept = [](SSL_CTX* context) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    };
    const auto shown = test_authority::self_signed(for_domain("example.net"));
    engine_pair engines(tls_settings().configure(hook(accept)), server_settings(shown));
    engines.handshake();
    EXPECT_EQ(code_of(engines.client_failure), std::error_code());
    EXPECT_TRUE(engines.client_done);
}

TEST(certificate_check, does_not_blame_a_certificate_that_was_let_through_for_later_failures) {
    const auto optional = [](SSL_CTX* context) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    };
    engine_pair engines(tls_settings().configure(hook(optional)), server_settings());
    engines.handshake();
    ASSERT_TRUE(engines.client_done);
    std::string room(100, '\0');
    EXPECT_EQ(code_of([&] { engines.client.read("this is not TLS", room); }),
              make_error_code(errc::tls_failure));
}

TEST(certificate_check, compares_with_another_name_when_told_to) {
    detail::tls_engine client(detail::shared_tls_context(client_settings()), "chat.example.net",
                              "example.org");
    detail::tls_engine server(detail::shared_tls_context(server_settings()));
    client.handshake({});
    server.handshake(client.take_output());
    EXPECT_STREQ(SSL_get_servername(server.native(), TLSEXT_NAMETYPE_host_name),
                 "chat.example.net");
    EXPECT_TRUE(client.handshake(server.take_output()));
}

TEST(certificate_check, refuses_names_that_can_not_be_one) {
    using std::string_literals::operator""s;
    for (const auto& name : {""s, "127.0.0.1\0.evil"s, "a\0b"s}) {
        EXPECT_EQ(code_of([&] {
                      detail::tls_engine(detail::shared_tls_context(client_settings()), name);
                  }),
                  make_error_code(errc::invalid_options));
    }
}

TEST(certificate_check, bounds_what_it_repeats_of_a_hostile_certificate) {
    certificate_request request("x");
    for (int i = 0; i < 100; ++i) request.dns(std::string(250, 'a') + ".example");
    const auto text = explanation_of(verdict(the_authority().issue(request)));
    EXPECT_LT(text.size(), 4000u);
    EXPECT_THAT(text, HasSubstr(", ..."));
}

TEST(certificate_check, servers_demand_client_certificates_when_told_to) {
    const auto issued =
        the_authority().issue(certificate_request("juliet").purpose(certificate_purpose::client));
    const auto demanding =
        server_settings().ca_pem(the_authority().ca_pem()).request_client_certificate(true);

    engine_pair with(client_settings().certificate_pem(issued.chain_pem(), issued.key_pem()),
                     demanding);
    with.handshake();
    EXPECT_TRUE(with.server_done);

    engine_pair without(client_settings(), demanding);
    without.handshake();
    EXPECT_EQ(code_of(without.server_failure), make_error_code(errc::tls_failure));
}

}  // namespace
}  // namespace xmpp::test
