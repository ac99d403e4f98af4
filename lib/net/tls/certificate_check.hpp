#pragma once

#include <xmpp/error.hpp>

#include <openssl/types.h>

#include <exception>
#include <optional>
#include <string>

namespace xmpp::detail {

/// What a stream knows of the peer's certificate: the name that it must bear, and why it was
/// refused.
///
/// Names are matched by OpenSSL: the certificate's dNSName entries, or its iPAddress entries when
/// `wanted` is an IP address. The SRVName and XmppAddr entries of RFC 6120 are not accepted in
/// their place: public authorities issue none, and OpenSSL does not apply an authority's name
/// constraints to them, so that an authority limited to one domain could vouch for any.
class certificate_check {
 public:
    certificate_check() = default;
    explicit certificate_check(std::string wanted) : wanted_(std::move(wanted)) {}
    certificate_check(const certificate_check&) = delete;
    certificate_check& operator=(const certificate_check&) = delete;

    /// Makes `ssl` want the name, and report to this object, which must live as long.
    /// \throws xmpp::error(errc::invalid_options) for a name that can't be one.
    void attach_to(SSL* ssl);
    /// The same for every stream of a context, which another library makes its streams of.
    void attach_to(SSL_CTX* context);

    /// Throws the reason of a refusal, if there was one.
    void throw_if_refused() const {
        if (refusal_) throw error(*refusal_);
    }

    const std::string& wanted() const noexcept { return wanted_; }
    void refuse(error reason) { refusal_.emplace(std::move(reason)); }
    /// The handshake went on all the same: a hook may have made verification optional.
    void disregard() noexcept { refusal_.reset(); }

 private:
    void want_name(X509_VERIFY_PARAM* parameters) const;

    std::string wanted_;
    std::optional<error> refusal_;
};

/// For SSL_CTX_set_cert_verify_callback(): OpenSSL's verification, and a note of what it found
/// wrong in the certificate_check that `check` points to, or else in the stream's own.
int verify_and_explain(X509_STORE_CTX* store, void* check);

/// The code for an X509_V_ERR_*.
certificate_errc certificate_errc_from(int verify_error) noexcept;

}  // namespace xmpp::detail
