#include "net/tls/tls_context.hpp"

#include <xmpp/error.hpp>

#include "net/tls/certificate_check.hpp"
#include "net/tls/system_authorities.hpp"
#include "net/tls/tls_error.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <limits>
#include <string_view>

namespace xmpp::detail {
namespace {

[[noreturn]] void refuse_settings(std::string_view what) {
    throw error(errc::invalid_options, fmt::format("{}: {}", what, take_openssl_errors()));
}

/// Instead of OpenSSL's own, which asks at the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

/// OpenSSL notes in a certificate what it finds out on first use. To have that done before threads
/// share the certificate saves them from waiting for each other.
void prepare_certificates(X509_STORE* store) {
    auto* const objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (auto* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i))) {
            X509_check_purpose(certificate, -1, 0);
        }
    }
    ERR_clear_error();  // one that makes no sense is refused when it is met in a chain
}

bio_ptr reader_of(const std::string& text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        throw error(errc::invalid_options, "PEM text of more than 2 GiB");
    }
    return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// The next certificate of a PEM text; null at its end.
x509_ptr next_certificate(BIO* source, std::string_view what) {
    x509_ptr certificate(PEM_read_bio_X509(source, nullptr, no_passphrase, nullptr));
    if (!certificate) {
        const auto reason = ERR_GET_REASON(ERR_peek_last_error());
        if (reason != PEM_R_NO_START_LINE) refuse_settings(what);
        ERR_clear_error();
    }
    return certificate;
}

/// RFC 9325 4.2: under TLS 1.2, forward secrecy and authenticated encryption.
bool is_recommended(const SSL_CIPHER* cipher) {
    return SSL_CIPHER_get_kx_nid(cipher) == NID_kx_ecdhe && SSL_CIPHER_is_aead(cipher) == 1 &&
           SSL_CIPHER_get_auth_nid(cipher) != NID_auth_null;
}

/// Of what the system's configuration file leaves, in its order. TLS 1.3 has nothing else.
void limit_ciphers(SSL_CTX* context) {
    std::string names;
    const auto* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const auto* cipher = sk_SSL_CIPHER_value(all, i);
        if (!is_recommended(cipher)) continue;
        if (!names.empty()) names += ':';
        names += SSL_CIPHER_get_name(cipher);
    }
    if (names.empty()) {
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    } else if (SSL_CTX_set_cipher_list(context, names.c_str()) != 1) {
        refuse_settings("limiting the ciphers of TLS 1.2");
    }
}

int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned int offered_size, void* ours) {
    const auto& wire = *static_cast<const std::string*>(ours);
    unsigned char* match = nullptr;
    const int result = SSL_select_next_proto(
        &match, chosen_size, reinterpret_cast<const unsigned char*>(wire.data()),
        static_cast<unsigned int>(wire.size()), offered, offered_size);
    *chosen = match;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_verify_flags(SSL_CTX* context) {
    auto* parameters = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    // The subject's common name is no host name (RFC 6125 6.4.4 made it a last resort, RFC 9525
    // does away with it); a wildcard stands for a whole label.
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
}

}  // namespace

tls_context::tls_context(const tls_settings& settings)
    : role_(settings.role()), alpn_(settings.alpn()), context_(SSL_CTX_new(TLS_method())) {
    if (!context_) refuse_settings("creating a TLS context");
    set_baseline();
    load_authorities(settings);
    load_certificate(settings);
    set_verification(settings);
    set_alpn();
    if (settings.configure() && *settings.configure()) {
        (*settings.configure())(native());
        ERR_clear_error();  // what the hook left must not be taken for a failure of a stream
    }
}

void tls_context::set_baseline() {
    // The system's configuration file may demand more; never fall below it.
    if (SSL_CTX_get_min_proto_version(native()) < TLS1_2_VERSION) {
        SSL_CTX_set_min_proto_version(native(), TLS1_2_VERSION);
    }
    if (role_ == tls_role::client) {
        SSL_CTX_set_security_level(native(), std::max(2, SSL_CTX_get_security_level(native())));
    }
    if (role_ == tls_role::client) limit_ciphers(native());
    SSL_CTX_set_options(native(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(native(), 0);
    // Buffers of 17 kB live while a record is worked on, not as long as the session.
    SSL_CTX_set_mode(native(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_default_passwd_cb(native(), no_passphrase);
}

void tls_context::load_authorities(const tls_settings& settings) {
    if (role_ == tls_role::client) trust_system_authorities(native());
    if (!settings.ca_file().empty()) {
        const auto path = settings.ca_file().string();
        const bool loaded = std::filesystem::is_directory(settings.ca_file())
                                ? SSL_CTX_load_verify_dir(native(), path.c_str()) == 1
                                : SSL_CTX_load_verify_file(native(), path.c_str()) == 1;
        if (!loaded) {
            refuse_settings(fmt::format("no certificate of an authority in ca_file '{}'", path));
        }
    }
    if (!settings.ca_pem().empty()) {
        constexpr auto what = "no certificate of an authority in ca_pem";
        const auto source = reader_of(settings.ca_pem());
        auto* store = SSL_CTX_get_cert_store(native());
        int count = 0;
        while (const auto certificate = next_certificate(source.get(), what)) {
            if (X509_STORE_add_cert(store, certificate.get()) != 1) refuse_settings(what);
            ++count;
        }
        if (count == 0) refuse_settings(what);
    }
    prepare_certificates(SSL_CTX_get_cert_store(native()));
}

void tls_context::load_certificate(const tls_settings& settings) {
    if (!settings.certificate_file().empty()) {
        const auto chain = settings.certificate_file().string();
        const auto key = settings.key_file().string();
        if (SSL_CTX_use_certificate_chain_file(native(), chain.c_str()) != 1) {
            refuse_settings(fmt::format("the certificate in '{}' can't be used", chain));
        }
        if (SSL_CTX_use_PrivateKey_file(native(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
            refuse_settings(fmt::format(
                "the key in '{}' can't be used (load one with a passphrase in the configure hook)",
                key));
        }
    }
    if (!settings.certificate_pem().empty()) {
        constexpr auto what = "the certificate given as PEM text can't be used";
        const auto source = reader_of(settings.certificate_pem());
        const auto leaf = next_certificate(source.get(), what);
        if (!leaf || SSL_CTX_use_certificate(native(), leaf.get()) != 1) refuse_settings(what);
        while (const auto issuer = next_certificate(source.get(), what)) {
            if (SSL_CTX_add1_chain_cert(native(), issuer.get()) != 1) refuse_settings(what);
        }
        const auto key_source = reader_of(settings.key_pem());
        const pkey_ptr key(
            PEM_read_bio_PrivateKey(key_source.get(), nullptr, no_passphrase, nullptr));
        if (!key || SSL_CTX_use_PrivateKey(native(), key.get()) != 1) {
            refuse_settings("the key given as PEM text can't be used");
        }
    }
}

void tls_context::set_verification(const tls_settings& settings) {
    if (role_ == tls_role::server && !settings.request_client_certificate()) return;
    set_verify_flags(native());
    const int mode = role_ == tls_role::server ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                                               : SSL_VERIFY_PEER;
    SSL_CTX_set_verify(native(), mode, nullptr);
    SSL_CTX_set_cert_verify_callback(native(), verify_and_explain, nullptr);
}

void tls_context::set_alpn() {
    if (alpn_.empty()) return;
    for (const auto& protocol : alpn_) {
        if (protocol.empty() || protocol.size() > 255) {
            throw error(errc::invalid_options, "an ALPN protocol has 1 to 255 bytes");
        }
        alpn_wire_ += static_cast<char>(protocol.size());
        alpn_wire_ += protocol;
    }
    if (role_ == tls_role::server) {
        SSL_CTX_set_alpn_select_cb(native(), choose_alpn, &alpn_wire_);
    } else if (SSL_CTX_set_alpn_protos(native(),
                                       reinterpret_cast<const unsigned char*>(alpn_wire_.data()),
                                       static_cast<unsigned int>(alpn_wire_.size())) != 0) {
        refuse_settings("the ALPN protocols can't be used");
    }
}

void apply_tls_context(const tls_context& from, SSL_CTX* to) {
    SSL_CTX* const ours = from.native();
    SSL_CTX_set_min_proto_version(to, SSL_CTX_get_min_proto_version(ours));
    SSL_CTX_set_security_level(to, SSL_CTX_get_security_level(ours));
    limit_ciphers(to);
    SSL_CTX_set_options(to, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set1_cert_store(to, SSL_CTX_get_cert_store(ours));
    SSL_CTX_set_verify(to, SSL_CTX_get_verify_mode(ours), nullptr);
    set_verify_flags(to);
    X509* const certificate = SSL_CTX_get0_certificate(ours);
    if (!certificate) return;
    STACK_OF(X509)* chain = nullptr;
    // NOLINTNEXTLINE(bugprone-multi-level-implicit-pointer-conversion): OpenSSL's macro
    SSL_CTX_get0_chain_certs(ours, &chain);
    if (SSL_CTX_use_cert_and_key(to, certificate, SSL_CTX_get0_privatekey(ours), chain, 1) != 1) {
        throw take_tls_error("presenting our certificate");
    }
}

}  // namespace xmpp::detail
