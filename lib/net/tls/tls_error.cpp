#include "net/tls/tls_error.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace xmpp::detail {
namespace {

std::string_view meaning_of_alert(int alert) noexcept {
    switch (alert) {
        case SSL_AD_PROTOCOL_VERSION:
            return "it speaks no version of TLS that we accept (1.2 and newer)";
        case SSL_AD_HANDSHAKE_FAILURE:
        case SSL_AD_INSUFFICIENT_SECURITY:
            return "there is no cipher suite that both sides accept";
        case SSL_AD_UNRECOGNIZED_NAME:
            return "it does not serve the domain we asked for";
        case SSL_AD_NO_APPLICATION_PROTOCOL:
            return "it does not speak XMPP on this port";
        case SSL_AD_CERTIFICATE_REQUIRED:
            return "it wants a client certificate";
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
            return "it does not accept our certificate";
        default:
            return {};
    }
}

std::string_view meaning_of_reason(int reason) noexcept {
    switch (reason) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
        case SSL_R_UNEXPECTED_MESSAGE:
            return "what the peer sent is not TLS at this point; a port for STARTTLS is reached "
                   "with xmpp://, one for direct TLS with xmpps://";
        case SSL_R_UNSUPPORTED_PROTOCOL:
            return "the peer speaks no version of TLS that we accept (1.2 and newer)";
        case SSL_R_BAD_EXTENSION:
            return "the peer's answer does not fit what was offered; it may have chosen a protocol "
                   "other than XMPP (ALPN)";
        case SSL_R_NO_SHARED_CIPHER:
            return "there is no cipher suite that both sides accept";
        case SSL_R_DH_KEY_TOO_SMALL:
            return "the peer's Diffie-Hellman parameters are too weak";
        default:
            return {};
    }
}

std::string text_of(unsigned long code) {
    if (ERR_GET_LIB(code) == ERR_LIB_SYS) return "system error";
    const char* reason = ERR_reason_error_string(code);
    return reason ? std::string(reason) : fmt::format("error {:x}", code);
}

}  // namespace

std::string take_openssl_errors() {
    std::string text;
    while (const auto code = ERR_get_error()) {
        if (!text.empty()) text += ", ";
        text += text_of(code);
    }
    return text.empty() ? "unknown reason" : text;
}

error take_tls_error(std::string_view doing) {
    const auto first = ERR_peek_error();
    const int reason = ERR_GET_REASON(first);
    auto text = fmt::format("{}: {}", doing, take_openssl_errors());
    std::string_view meaning;
    // OpenSSL numbers the alerts it receives from this offset on.
    if (ERR_GET_LIB(first) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
        const int alert = reason - SSL_AD_REASON_OFFSET;
        text = fmt::format("{}: the peer sent the alert '{}'", doing,
                           SSL_alert_desc_string_long(alert));
        meaning = meaning_of_alert(alert);
    } else if (ERR_GET_LIB(first) == ERR_LIB_SSL) {
        meaning = meaning_of_reason(reason);
    }
    if (!meaning.empty()) text += fmt::format(": {}", meaning);
    return error(errc::tls_failure, text);
}

}  // namespace xmpp::detail
