#include "sasl/scram/scram_client.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"
#include "base/crypto/crypto_pbkdf2.hpp"
#include "sasl/credentials_data.hpp"
#include "sasl/saslprep.hpp"
#include "sasl/scram/scram_message.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace xmpp::detail::sasl {
namespace {

constexpr std::size_t max_size = 16 * 1024;

// A millisecond or two of PBKDF2 with the slowest of the hashes.
constexpr std::uint32_t iterations_a_turn = 2'000;

/// What a server-first-message says.
struct parameters {
    std::string_view nonce;
    std::string salt;
    std::uint32_t iterations = 0;
    std::string_view offer_proof;  // empty: the server has no XEP-0474
};

class scram final : public mechanism {
 public:
    scram(const scram_variant& variant, const credentials& who, scram_settings settings)
        : variant_(variant), who_(who), settings_(std::move(settings)) {}

    std::string_view name() const noexcept override {
        return settings_.binding ? variant_.plus_name : variant_.name;
    }

    std::optional<std::string> initial_response() override {
        const auto user = saslprep(who_.authcid());
        if (user.empty()) throw error(errc::prohibited_string, "nothing is left of the user name");
        if (settings_.nonce.empty()) settings_.nonce = base64_encode(random_bytes(24));
        gs2_header_ = make_gs2_header();
        client_first_bare_ = "n=" + escape_name(user.view()) + ",r=" + settings_.nonce;
        state_ = state::first_sent;
        return gs2_header_ + client_first_bare_;
    }

    /// A challenge that can't be answered is left to respond().
    bool work(std::string_view challenge) override {
        if (state_ != state::first_sent) return false;
        if (!derivation_ && !begin_derivation(challenge)) return false;
        return derivation_->advance(iterations_a_turn);
    }

    std::string respond(std::string_view challenge) override {
        // Whatever throws ends the exchange.
        const auto was = std::exchange(state_, state::over);
        if (challenge.size() > max_size) {
            throw error(errc::bad_challenge, "a SCRAM message of more than 16 KiB");
        }
        switch (was) {
            case state::first_sent: {
                throw_if_error(challenge);
                auto response = prove(challenge);
                state_ = state::proof_sent;
                return response;
            }
            case state::proof_sent:
                verify(challenge);
                state_ = state::verified;
                return {};
            default:
                return mechanism::respond(challenge);
        }
    }

    void finish(std::optional<std::string_view> additional_data) override {
        const bool has_data = additional_data && !additional_data->empty();
        const auto was = std::exchange(state_, state::over);
        if (was == state::proof_sent && has_data) {
            verify(*additional_data);
        } else if (was != state::verified) {
            throw error(errc::server_unverified,
                        "the server reported success without the signature that proves that it "
                        "knows the password; it may be an impostor");
        } else if (has_data) {
            mechanism::finish(additional_data);
        }
        keys_ = std::move(pending_keys_);
    }

    const scram_keys* keys() const noexcept override { return keys_ ? &*keys_ : nullptr; }
    std::string_view explanation() const noexcept override { return explanation_; }
    bool offer_verified() const noexcept override { return keys_ && offer_proved_; }

 private:
    enum class state { start, first_sent, proof_sent, verified, over };

    std::string make_gs2_header() const {
        std::string header;
        if (settings_.binding) {
            header = "p=" + settings_.binding->type;
        } else {
            header = settings_.flag == without_binding::unsupported ? "n" : "y";
        }
        header += ',';
        const auto authzid = who_.authzid();
        if (!authzid.empty()) header += "a=" + escape_name(authzid.str());
        return header + ',';
    }

    parameters parse_server_first(std::string_view message) const {
        const auto attributes = parse_attributes(message);
        if (attributes.size() < 3 || attributes[0].name != 'r' || attributes[1].name != 's' ||
            attributes[2].name != 'i') {
            throw error(errc::bad_challenge,
                        "the server's first SCRAM message must give nonce, salt and iterations, "
                        "in this order");
        }
        parameters result;
        result.nonce = attributes[0].value;
        if (!is_nonce(result.nonce) || !result.nonce.starts_with(settings_.nonce) ||
            result.nonce.size() == settings_.nonce.size()) {
            throw error(errc::bad_challenge, "the server's nonce does not continue ours");
        }
        result.salt = decode_value(attributes[1].value, "the salt");
        result.iterations = parse_iterations(attributes[2].value);
        for (const auto& attribute : attributes) {
            if (attribute.name == 'h') result.offer_proof = attribute.value;
        }
        return result;
    }

    void check_iterations(std::uint32_t iterations) const {
        const auto& limits = settings_.limits;
        if (iterations >= limits.min_iterations && iterations <= limits.max_iterations) return;
        throw error(errc::bad_challenge, "the server asks for " + std::to_string(iterations) +
                                             " SCRAM iterations; allowed are " +
                                             std::to_string(limits.min_iterations) + " to " +
                                             std::to_string(limits.max_iterations));
    }

    void check_offer(std::string_view proof) {
        if (proof.empty()) {
            if (!settings_.require_offer_proof) return;
            throw error(errc::login_downgraded,
                        "the server no longer proves its list of mechanisms (XEP-0474); if it has "
                        "really changed, log in once with options::pin_login(false)");
        }
        if (!constant_time_equal(proof, offer_hash(variant_.hash, settings_.offered))) {
            throw error(errc::downgrade_detected,
                        "the list of mechanisms or channel bindings that arrived is not the one "
                        "that the server sent (XEP-0474)");
        }
        offer_proved_ = true;  // holds once the server's signature has covered it
    }

    std::string prove(std::string_view server_first) {
        const auto given = parse_server_first(server_first);
        check_iterations(given.iterations);
        check_offer(given.offer_proof);

        const auto secrets = find_secrets(given, server_first);
        auto message = "c=" + base64_encode(bound_header()) + ",r=" + std::string(given.nonce);
        const auto auth_message =
            client_first_bare_ + "," + std::string(server_first) + "," + message;
        const auto proof = client_proof(variant_.hash, secrets.client_key, auth_message);
        expected_signature_ = server_signature(variant_.hash, secrets.server_key, auth_message);
        pending_keys_.emplace(variant_.name, given.salt, given.iterations, secrets.client_key,
                              secrets.server_key);
        return message + ",p=" + base64_encode(proof);
    }

    std::string bound_header() const {
        return settings_.binding ? gs2_header_ + settings_.binding->data : gs2_header_;
    }

    bool begin_derivation(std::string_view challenge) {
        if (challenge.size() > max_size || challenge.starts_with("e=")) return false;
        try {
            const auto given = parse_server_first(challenge);
            check_iterations(given.iterations);
            const auto& data = credentials_data::of(who_);
            if (has_keys_for(given) || data.secret.empty()) return false;
            const auto password = saslprep(data.secret.view());
            if (password.empty()) return false;
            derivation_.emplace(variant_.hash, password.view(), given.salt, given.iterations);
            derived_from_ = challenge;
        } catch (const error&) {
            return false;
        }
        return true;
    }

    bool has_keys_for(const parameters& given) const {
        const auto& data = credentials_data::of(who_);
        return data.keys && data.keys->mechanism() == variant_.name &&
               data.keys->salt() == given.salt && data.keys->iterations() == given.iterations;
    }

    scram_secrets find_secrets(const parameters& given, std::string_view challenge) {
        if (derivation_ && derived_from_ == challenge) {
            while (derivation_->advance(iterations_a_turn)) continue;
            return secrets_from(variant_.hash, derivation_->result());
        }
        const auto& data = credentials_data::of(who_);
        if (has_keys_for(given)) {
            return {hash_value(data.keys->client_key()), hash_value(data.keys->server_key())};
        }
        if (data.secret.empty()) {
            throw error(sasl_condition::credentials_expired,
                        "the stored SCRAM keys are for another mechanism, salt or number of "
                        "iterations than the server has now: the password is needed");
        }
        const auto password = saslprep(data.secret.view());
        if (password.empty()) {
            throw error(errc::prohibited_string, "nothing is left of the password");
        }
        return derive_secrets(variant_.hash, password.view(), given.salt, given.iterations);
    }

    void verify(std::string_view server_final) {
        throw_if_error(server_final);
        const auto attributes = parse_attributes(server_final);
        if (attributes[0].name != 'v') {
            throw error(errc::bad_challenge, "the server's last SCRAM message has no signature");
        }
        const auto signature = decode_value(attributes[0].value, "the server's signature");
        if (!constant_time_equal(signature, expected_signature_)) {
            throw error(errc::server_unverified,
                        "the server's signature is wrong: it does not know the password");
        }
    }

    /// "e=invalid-proof" and the like, before it comes to a failure.
    void throw_if_error(std::string_view message) {
        if (!message.starts_with("e=")) return;
        const auto word = parse_attributes(message)[0].value;
        const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
        explanation_ = std::all_of(word.begin(), word.end(), is_word) ? word : "other-error";
        throw error(sasl_condition::not_authorized, explanation_, {},
                    "the server ended the SCRAM exchange with an error");
    }

    const scram_variant& variant_;
    credentials who_;
    scram_settings settings_;
    state state_ = state::start;
    std::string gs2_header_;
    std::string client_first_bare_;
    hash_value expected_signature_;
    std::optional<pbkdf2_in_parts> derivation_;
    std::string derived_from_;  // the challenge
    bool offer_proved_ = false;
    std::optional<scram_keys> pending_keys_;
    std::optional<scram_keys> keys_;
    std::string explanation_;
};

}  // namespace

std::unique_ptr<mechanism> make_scram(const scram_variant& variant, const credentials& who,
                                      scram_settings settings) {
    return std::make_unique<scram>(variant, who, std::move(settings));
}

}  // namespace xmpp::detail::sasl
