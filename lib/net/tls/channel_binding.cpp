#include "net/tls/channel_binding.hpp"

#include "net/tls/openssl_ptr.hpp"

#include <openssl/err.h>

#include <array>
#include <optional>
#include <string_view>

namespace xmpp::detail {
namespace {

std::optional<std::string> exporter(SSL* ssl) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::array<unsigned char, 32> data{};
    const int made = SSL_export_keying_material(ssl, data.data(), data.size(), label.data(),
                                                label.size(), nullptr, 0, 1);
    if (made != 1) return std::nullopt;
    return std::string(data.begin(), data.end());
}

std::optional<std::string> server_end_point(SSL* ssl) {
    x509_ptr owned;
    const X509* certificate = nullptr;
    if (SSL_is_server(ssl)) {
        certificate = SSL_get_certificate(ssl);
    } else {
        owned.reset(SSL_get1_peer_certificate(ssl));
        certificate = owned.get();
    }
    int hash = NID_undef;
    if (!certificate || X509_get_signature_info(const_cast<X509*>(certificate), &hash, nullptr,
                                                nullptr, nullptr) != 1) {
        return std::nullopt;
    }
    if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;
    const EVP_MD* algorithm = EVP_get_digestbynid(hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!algorithm || X509_digest(certificate, algorithm, digest.data(), &size) != 1) {
        return std::nullopt;
    }
    return std::string(digest.begin(), digest.begin() + size);
}

std::optional<std::string> unique(SSL* ssl) {
    // The first Finished message; that is the client's, as no session is ever resumed.
    std::array<unsigned char, EVP_MAX_MD_SIZE> finished{};
    const auto size = SSL_is_server(ssl)
                          ? SSL_get_peer_finished(ssl, finished.data(), finished.size())
                          : SSL_get_finished(ssl, finished.data(), finished.size());
    if (size == 0 || size > finished.size() || SSL_session_reused(ssl)) return std::nullopt;
    return std::string(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> channel_bindings_of(SSL* ssl) {
    const int version = SSL_version(ssl);
    const bool extended_secret = version == TLS1_2_VERSION && SSL_get_extms_support(ssl) == 1;
    std::vector<std::pair<std::string, std::string>> found;
    const auto add = [&](const char* name, std::optional<std::string> data) {
        if (data) found.emplace_back(name, std::move(*data));
    };
    if (version == TLS1_3_VERSION || extended_secret) add("tls-exporter", exporter(ssl));
    add("tls-server-end-point", server_end_point(ssl));
    if (extended_secret) add("tls-unique", unique(ssl));
    ERR_clear_error();  // what could not be had is left out
    return found;
}

}  // namespace xmpp::detail
