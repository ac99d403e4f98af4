#pragma once

#include <filesystem>
#include <string>

namespace xmpp::test {

/// A certificate authority made on the spot and a certificate of its own for `domain`, all its
/// subdomains and this machine, valid for a few days, as the files that servers want.
struct server_certificates {
    server_certificates(const std::filesystem::path& directory, const std::string& domain);

    std::filesystem::path authority;  ///< ca.crt: what clients trust
    std::filesystem::path key;        ///< server.key
    std::filesystem::path chain;      ///< chain.crt: the server's certificate, then the authority's
    std::filesystem::path bundle;     ///< all.pem: chain and key in one file
    std::string fingerprint;          ///< SHA-256 of the server's certificate, in lower-case hex
};

}  // namespace xmpp::test
