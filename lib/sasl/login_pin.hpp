#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail::sasl {

/// What a login shows of the password or token to whoever is at the other end, the worst first.
enum class exposure : std::uint8_t {
    secret,   // itself: PLAIN, tokens
    digest,   // a hash without salt: XEP-0078
    unknown,  // by a mechanism of the program's
    proof,    // SCRAM: the server has to prove itself too
    nothing,  // EXTERNAL, ANONYMOUS
};

/// What a login is bound to (RFC 5056).
enum class bound_to : std::uint8_t { nothing, certificate, connection };

/// What protects a login; each part is comparable, more is better.
struct login_strength {
    bool encrypted = false;
    exposure shown = exposure::secret;
    std::uint16_t hash_bits = 0;  // of SCRAM
    bound_to binding = bound_to::nothing;
    bool offer_proved = false;  // XEP-0474

    friend bool operator==(const login_strength&, const login_strength&) = default;
};

/// By the mechanism's name: EXTERNAL, SCRAM-SHA-256-PLUS, ..., or one of the program's.
/// \param binding_type of a "-PLUS"
login_strength strength_of(std::string_view mechanism, bool encrypted,
                           std::string_view binding_type = {});

/// The better one of each part.
login_strength best_of(login_strength a, const login_strength& b) noexcept;

/// What our own side can have today, whatever the server offers.
struct login_reach {
    login_strength best;
    bool own_mechanism = false;  // one of the program's: exposure::unknown
};

/// What earlier logins of an account had, which later ones must have too. Somebody who has got a
/// certificate for the server's name can strip its offer, but not what we remember.
class login_pin {
 public:
    /// What of the earlier logins `offered` lacks, for people; empty: nothing, or nothing is known.
    ///
    /// What is out of `reach` is the program's choice, a mechanism that it no longer wants, say,
    /// and is not held against the server.
    std::string_view lacks(const login_strength& offered, const login_reach& reach) const;
    /// The server has proved its offer (XEP-0474) and must go on doing so.
    bool wants_offer_proof() const noexcept { return known_ && known_->offer_proved; }
    bool wants_encryption() const noexcept { return known_ && known_->encrypted; }
    bool empty() const noexcept { return !known_; }

    /// A login has succeeded. Returns whether more is known now.
    bool learn(const login_strength& had);

    /// For a store.
    std::string serialize() const;
    /// Nothing for text that serialize() does not write.
    static std::optional<login_pin> parse(std::string_view text);

 private:
    std::optional<login_strength> known_;
};

}  // namespace xmpp::detail::sasl
