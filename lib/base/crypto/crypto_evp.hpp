#pragma once

#include "base/crypto/crypto.hpp"

#include <openssl/evp.h>

namespace xmpp::detail {

/// OpenSSL's description of a hash function.
const EVP_MD* evp(hash algorithm) noexcept;

/// \throws xmpp::error(errc::not_supported) where OpenSSL has refused.
void check_openssl(bool succeeded, const char* what);

}  // namespace xmpp::detail
