#include "transport/bosh/bosh_keys.hpp"

#include "base/crypto/crypto.hpp"

#include <utility>

namespace xmpp::detail {

void bosh_keys::renew() {
    constexpr std::size_t seed_bytes = 32;
    chain_.clear();
    chain_.reserve(chain_length);
    std::string value = hex(random_bytes(seed_bytes));
    for (std::size_t i = 0; i < chain_length; ++i) {
        value = hex(digest(hash::sha1, value));
        chain_.push_back(value);
    }
}

// XEP-0124 15.4 and 15.6: the last key of a chain goes out together with the first of the next.
bosh_keys::pair bosh_keys::next() {
    pair result;
    if (!chain_.empty()) {
        result.key = std::move(chain_.back());
        chain_.pop_back();
    }
    if (chain_.empty()) {
        renew();
        result.new_key = std::move(chain_.back());
        chain_.pop_back();
    }
    return result;
}

}  // namespace xmpp::detail
