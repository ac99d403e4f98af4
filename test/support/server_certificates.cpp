#include "support/server_certificates.hpp"

#include "support/child_process.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <cctype>

namespace xmpp::test {

namespace {

/// `openssl x509 -fingerprint` prints a label, '=', and pairs of digits with colons between.
std::string plain_hex(const std::string& printed) {
    std::string hex;
    for (const char c : printed.substr(printed.find('=') + 1)) {
        if (std::isxdigit(static_cast<unsigned char>(c))) {
            hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return hex;
}

}  // namespace

server_certificates::server_certificates(const std::filesystem::path& directory,
                                         const std::string& domain)
    : authority(directory / "ca.crt"),
      key(directory / "server.key"),
      chain(directory / "chain.crt"),
      bundle(directory / "all.pem") {
    const auto authority_key = directory / "ca.key";
    const auto certificate = directory / "server.crt";

    const auto request = [](const std::filesystem::path& key_file,
                            const std::filesystem::path& certificate_file,
                            const std::string& subject, std::vector<std::string> more) {
        std::vector<std::string> arguments = {"openssl",
                                              "req",
                                              "-x509",
                                              "-newkey",
                                              "ec",
                                              "-pkeyopt",
                                              "ec_paramgen_curve:P-256",
                                              "-noenc",
                                              "-days",
                                              "3",
                                              "-subj",
                                              subject,
                                              "-keyout",
                                              key_file.string(),
                                              "-out",
                                              certificate_file.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        run_program({.arguments = std::move(arguments), .directory = {}, .output = {}});
    };

    request(authority_key, authority, "/CN=Test authority",
            {"-addext", "keyUsage=critical,keyCertSign,cRLSign"});
    // XmppAddr and SRVName (RFC 6120 13.7.1.2) beside the DNS names that everybody looks at.
    request(
        key, certificate, "/CN=" + domain,
        {"-CA", authority.string(), "-CAkey", authority_key.string(), "-addext",
         "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth", "-addext",
         fmt::format("subjectAltName=DNS:{0},DNS:*.{0},DNS:localhost,IP:127.0.0.1,IP:::1,"
                     "otherName:1.3.6.1.5.5.7.8.5;UTF8:{0},"
                     "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-client.{0}",
                     domain)});

    write_file(chain, read_file(certificate) + read_file(authority));
    write_file(bundle, read_file(chain) + read_file(key));
    fingerprint =
        plain_hex(run_program({.arguments = {"openssl", "x509", "-in", certificate.string(),
                                             "-noout", "-fingerprint", "-sha256"},
                               .directory = {},
                               .output = {}}));
}

}  // namespace xmpp::test
