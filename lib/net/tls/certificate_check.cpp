#include "net/tls/certificate_check.hpp"

#include "net/tls/certificate_text.hpp"
#include "net/tls/openssl_ptr.hpp"
#include "net/tls/tls_error.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <string_view>

namespace xmpp::detail {
namespace {

int slot_of_the_check() {
    static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
}

std::string_view advice(certificate_errc code) noexcept {
    switch (code) {
        case certificate_errc::name_mismatch:
            return "check the address, or connect to a name that the certificate bears";
        case certificate_errc::expired:
            return "the operator must renew it";
        case certificate_errc::not_yet_valid:
            return "check this machine's clock";
        case certificate_errc::self_signed:
            return "if it is the right one, give it as ca_file";
        case certificate_errc::unknown_issuer:
            return "if its authority is to be trusted, give that one's certificate as ca_file; the "
                   "server may also have left out certificates in between";
        case certificate_errc::invalid_purpose:
            return "the operator must get one for this use";
        case certificate_errc::invalid_authority:
        case certificate_errc::bad_signature:
            return "somebody may be in between";
        case certificate_errc::too_weak:
            return "RSA keys must have 2048 bits or more, signatures must not use SHA-1";
        case certificate_errc::revoked:
        case certificate_errc::other:
            break;
    }
    return {};
}

error explain(X509_STORE_CTX* store, const std::string& wanted) {
    const int verify_error = X509_STORE_CTX_get_error(store);
    const auto code = certificate_errc_from(verify_error);
    const X509* const leaf = X509_STORE_CTX_get0_cert(store);
    const X509* const culprit = X509_STORE_CTX_get_current_cert(store);
    std::string text = wanted.empty() ? std::string("the certificate presented by the peer")
                                      : fmt::format("the certificate presented for '{}'", wanted);
    if (leaf) text += ' ' + describe_certificate(*leaf);
    if (culprit && X509_STORE_CTX_get_error_depth(store) > 0) {
        text += fmt::format("; at fault is the certificate of {}, which {}", subject_of(*culprit),
                            describe_certificate(*culprit));
    }
    text += fmt::format("; OpenSSL says: {}", X509_verify_cert_error_string(verify_error));
    if (const auto hint = advice(code); !hint.empty()) text += fmt::format("; {}", hint);
    return error(code, text);
}

}  // namespace

void certificate_check::attach_to(SSL* ssl) {
    SSL_set_ex_data(ssl, slot_of_the_check(), this);
    want_name(SSL_get0_param(ssl));
}

void certificate_check::attach_to(SSL_CTX* context) {
    SSL_CTX_set_cert_verify_callback(context, verify_and_explain, this);
    want_name(SSL_CTX_get0_param(context));
}

void certificate_check::want_name(X509_VERIFY_PARAM* parameters) const {
    if (wanted_.empty()) return;
    const bool bracketed = wanted_.front() == '[' && wanted_.back() == ']';
    const auto address = bracketed ? wanted_.substr(1, wanted_.size() - 2) : wanted_;
    const bool has_nul = wanted_.find('\0') != std::string::npos;  // would end the C string early
    if (!has_nul && X509_VERIFY_PARAM_set1_ip_asc(parameters, address.c_str()) == 1) return;
    ERR_clear_error();
    if (X509_VERIFY_PARAM_set1_host(parameters, wanted_.data(), wanted_.size()) != 1) {
        throw error(errc::invalid_options,
                    fmt::format("'{}' can't be the name of a certificate: {}", wanted_,
                                take_openssl_errors()));
    }
}

int verify_and_explain(X509_STORE_CTX* store, void* given) {
    const int result = X509_verify_cert(store);
    if (result > 0) return result;
    auto* check = static_cast<certificate_check*>(given);
    if (!check) {
        const auto* ssl = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        check = static_cast<certificate_check*>(SSL_get_ex_data(ssl, slot_of_the_check()));
    }
    if (check) {
        try {
            check->refuse(explain(store, check->wanted()));
        } catch (...) {
            // Out of memory, below C functions: the refusal stands, without its explanation.
        }
    }
    return result;
}

certificate_errc certificate_errc_from(int verify_error) noexcept {
    switch (verify_error) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
        case X509_V_ERR_EMAIL_MISMATCH:
            return certificate_errc::name_mismatch;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return certificate_errc::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return certificate_errc::not_yet_valid;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return certificate_errc::self_signed;
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_UNTRUSTED:
            return certificate_errc::unknown_issuer;
        case X509_V_ERR_INVALID_PURPOSE:
        case X509_V_ERR_CERT_REJECTED:
            return certificate_errc::invalid_purpose;
        case X509_V_ERR_INVALID_CA:
        case X509_V_ERR_INVALID_NON_CA:
        case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        case X509_V_ERR_PERMITTED_VIOLATION:
        case X509_V_ERR_EXCLUDED_VIOLATION:
            return certificate_errc::invalid_authority;
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return certificate_errc::too_weak;
        case X509_V_ERR_CERT_REVOKED:
            return certificate_errc::revoked;
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return certificate_errc::bad_signature;
        default:
            return certificate_errc::other;
    }
}

}  // namespace xmpp::detail
