#pragma once

#include "base/crypto/crypto.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace xmpp::detail::sasl {

/// A member of the SCRAM family.
struct scram_variant {
    std::string_view name;       // "SCRAM-SHA-256"
    std::string_view plus_name;  // "SCRAM-SHA-256-PLUS"
    detail::hash hash;
};

/// The variant with that name, with or without "-PLUS"; null for other mechanisms.
const scram_variant* find_scram(std::string_view mechanism) noexcept;

bool is_plus(std::string_view mechanism) noexcept;

/// RFC 5802 section 3.
struct scram_secrets {
    hash_value client_key;
    hash_value server_key;
};

/// `password` is already prepared by SASLprep.
scram_secrets derive_secrets(hash algorithm, std::string_view password, std::string_view salt,
                             std::uint32_t iterations);

/// The same from what PBKDF2 has made of the password.
scram_secrets secrets_from(hash algorithm, const hash_value& salted_password);

hash_value stored_key(hash algorithm, const hash_value& client_key);
hash_value client_proof(hash algorithm, const hash_value& client_key,
                        std::string_view auth_message);
hash_value server_signature(hash algorithm, const hash_value& server_key,
                            std::string_view auth_message);

}  // namespace xmpp::detail::sasl
