#include "base/crypto/crypto_pbkdf2.hpp"

#include "base/crypto/crypto_evp.hpp"
#include "base/crypto/secret.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

namespace xmpp::detail {
namespace {

// RFC 2104.
constexpr unsigned char inner_pad = 0x36;
constexpr unsigned char outer_pad = 0x5c;
constexpr std::size_t longest_block = 128;

void begin(EVP_MD_CTX* context, const EVP_MD* algorithm, std::string_view key, unsigned char pad) {
    std::array<unsigned char, longest_block> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (auto& byte : block) byte ^= pad;
    const auto size = static_cast<std::size_t>(EVP_MD_get_block_size(algorithm));
    const bool begun = EVP_DigestInit_ex(context, algorithm, nullptr) == 1 &&
                       EVP_DigestUpdate(context, block.data(), size) == 1;
    wipe(block.data(), block.size());
    check_openssl(begun, "a key from the password");
}

}  // namespace

void pbkdf2_in_parts::free_context::operator()(evp_md_ctx_st* context) const noexcept {
    EVP_MD_CTX_free(context);
}

// RFC 8018 5.2, for one block of output.
pbkdf2_in_parts::pbkdf2_in_parts(hash algorithm, std::string_view password, std::string_view salt,
                                 std::uint32_t iterations)
    : inner_(EVP_MD_CTX_new()),
      outer_(EVP_MD_CTX_new()),
      used_(EVP_MD_CTX_new()),
      left_(iterations) {
    check_openssl(inner_ && outer_ && used_, "a key from the password");
    const auto* function = evp(algorithm);
    const auto block_size = static_cast<std::size_t>(EVP_MD_get_block_size(function));
    const auto key = password.size() > block_size ? digest(algorithm, password) : hash_value();
    const auto used_key = password.size() > block_size ? key.view() : password;
    begin(inner_.get(), function, used_key, inner_pad);
    begin(outer_.get(), function, used_key, outer_pad);
    block_.resize(digest_size(algorithm));
    sum_.resize(digest_size(algorithm));
    constexpr std::string_view first_block("\0\0\0\1", 4);
    next_block(std::string(salt).append(first_block));
    sum_ = block_;
    --left_;
}

void pbkdf2_in_parts::next_block(std::string_view data) {
    auto* context = used_.get();
    auto* out = block_.data();
    const bool computed = EVP_MD_CTX_copy_ex(context, inner_.get()) == 1 &&
                          EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
                          EVP_DigestFinal_ex(context, out, nullptr) == 1 &&
                          EVP_MD_CTX_copy_ex(context, outer_.get()) == 1 &&
                          EVP_DigestUpdate(context, out, block_.size()) == 1 &&
                          EVP_DigestFinal_ex(context, out, nullptr) == 1;
    check_openssl(computed, "a key from the password");
}

bool pbkdf2_in_parts::advance(std::uint32_t iterations) {
    const auto now = std::min(iterations, left_);
    for (std::uint32_t i = 0; i < now; ++i) {
        next_block(block_);
        for (std::size_t at = 0; at < sum_.size(); ++at) sum_.data()[at] ^= block_.data()[at];
    }
    left_ -= now;
    return left_ > 0;
}

}  // namespace xmpp::detail
