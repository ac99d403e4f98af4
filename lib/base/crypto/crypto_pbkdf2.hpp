#pragma once

#include "base/crypto/crypto.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace xmpp::detail {

/// pbkdf2() in parts, for callers that must not be held up for as long as all of it takes.
class pbkdf2_in_parts {
 public:
    pbkdf2_in_parts(hash algorithm, std::string_view password, std::string_view salt,
                    std::uint32_t iterations);

    /// Does so many iterations more; false once all are done.
    bool advance(std::uint32_t iterations);
    /// Once all are done.
    const hash_value& result() const noexcept { return sum_; }

 private:
    struct free_context {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    using context = std::unique_ptr<evp_md_ctx_st, free_context>;

    void next_block(std::string_view data);

    // The states of HMAC once it has its key, and one that is used up for each iteration.
    context inner_;
    context outer_;
    context used_;
    hash_value block_;
    hash_value sum_;
    std::uint32_t left_;
};

}  // namespace xmpp::detail
