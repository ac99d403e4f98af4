#pragma once

#include <openssl/types.h>

#include <compare>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

enum class tls_role { client, server };

/// What the user does to the finished context: ciphers, verify callback, engines, key log, ...
using tls_hook = std::function<void(SSL_CTX*)>;

/// How TLS is to be spoken. Equal settings share one context (shared_tls_context()).
class tls_settings {
 public:
    explicit tls_settings(tls_role role = tls_role::client) : role_(role) {}

    /// Certificates to trust besides the system's: a PEM file, or a folder as OpenSSL wants it.
    /// Any certificate may be an anchor, also that of a server itself.
    tls_settings& ca_file(std::filesystem::path path) {
        ca_file_ = std::move(path);
        return *this;
    }
    /// The same as PEM text.
    tls_settings& ca_pem(std::string text) {
        ca_pem_ = std::move(text);
        return *this;
    }
    /// Our own certificate (with its chain) and its key, in PEM files.
    tls_settings& certificate_files(std::filesystem::path chain, std::filesystem::path key) {
        certificate_file_ = std::move(chain);
        key_file_ = std::move(key);
        return *this;
    }
    /// The same as PEM text.
    tls_settings& certificate_pem(std::string chain, std::string key) {
        certificate_pem_ = std::move(chain);
        key_pem_ = std::move(key);
        return *this;
    }
    /// Protocols of application-layer negotiation (RFC 7301), best first. A client accepts that
    /// the server chooses none, but not that it chooses another.
    tls_settings& alpn(std::vector<std::string> protocols) {
        alpn_ = std::move(protocols);
        return *this;
    }
    /// Servers: asks for a certificate and refuses one that is not trusted.
    tls_settings& request_client_certificate(bool on) {
        request_client_certificate_ = on;
        return *this;
    }
    /// Runs last, on every context made of these settings. The pointer tells hooks apart: share
    /// one among settings that are to share a context. Null: none.
    tls_settings& configure(std::shared_ptr<const tls_hook> hook) {
        hook_ = std::move(hook);
        return *this;
    }

    tls_role role() const noexcept { return role_; }
    const std::filesystem::path& ca_file() const noexcept { return ca_file_; }
    const std::string& ca_pem() const noexcept { return ca_pem_; }
    const std::filesystem::path& certificate_file() const noexcept { return certificate_file_; }
    const std::filesystem::path& key_file() const noexcept { return key_file_; }
    const std::string& certificate_pem() const noexcept { return certificate_pem_; }
    const std::string& key_pem() const noexcept { return key_pem_; }
    const std::vector<std::string>& alpn() const noexcept { return alpn_; }
    bool request_client_certificate() const noexcept { return request_client_certificate_; }
    const std::shared_ptr<const tls_hook>& configure() const noexcept { return hook_; }

    auto operator<=>(const tls_settings&) const = default;

 private:
    tls_role role_;
    std::filesystem::path ca_file_;
    std::string ca_pem_;
    std::filesystem::path certificate_file_;
    std::filesystem::path key_file_;
    std::string certificate_pem_;
    std::string key_pem_;
    std::vector<std::string> alpn_;
    bool request_client_certificate_ = false;
    std::shared_ptr<const tls_hook> hook_;
};

}  // namespace xmpp::detail
