#include <xmpp/testing/certificates.hpp>

#include "net/tls/openssl_ptr.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace xmpp::testing {

using detail::bio_ptr;
using detail::general_names_ptr;
using detail::openssl_free;
using detail::pkey_ptr;
using detail::x509_ptr;

struct test_authority::state {
    x509_ptr certificate;
    pkey_ptr key;
    std::string issuers_pem;  // its own certificate, then those above it
    std::string root_pem;
};

namespace {

using general_name_ptr = std::unique_ptr<GENERAL_NAME, openssl_free<GENERAL_NAME_free>>;

/// For results that are only missing when memory is, or this file is wrong.
template <class T>
T must(T result) {
    if (!result) {
        throw std::runtime_error(
            fmt::format("making a certificate: {}", ERR_error_string(ERR_get_error(), nullptr)));
    }
    return result;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate) {
    const bio_ptr out(must(BIO_new(BIO_s_mem())));
    must(PEM_write_bio_X509(out.get(), certificate));
    return text_of(out.get());
}

std::string pem_of(EVP_PKEY* key) {
    const bio_ptr out(must(BIO_new(BIO_s_mem())));
    must(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr));
    return text_of(out.get());
}

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    must(X509_digest(certificate, EVP_sha256(), digest.data(), &size));
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
}

pkey_ptr make_key(key_kind kind) {
    switch (kind) {
        case key_kind::ed25519:
            return pkey_ptr(must(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
        case key_kind::rsa_1024:
            return pkey_ptr(must(EVP_RSA_gen(1024)));
        case key_kind::rsa_2048:
            return pkey_ptr(must(EVP_RSA_gen(2048)));
        case key_kind::ec_p256:
            break;
    }
    return pkey_ptr(must(EVP_EC_gen("P-256")));
}

void set_random_serial(X509* certificate) {
    std::uint64_t number = 0;
    must(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (number >> 1) | 1));
}

void set_common_name(X509* certificate, const std::string& name) {
    must(X509_NAME_add_entry_by_NID(
        X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0));
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, openssl_free<X509_EXTENSION_free>> made(
        must(X509V3_EXT_nconf_nid(nullptr, &context, nid, value)));
    must(X509_add_ext(certificate, made.get(), -1));
}

/// A string type of ASN.1 with exactly these bytes.
ASN1_STRING* make_string(int type, const std::string& bytes) {
    auto* string = must(ASN1_STRING_type_new(type));
    must(ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size())));
    return string;
}

general_name_ptr make_other_name(int nid, int type, const std::string& bytes) {
    general_name_ptr name(must(GENERAL_NAME_new()));
    auto* value = must(ASN1_TYPE_new());
    ASN1_TYPE_set(value, type, make_string(type, bytes));
    must(GENERAL_NAME_set0_othername(name.get(), OBJ_nid2obj(nid), value));
    return name;
}

general_name_ptr make_dns_name(const std::string& bytes) {
    general_name_ptr name(must(GENERAL_NAME_new()));
    GENERAL_NAME_set0_value(name.get(), GEN_DNS, make_string(V_ASN1_IA5STRING, bytes));
    return name;
}

general_name_ptr make_ip_name(const std::string& address) {
    auto* bytes = a2i_IPADDRESS(address.c_str());
    if (!bytes) throw std::invalid_argument(fmt::format("'{}' is no IP address", address));
    general_name_ptr name(must(GENERAL_NAME_new()));
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, bytes);
    return name;
}

const char* text_of(certificate_purpose purpose) {
    return purpose == certificate_purpose::client ? "clientAuth" : "serverAuth";
}

void sign(X509* certificate, EVP_PKEY* key, bool weak) {
    const EVP_MD* hash = weak ? EVP_sha1() : EVP_sha256();
    if (EVP_PKEY_is_a(key, "ED25519")) hash = nullptr;  // brings its own
    must(X509_sign(certificate, key, hash));
}

void write_file(const std::filesystem::path& path, const std::string& text, bool secret) {
    std::ofstream file;
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file.open(path, std::ios::binary | std::ios::trunc);
    if (secret) {
        using std::filesystem::perms;
        std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    }
    file << text;
    file.close();
}

}  // namespace

/// The one place that sees the insides of the public classes.
struct certificate_factory {
    using name_kind = certificate_request::name_kind;

    static x509_ptr make_unsigned(const certificate_request& request, EVP_PKEY* key) {
        x509_ptr made(must(X509_new()));
        must(X509_set_version(made.get(), X509_VERSION_3));
        set_random_serial(made.get());
        must(ASN1_TIME_set(X509_getm_notBefore(made.get()),
                           std::chrono::system_clock::to_time_t(request.valid_from_)));
        must(ASN1_TIME_set(X509_getm_notAfter(made.get()),
                           std::chrono::system_clock::to_time_t(request.valid_to_)));
        set_common_name(made.get(), request.common_name_);
        must(X509_set_pubkey(made.get(), key));
        return made;
    }

    static general_name_ptr make_name(name_kind kind, const std::string& text) {
        switch (kind) {
            case name_kind::ip:
                return make_ip_name(text);
            case name_kind::xmpp_address:
                return make_other_name(NID_XmppAddr, V_ASN1_UTF8STRING, text);
            case name_kind::srv_name:
                return make_other_name(NID_SRVName, V_ASN1_IA5STRING, text);
            case name_kind::dns:
                break;
        }
        return make_dns_name(text);
    }

    static void add_names(X509* certificate, const certificate_request& request) {
        if (request.names_.empty()) return;
        const general_names_ptr names(must(GENERAL_NAMES_new()));
        for (const auto& [kind, text] : request.names_) {
            auto name = make_name(kind, text);
            must(sk_GENERAL_NAME_push(names.get(), name.get()));
            static_cast<void>(name.release());
        }
        must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0));
    }

    /// `issuer` null: signs itself.
    static certificate make(const certificate_request& request,
                            const test_authority::state* issuer) {
        const auto key = make_key(request.key_);
        const auto made = make_unsigned(request, key.get());
        X509* const signer = issuer ? issuer->certificate.get() : made.get();
        must(X509_set_issuer_name(made.get(), X509_get_subject_name(signer)));
        add_extension(made.get(), signer, NID_basic_constraints, "critical,CA:FALSE");
        add_extension(made.get(), signer, NID_subject_key_identifier, "hash");
        if (issuer) add_extension(made.get(), signer, NID_authority_key_identifier, "keyid");
        if (request.purpose_ != certificate_purpose::any) {
            add_extension(made.get(), signer, NID_ext_key_usage, text_of(request.purpose_));
        }
        add_names(made.get(), request);
        sign(made.get(), issuer ? issuer->key.get() : key.get(), request.weak_signature_);

        certificate result;
        result.certificate_ = pem_of(made.get());
        result.key_ = pem_of(key.get());
        result.issuers_ = issuer ? issuer->issuers_pem : std::string();
        result.root_ = issuer ? issuer->root_pem : result.certificate_;
        result.fingerprint_ = fingerprint_of(made.get());
        return result;
    }

    /// `above` null: a root.
    static std::shared_ptr<const test_authority::state> make_authority(
        const std::string& name, bool may_sign, const test_authority::state* above) {
        auto result = std::make_shared<test_authority::state>();
        result->key = make_key(key_kind::ec_p256);
        result->certificate = make_unsigned(certificate_request(name), result->key.get());
        X509* const made = result->certificate.get();
        X509* const signer = above ? above->certificate.get() : made;
        must(X509_set_issuer_name(made, X509_get_subject_name(signer)));
        add_extension(made, signer, NID_basic_constraints,
                      may_sign ? "critical,CA:TRUE" : "critical,CA:FALSE");
        if (may_sign) add_extension(made, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
        add_extension(made, signer, NID_subject_key_identifier, "hash");
        if (above) add_extension(made, signer, NID_authority_key_identifier, "keyid");
        sign(made, above ? above->key.get() : result->key.get(), false);
        const auto pem = pem_of(made);
        result->issuers_pem = above ? pem + above->issuers_pem : pem;
        result->root_pem = above ? above->root_pem : pem;
        return result;
    }
};

certificate_request::certificate_request(std::string common_name)
    : common_name_(std::move(common_name)),
      valid_from_(std::chrono::system_clock::now() - std::chrono::hours(1)),
      valid_to_(valid_from_ + std::chrono::hours(25)) {}

certificate_request certificate_request::for_server(const std::string& domain) {
    certificate_request request(domain);
    request.dns(domain).dns("*." + domain).dns("localhost").ip("127.0.0.1").ip("::1");
    request.xmpp_address(domain).srv_name("_xmpp-client." + domain);
    return request;
}

certificate_request& certificate_request::dns(std::string name) {
    names_.emplace_back(name_kind::dns, std::move(name));
    return *this;
}

certificate_request& certificate_request::ip(std::string address) {
    names_.emplace_back(name_kind::ip, std::move(address));
    return *this;
}

certificate_request& certificate_request::xmpp_address(std::string address) {
    names_.emplace_back(name_kind::xmpp_address, std::move(address));
    return *this;
}

certificate_request& certificate_request::srv_name(std::string name) {
    names_.emplace_back(name_kind::srv_name, std::move(name));
    return *this;
}

certificate_request& certificate_request::key(key_kind kind) {
    key_ = kind;
    return *this;
}

certificate_request& certificate_request::weak_signature() {
    weak_signature_ = true;
    return *this;
}

certificate_request& certificate_request::valid(std::chrono::system_clock::time_point from,
                                                std::chrono::system_clock::time_point to) {
    valid_from_ = from;
    valid_to_ = to;
    return *this;
}

certificate_request& certificate_request::purpose(certificate_purpose use) {
    purpose_ = use;
    return *this;
}

void certificate::write_to(const std::filesystem::path& folder) const {
    write_file(folder / "ca.crt", root_, false);
    write_file(folder / "srv.crt", certificate_, false);
    write_file(folder / "srv.key", key_, true);
    write_file(folder / "chain.crt", chain_pem(), false);
    write_file(folder / "all.pem", chain_pem() + key_, true);
}

test_authority::test_authority(const std::string& name)
    : test_authority(certificate_factory::make_authority(name, true, nullptr)) {}

test_authority::test_authority(std::shared_ptr<const state> made) : state_(std::move(made)) {}

const std::string& test_authority::ca_pem() const noexcept {
    return state_->root_pem;
}

certificate test_authority::issue(const certificate_request& request) const {
    return certificate_factory::make(request, state_.get());
}

test_authority test_authority::subordinate(const std::string& name, bool may_sign) const {
    return test_authority(certificate_factory::make_authority(name, may_sign, state_.get()));
}

certificate test_authority::self_signed(const certificate_request& request) {
    return certificate_factory::make(request, nullptr);
}

}  // namespace xmpp::testing
