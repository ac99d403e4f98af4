#include "base/crypto/crypto.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/crypto_evp.hpp"
#include "base/crypto/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

namespace xmpp::detail {

const EVP_MD* evp(hash algorithm) noexcept {
    switch (algorithm) {
        case hash::sha1:
            return EVP_sha1();
        case hash::sha256:
            return EVP_sha256();
        case hash::sha384:
            return EVP_sha384();
        case hash::sha512:
            break;
    }
    return EVP_sha512();
}

void check_openssl(bool succeeded, const char* what) {
    if (succeeded) return;
    throw error(errc::not_supported, std::string("OpenSSL could not compute ") + what +
                                         "; its configuration may forbid the algorithm");
}

namespace {

const unsigned char* bytes(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::size_t digest_size(hash algorithm) noexcept {
    switch (algorithm) {
        case hash::sha1:
            return 20;
        case hash::sha256:
            return 32;
        case hash::sha384:
            return 48;
        case hash::sha512:
            break;
    }
    return 64;
}

hash_value::hash_value(std::string_view bytes) {
    if (bytes.size() > max_size) throw error(errc::bad_format, "no hash function gives that much");
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    resize(bytes.size());
}

hash_value::~hash_value() {
    wipe(bytes_.data(), bytes_.size());
}

hash_value operator^(const hash_value& a, const hash_value& b) noexcept {
    hash_value result(a);
    for (std::size_t i = 0; i < a.size(); ++i) result.bytes_[i] ^= b.bytes_[i];
    return result;
}

hash_value digest(hash algorithm, std::string_view data) {
    hash_value result;
    unsigned size = 0;
    check_openssl(
        EVP_Digest(data.data(), data.size(), result.data(), &size, evp(algorithm), nullptr) == 1,
        "a hash");
    result.resize(size);
    return result;
}

hash_value hmac(hash algorithm, std::string_view key, std::string_view data) {
    hash_value result;
    unsigned size = 0;
    // An empty key must still be a pointer: null means "the key of the last call" to OpenSSL.
    const void* key_bytes = key.empty() ? "" : key.data();
    check_openssl(HMAC(evp(algorithm), key_bytes, static_cast<int>(key.size()), bytes(data),
                       data.size(), result.data(), &size) != nullptr,
                  "an HMAC");
    result.resize(size);
    return result;
}

hash_value pbkdf2(hash algorithm, std::string_view password, std::string_view salt,
                  std::uint32_t iterations) {
    hash_value result;
    result.resize(digest_size(algorithm));
    check_openssl(
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                          static_cast<int>(salt.size()), static_cast<int>(iterations),
                          evp(algorithm), static_cast<int>(result.size()), result.data()) == 1,
        "a key from the password");
    return result;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void random_bytes(std::span<unsigned char> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) == 1) return;
    throw error(std::make_error_code(std::errc::io_error),
                "OpenSSL's random number generator could not be seeded");
}

std::string random_bytes(std::size_t count) {
    std::string result(count, '\0');
    random_bytes({reinterpret_cast<unsigned char*>(result.data()), count});
    return result;
}

}  // namespace xmpp::detail
