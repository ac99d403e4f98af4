#pragma once

#include "sasl/channel_binding.hpp"
#include "sasl/mechanism.hpp"
#include "sasl/offer.hpp"
#include "sasl/scram/scram_hash.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail::sasl {

/// How many iterations a server may ask for; checked before any of that work is done.
struct scram_limits {
    /// RFC 5802 5.1: less is too easy to guess back from what the server stores.
    std::uint32_t min_iterations = 4096;
    /// A server may not make us compute for longer than about a second, which is what a million
    /// iterations of SHA-512 take; real servers ask for 4,096 to 100,000.
    std::uint32_t max_iterations = 1'000'000;
};

/// What a client tells about channel binding when it uses none (RFC 5802 section 6).
enum class without_binding {
    unsupported,          // "n": we can't, or can't agree on a type
    unsupported_by_peer,  // "y": we could, but the server does not offer it
};

struct scram_settings {
    /// Sent and proved with "-PLUS".
    std::optional<channel_binding> binding;
    without_binding flag = without_binding::unsupported;
    /// What the server offered, for XEP-0474.
    offer offered;
    /// Refuse servers that don't prove their offer (an account that is known to have had that).
    bool require_offer_proof = false;
    scram_limits limits;
    /// For test vectors; empty: random.
    std::string nonce;
};

/// SCRAM, RFC 5802 and RFC 7677, with or without "-PLUS".
std::unique_ptr<mechanism> make_scram(const scram_variant& variant, const credentials& who,
                                      scram_settings settings);

}  // namespace xmpp::detail::sasl
