#pragma once

#include "base/crypto/crypto.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail::sasl {

/// What a server offers in its stream features, as it stands there.
struct offer {
    std::vector<std::string> mechanisms;
    /// XEP-0440; nothing where the server has no such list.
    std::optional<std::vector<std::string>> binding_types;
};

/// What XEP-0474 has both sides compare in SCRAM: a hash over the offer, in base64.
std::string offer_hash(detail::hash algorithm, offer offered);

}  // namespace xmpp::detail::sasl
