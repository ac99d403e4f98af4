#pragma once

#include <openssl/types.h>

#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// The channel bindings of an established TLS connection, name and data, best first:
/// - tls-exporter (RFC 9266): TLS 1.3, and 1.2 with the extended master secret;
/// - tls-server-end-point (RFC 5929 4): unless the certificate's signature algorithm has no one
///   hash (Ed25519);
/// - tls-unique (RFC 5929 3): TLS 1.2 with the extended master secret, without which two
///   connections can be made to have the same value (RFC 7627 1).
std::vector<std::pair<std::string, std::string>> channel_bindings_of(SSL* ssl);

}  // namespace xmpp::detail
