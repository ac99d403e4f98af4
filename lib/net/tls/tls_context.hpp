#pragma once

#include "net/tls/openssl_ptr.hpp"
#include "net/tls/tls_settings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// An OpenSSL context made of settings: what all TLS streams with them have in common. Immutable,
/// hence usable from several threads.
///
/// Fixed for every context: TLS 1.2 or newer (or what the system's configuration demands beyond
/// that), no sessions kept, no renegotiation, no compression. Clients verify the certificate: chain
/// up to the system's or the given authorities, security level 2 (RSA from 2048 bits, no SHA-1).
/// Which name it must bear is set for each stream, by tls_engine.
///
/// There is no switch to accept everything; who must can install a verify callback in the hook.
class tls_context {
 public:
    /// \throws xmpp::error(errc::invalid_options) for files or PEM text that can't be used.
    explicit tls_context(const tls_settings& settings);
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    tls_role role() const noexcept { return role_; }
    const std::vector<std::string>& alpn() const noexcept { return alpn_; }
    SSL_CTX* native() const noexcept { return context_.get(); }

 private:
    void set_baseline();
    void load_authorities(const tls_settings& settings);
    void load_certificate(const tls_settings& settings);
    void set_verification(const tls_settings& settings);
    void set_alpn();

    tls_role role_;
    std::vector<std::string> alpn_;
    std::string alpn_wire_;  // length-prefixed, as OpenSSL wants it
    ssl_ctx_ptr context_;
};

/// Makes a context that another library made demand what ours demand: lowest version, security
/// level, authorities, our certificate, verification.
/// \throws xmpp::error(errc::tls_failure)
void apply_tls_context(const tls_context& from, SSL_CTX* to);

/// The context for the settings: one that is in use already where there is one, so that thousands
/// of sessions with equal settings share it. Files that changed on disk make a new one.
/// Thread-safe.
std::shared_ptr<const tls_context> shared_tls_context(const tls_settings& settings);

}  // namespace xmpp::detail
