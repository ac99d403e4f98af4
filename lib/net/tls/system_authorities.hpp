#pragma once

#include <openssl/types.h>

namespace xmpp::detail {

/// Makes the context trust the system's authorities (or those that SSL_CERT_FILE and SSL_CERT_DIR
/// name). The same as SSL_CTX_set_default_verify_paths(), but the bundle, whose parsing takes tens
/// of milliseconds, is read once for all contexts, and again only when it has changed.
/// Thread-safe.
void trust_system_authorities(SSL_CTX* context);

}  // namespace xmpp::detail
