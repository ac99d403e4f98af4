#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

/// The keys by which a server knows that requests come from the one who made the session (XEP-0124
/// section 15): a chain of hashes, shown from its end. Who sees one can't tell the next.
class bosh_keys {
 public:
    static constexpr std::size_t chain_length = 256;

    /// What one request carries.
    struct pair {
        std::optional<std::string> key;      // all but the first
        std::optional<std::string> new_key;  // when a chain begins
    };

    pair next();

 private:
    void renew();

    std::vector<std::string> chain_;  // to be used from the back
};

}  // namespace xmpp::detail
