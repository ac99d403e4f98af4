#include <xmpp/testing/certificates.hpp>

#include "net/tls/openssl_ptr.hpp"
#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace xmpp::test {
namespace {

using testing::certificate_request;
using ::testing::HasSubstr;
using testing::key_kind;
using testing::test_authority;

detail::x509_ptr parse_pem(const std::string& pem) {
    const detail::bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return detail::x509_ptr(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
}

std::string printed(const std::string& pem) {
    const auto parsed = parse_pem(pem);
    const detail::bio_ptr out(BIO_new(BIO_s_mem()));
    X509_print(out.get(), parsed.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class folder {
 public:
    folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~folder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

TEST(certificates, a_server_has_every_name_that_real_servers_want) {
    const auto text = printed(the_certificate().certificate_pem());
    EXPECT_THAT(text, HasSubstr("DNS:example.org, DNS:*.example.org, DNS:localhost"));
    EXPECT_THAT(text, HasSubstr("IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
    EXPECT_THAT(text, HasSubstr("XmppAddr"));
    EXPECT_THAT(text, HasSubstr("SRVName"));
    EXPECT_THAT(text, HasSubstr("TLS Web Server Authentication"));
}

TEST(certificates, verify_against_their_authority_and_no_other) {
    const auto leaf = parse_pem(the_certificate().certificate_pem());
    const auto authority = parse_pem(the_authority().ca_pem());
    EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(authority.get())), 1);
    const auto other = parse_pem(test_authority().ca_pem());
    EXPECT_NE(X509_verify(leaf.get(), X509_get0_pubkey(other.get())), 1);
}

TEST(certificates, have_serial_numbers_of_their_own) {
    const auto a = parse_pem(the_authority().issue(certificate_request("a")).certificate_pem());
    const auto b = parse_pem(the_authority().issue(certificate_request("b")).certificate_pem());
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(a.get()), X509_get0_serialNumber(b.get())),
              0);
}

TEST(certificates, come_with_the_chain_up_to_the_root) {
    const auto middle = the_authority().subordinate("In Between");
    const auto issued = middle.issue(certificate_request("leaf"));
    EXPECT_EQ(middle.ca_pem(), the_authority().ca_pem());
    EXPECT_EQ(issued.ca_pem(), the_authority().ca_pem());
    EXPECT_THAT(issued.chain_pem(), ::testing::StartsWith(issued.certificate_pem()));
    EXPECT_THAT(issued.chain_pem(), ::testing::EndsWith(the_authority().ca_pem()));
}

TEST(certificates, refuse_an_address_that_is_none) {
    EXPECT_THROW(the_authority().issue(certificate_request("x").ip("300.1.2.3")),
                 std::invalid_argument);
}

TEST(certificates, have_the_fingerprint_that_servers_are_configured_with) {
    EXPECT_EQ(the_certificate().fingerprint().size(), 64u);
    EXPECT_EQ(the_certificate().fingerprint().find_first_not_of("0123456789abcdef"),
              std::string::npos);
}

TEST(certificates, are_written_with_the_key_for_the_owner_only) {
    const folder target;
    the_certificate().write_to(target.path());
    the_certificate().write_to(target.path());  // over what is there
    EXPECT_EQ(content_of(target.path() / "ca.crt"), the_authority().ca_pem());
    EXPECT_EQ(content_of(target.path() / "srv.crt"), the_certificate().certificate_pem());
    EXPECT_EQ(content_of(target.path() / "chain.crt"), the_certificate().chain_pem());
    EXPECT_EQ(content_of(target.path() / "srv.key"), the_certificate().key_pem());
    EXPECT_EQ(content_of(target.path() / "all.pem"),
              the_certificate().chain_pem() + the_certificate().key_pem());
    using std::filesystem::perms;
    for (const char* name : {"srv.key", "all.pem"}) {
        EXPECT_EQ(std::filesystem::status(target.path() / name).permissions(),
                  perms::owner_read | perms::owner_write);
    }
}

}  // namespace
}  // namespace xmpp::test
