#include <xmpp/error.hpp>

#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace xmpp::test {
namespace {

using detail::shared_tls_context;
using detail::tls_context;
using detail::tls_role;
using detail::tls_settings;
using ::testing::HasSubstr;

class file {
 public:
    explicit file(const std::string& content) {
        std::string name = (std::filesystem::temp_directory_path() / "tls-XXXXXX").string();
        const int descriptor = mkstemp(name.data());
        EXPECT_GE(descriptor, 0);
        close(descriptor);
        path_ = name;
        std::ofstream(path_) << content;
    }
    ~file() { std::filesystem::remove(path_); }
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

std::string refusal_of(const tls_settings& settings) {
    try {
        tls_context context(settings);
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), make_error_code(errc::invalid_options));
        return std::string(refused.explanation());
    }
    return "accepted";
}

TEST(tls_context, is_shared_by_equal_settings) {
    EXPECT_EQ(shared_tls_context(client_settings()), shared_tls_context(client_settings()));
    EXPECT_NE(shared_tls_context(client_settings()),
              shared_tls_context(client_settings().alpn({"xmpp-client"})));
}

TEST(tls_context, is_shared_by_settings_with_the_same_hook) {
    const auto one = hook([](SSL_CTX*) {});
    const auto other = hook([](SSL_CTX*) {});
    const auto made = shared_tls_context(client_settings().configure(one));
    EXPECT_EQ(made, shared_tls_context(client_settings().configure(one)));
    EXPECT_NE(made, shared_tls_context(client_settings().configure(other)));
}

TEST(tls_context, is_made_anew_when_a_file_has_changed) {
    const file authority(the_authority().ca_pem());
    const auto settings = tls_settings().ca_file(authority.path());
    const auto before = shared_tls_context(settings);
    EXPECT_EQ(before, shared_tls_context(settings));
    std::filesystem::last_write_time(
        authority.path(),
        std::filesystem::last_write_time(authority.path()) + std::chrono::seconds(5));
    EXPECT_NE(before, shared_tls_context(settings));
}

TEST(tls_context, takes_authorities_and_certificates_from_files) {
    const file authority(the_authority().ca_pem());
    const file chain(the_certificate().chain_pem());
    const file key(the_certificate().key_pem());
    engine_pair engines(tls_settings().ca_file(authority.path()),
                        tls_settings(tls_role::server).certificate_files(chain.path(), key.path()));
    engines.handshake();
    EXPECT_TRUE(engines.client_done);
    EXPECT_TRUE(engines.server_done);
}

TEST(tls_context, names_the_file_that_can_not_be_used) {
    const file empty("");
    const file chain(the_certificate().chain_pem());
    const file wrong_key(the_authority().issue(testing::certificate_request("x")).key_pem());
    EXPECT_THAT(refusal_of(tls_settings().ca_file("/nowhere/ca.pem")),
                HasSubstr("/nowhere/ca.pem"));
    EXPECT_THAT(refusal_of(tls_settings().ca_file(empty.path())), HasSubstr(empty.path().string()));
    EXPECT_THAT(refusal_of(tls_settings().certificate_files("/nowhere/my.pem", "/nowhere/my.key")),
                HasSubstr("/nowhere/my.pem"));
    EXPECT_THAT(refusal_of(tls_settings().certificate_files(chain.path(), "/nowhere/my.key")),
                HasSubstr("/nowhere/my.key"));
    EXPECT_THAT(refusal_of(tls_settings().certificate_files(chain.path(), wrong_key.path())),
                HasSubstr("key values mismatch"));
}

TEST(tls_context, refuses_text_that_holds_no_certificate) {
    EXPECT_THAT(refusal_of(tls_settings().ca_pem("no PEM")), HasSubstr("ca_pem"));
    EXPECT_THAT(refusal_of(tls_settings().ca_pem("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                                 "-----END CERTIFICATE-----\n")),
                HasSubstr("ca_pem"));
    EXPECT_THAT(refusal_of(tls_settings().certificate_pem("no PEM", "none")),
                HasSubstr("certificate"));
    EXPECT_THAT(refusal_of(tls_settings().certificate_pem(the_certificate().chain_pem(), "none")),
                HasSubstr("key"));
}

TEST(tls_context, does_not_ask_for_a_passphrase) {
    const char* const encrypted =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
        "-----END RSA PRIVATE KEY-----\n";
    EXPECT_THAT(
        refusal_of(tls_settings().certificate_pem(the_certificate().chain_pem(), encrypted)),
        HasSubstr("key"));
}

TEST(tls_context, refuses_protocol_names_that_alpn_can_not_carry) {
    EXPECT_THAT(refusal_of(tls_settings().alpn({""})), HasSubstr("ALPN"));
    EXPECT_THAT(refusal_of(tls_settings().alpn({std::string(256, 'x')})), HasSubstr("ALPN"));
}

TEST(tls_context, accepts_nothing_below_its_baseline) {
    const tls_context context{tls_settings()};
    EXPECT_GE(SSL_CTX_get_min_proto_version(context.native()), TLS1_2_VERSION);
    EXPECT_GE(SSL_CTX_get_security_level(context.native()), 2);
}

TEST(tls_context, lets_the_hook_have_the_last_word) {
    const tls_context context(tls_settings().configure(
        hook([](SSL_CTX* made) { SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION); })));
    EXPECT_EQ(SSL_CTX_get_min_proto_version(context.native()), TLS1_3_VERSION);
}

}  // namespace
}  // namespace xmpp::test
