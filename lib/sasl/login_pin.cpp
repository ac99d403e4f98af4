#include "sasl/login_pin.hpp"

#include "sasl/scram/scram_hash.hpp"

#include <algorithm>
#include <array>

namespace xmpp::detail::sasl {
namespace {

constexpr std::string_view heading = "xmpp login 1\n";

exposure shown_by(std::string_view mechanism) {
    constexpr std::array<std::string_view, 3> revealing{"PLAIN", "OAUTHBEARER", "X-OAUTH2"};
    if (std::find(revealing.begin(), revealing.end(), mechanism) != revealing.end()) {
        return exposure::secret;
    }
    if (find_scram(mechanism)) return exposure::proof;
    if (mechanism == "EXTERNAL" || mechanism == "ANONYMOUS") return exposure::nothing;
    return exposure::unknown;
}

login_strength worst_of(login_strength a, const login_strength& b) {
    a.encrypted = a.encrypted && b.encrypted;
    a.shown = std::min(a.shown, b.shown);
    a.hash_bits = std::min(a.hash_bits, b.hash_bits);
    a.binding = std::min(a.binding, b.binding);
    a.offer_proved = a.offer_proved && b.offer_proved;
    return a;
}

/// One digit for each part but the hash, which is last.
template <class Part>
char digit(Part value) {
    return static_cast<char>('0' + static_cast<int>(value));
}

template <class Part>
std::optional<Part> part_of(char c, Part most) {
    if (c < '0' || c > digit(most)) return std::nullopt;
    return static_cast<Part>(c - '0');
}

std::optional<std::uint16_t> hash_bits_from(std::string_view text) {
    if (text == "0") return std::uint16_t{0};
    for (const std::uint16_t known : {160, 256, 384, 512}) {
        if (text == std::to_string(known)) return known;
    }
    return std::nullopt;
}

}  // namespace

login_strength strength_of(std::string_view mechanism, bool encrypted,
                           std::string_view binding_type) {
    login_strength found;
    found.encrypted = encrypted;
    found.shown = shown_by(mechanism);
    if (const auto* scram = find_scram(mechanism)) {
        found.hash_bits = static_cast<std::uint16_t>(digest_size(scram->hash) * 8);
    }
    if (is_plus(mechanism)) {
        found.binding =
            binding_type == "tls-server-end-point" ? bound_to::certificate : bound_to::connection;
    }
    return found;
}

login_strength best_of(login_strength a, const login_strength& b) noexcept {
    a.encrypted = a.encrypted || b.encrypted;
    a.shown = std::max(a.shown, b.shown);
    a.hash_bits = std::max(a.hash_bits, b.hash_bits);
    a.binding = std::max(a.binding, b.binding);
    a.offer_proved = a.offer_proved || b.offer_proved;
    return a;
}

std::string_view login_pin::lacks(const login_strength& offered, const login_reach& reach) const {
    if (!known_) return {};
    auto wanted = worst_of(*known_, reach.best);
    const bool own_gone = known_->shown == exposure::unknown && !reach.own_mechanism;
    if (own_gone) wanted.shown = exposure::secret;
    if (wanted.encrypted && !offered.encrypted) return "encryption";
    // What the program's own mechanism shows is for its factory to decide, which can decline.
    if (offered.shown == exposure::unknown) return {};
    if (offered.shown < wanted.shown) return "a mechanism that shows no more of the password";
    if (offered.shown > exposure::proof) return {};  // there is nothing that the rest could protect
    if (offered.binding < wanted.binding) {
        return offered.binding == bound_to::nothing
                   ? "channel binding"
                   : "channel binding to the connection, beyond its certificate";
    }
    if (offered.hash_bits < wanted.hash_bits) return "a hash as strong as before";
    return {};
}

bool login_pin::learn(const login_strength& had) {
    const auto before = known_;
    known_ = known_ ? best_of(*known_, had) : had;
    return known_ != before;
}

std::string login_pin::serialize() const {
    const auto known = known_.value_or(login_strength{});
    std::string text(heading);
    text += digit(known.encrypted);
    text += digit(known.shown);
    text += digit(known.binding);
    text += digit(known.offer_proved);
    return text + std::to_string(known.hash_bits);
}

std::optional<login_pin> login_pin::parse(std::string_view text) {
    constexpr std::size_t digits = 4;
    if (!text.starts_with(heading)) return std::nullopt;
    text.remove_prefix(heading.size());
    if (text.size() <= digits) return std::nullopt;
    const auto encrypted = part_of(text[0], true);
    const auto shown = part_of(text[1], exposure::nothing);
    const auto binding = part_of(text[2], bound_to::connection);
    const auto offer_proved = part_of(text[3], true);
    const auto hash_bits = hash_bits_from(text.substr(digits));
    if (!encrypted || !shown || !binding || !offer_proved || !hash_bits) return std::nullopt;
    login_pin read;
    read.learn({*encrypted, *shown, *hash_bits, *binding, *offer_proved});
    return read;
}

}  // namespace xmpp::detail::sasl
