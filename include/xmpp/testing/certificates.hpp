#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// \file
/// Certificates made at run time, for tests: good ones for servers on this machine, and ones that
/// are wrong in every way that a client has to notice. Nothing here is fit for real use.

namespace xmpp::testing {

enum class key_kind { ec_p256, ed25519, rsa_1024, rsa_2048 };
enum class certificate_purpose { any, server, client };

/// What a certificate shall say. Fluent; everything has a sensible default: no names, a P-256 key,
/// signed with SHA-256, valid from an hour ago for a day, for servers.
class certificate_request {
 public:
    explicit certificate_request(std::string common_name = "test");

    /// For a server of that domain on this machine: the domain and everything below it,
    /// "localhost", both loopback addresses, and the names of RFC 6120 13.7.1 (XmppAddr, SRVName).
    static certificate_request for_server(const std::string& domain);

    /// Each adds a subject alternative name; taken as it is, also with NUL bytes in it.
    certificate_request& dns(std::string name);
    /// \throws std::invalid_argument when issued, for text that is no IP address
    certificate_request& ip(std::string address);
    certificate_request& xmpp_address(std::string address);
    certificate_request& srv_name(std::string name);

    certificate_request& key(key_kind kind);
    /// Signs with SHA-1, which has been too weak for years.
    certificate_request& weak_signature();
    certificate_request& valid(std::chrono::system_clock::time_point from,
                               std::chrono::system_clock::time_point to);
    certificate_request& purpose(certificate_purpose use);

 private:
    friend struct certificate_factory;
    enum class name_kind { dns, ip, xmpp_address, srv_name };

    std::string common_name_;
    std::vector<std::pair<name_kind, std::string>> names_;
    key_kind key_ = key_kind::ec_p256;
    bool weak_signature_ = false;
    std::chrono::system_clock::time_point valid_from_;
    std::chrono::system_clock::time_point valid_to_;
    certificate_purpose purpose_ = certificate_purpose::server;
};

/// A certificate with its key and those that lead up to its root, all in PEM.
class certificate {
 public:
    const std::string& certificate_pem() const noexcept { return certificate_; }
    const std::string& key_pem() const noexcept { return key_; }
    /// The certificate and its issuers, root last.
    std::string chain_pem() const { return certificate_ + issuers_; }
    /// The root, to be trusted: for a certificate that signed itself, that one.
    const std::string& ca_pem() const noexcept { return root_; }
    /// SHA-256 of the certificate, as 64 lower-case hexadecimal digits.
    const std::string& fingerprint() const noexcept { return fingerprint_; }

    /// Writes `ca.crt`, `srv.crt`, `srv.key`, `chain.crt` (certificate and issuers) and `all.pem`
    /// (chain and key); files with the key can be read by their owner only.
    /// \throws std::filesystem::filesystem_error, std::ios_base::failure
    void write_to(const std::filesystem::path& folder) const;

 private:
    friend struct certificate_factory;
    certificate() = default;

    std::string certificate_;
    std::string key_;
    std::string issuers_;
    std::string root_;
    std::string fingerprint_;
};

/// An authority with a P-256 key that signs certificates. Cheap to copy.
class test_authority {
 public:
    /// A root of its own.
    explicit test_authority(const std::string& name = "Test Authority");

    /// The certificate to trust: the root above this authority.
    const std::string& ca_pem() const noexcept;

    certificate issue(const certificate_request& request) const;

    /// An authority below this one. Without `may_sign` its certificate says that it is none, but it
    /// signs all the same.
    test_authority subordinate(const std::string& name, bool may_sign = true) const;

    /// A certificate that nobody but its own key vouches for.
    static certificate self_signed(const certificate_request& request);

 private:
    friend struct certificate_factory;
    struct state;
    explicit test_authority(std::shared_ptr<const state> made);

    std::shared_ptr<const state> state_;
};

}  // namespace xmpp::testing
