#include "sasl/scram/scram_hash.hpp"

#include <array>

namespace xmpp::detail::sasl {
namespace {

constexpr std::array variants{
    scram_variant{"SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", hash::sha512},
    scram_variant{"SCRAM-SHA-384", "SCRAM-SHA-384-PLUS", hash::sha384},
    scram_variant{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", hash::sha256},
    scram_variant{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", hash::sha1},
};

}  // namespace

const scram_variant* find_scram(std::string_view mechanism) noexcept {
    for (const auto& variant : variants) {
        if (mechanism == variant.name || mechanism == variant.plus_name) return &variant;
    }
    return nullptr;
}

bool is_plus(std::string_view mechanism) noexcept {
    return mechanism.ends_with("-PLUS");
}

scram_secrets derive_secrets(hash algorithm, std::string_view password, std::string_view salt,
                             std::uint32_t iterations) {
    return secrets_from(algorithm, pbkdf2(algorithm, password, salt, iterations));
}

scram_secrets secrets_from(hash algorithm, const hash_value& salted_password) {
    return {hmac(algorithm, salted_password, "Client Key"),
            hmac(algorithm, salted_password, "Server Key")};
}

hash_value stored_key(hash algorithm, const hash_value& client_key) {
    return digest(algorithm, client_key);
}

hash_value client_proof(hash algorithm, const hash_value& client_key,
                        std::string_view auth_message) {
    return client_key ^ hmac(algorithm, stored_key(algorithm, client_key), auth_message);
}

hash_value server_signature(hash algorithm, const hash_value& server_key,
                            std::string_view auth_message) {
    return hmac(algorithm, server_key, auth_message);
}

}  // namespace xmpp::detail::sasl
