#include "sasl/server/server_scram.hpp"

#include "base/crypto/base64.hpp"
#include "sasl/saslprep.hpp"
#include "sasl/scram/scram_message.hpp"

#include <algorithm>
#include <utility>

namespace xmpp::detail::sasl {
namespace {

/// The part of a client-first-message in front of "n=" (RFC 5802 section 7).
struct gs2_header {
    std::string_view text;  // with both commas
    char flag = 'n';
    std::string_view binding_type;
    std::string authzid;
};

[[noreturn]] void refuse(const char* why) {
    throw error(errc::bad_challenge, why);
}

gs2_header parse_gs2_header(std::string_view message) {
    const auto first = message.find(',');
    const auto second = first == std::string_view::npos ? first : message.find(',', first + 1);
    if (second == std::string_view::npos) refuse("no GS2 header");

    gs2_header header;
    header.text = message.substr(0, second + 1);
    const auto flag = message.substr(0, first);
    if (flag.starts_with("p=") && flag.size() > 2) {
        header.flag = 'p';
        header.binding_type = flag.substr(2);
    } else if (flag == "n" || flag == "y") {
        header.flag = flag[0];
    } else {
        refuse("unknown channel binding flag");
    }
    const auto authzid = message.substr(first + 1, second - first - 1);
    if (authzid.starts_with("a=") && authzid.size() > 2) {
        header.authzid = unescape_name(authzid.substr(2));
    } else if (!authzid.empty()) {
        refuse("unknown GS2 field");
    }
    return header;
}

class server_scram final : public server_mechanism {
 public:
    server_scram(const scram_variant& variant, bool plus, const server_settings& settings)
        : variant_(variant), plus_(plus), settings_(settings) {}

 private:
    enum class state { first, final, signature_sent };

    server_step advance(std::string_view message) override {
        switch (state_) {
            case state::first:
                return challenge(message);
            case state::final:
                return check_proof(message);
            case state::signature_sent:
                break;
        }
        if (!message.empty()) return server_failure{sasl_condition::malformed_request};
        return server_success{std::nullopt, user_, authzid_};
    }

    server_step challenge(std::string_view client_first) {
        const auto header = parse_gs2_header(client_first);
        if (!accept_binding(header)) return server_failure{sasl_condition::not_authorized};
        bound_header_ = header.text;
        if (plus_) bound_header_ += binding_data_;
        authzid_ = header.authzid;

        client_first_bare_ = client_first.substr(header.text.size());
        const auto attributes = parse_attributes(client_first_bare_);
        if (attributes.size() < 2 || attributes[0].name != 'n' || attributes[1].name != 'r' ||
            !is_nonce(attributes[1].value)) {
            refuse("not a client-first-message");
        }
        user_ = saslprep(unescape_name(attributes[0].value)).view();
        const auto password = settings_.password ? settings_.password(user_) : std::nullopt;
        if (!password) return server_failure{sasl_condition::not_authorized};

        nonce_ = attributes[1].value;
        nonce_ += settings_.nonce.empty() ? base64_encode(random_bytes(18)) : settings_.nonce;
        const auto salt = settings_.salt.empty() ? random_bytes(16) : settings_.salt;
        secrets_ =
            derive_secrets(variant_.hash, saslprep(*password).view(), salt, settings_.iterations);
        server_first_ = "r=" + nonce_ + ",s=" + base64_encode(salt) +
                        ",i=" + std::to_string(settings_.iterations);
        if (settings_.prove_offer) {
            server_first_ += ",h=" + offer_hash(variant_.hash, settings_.offered);
        }
        state_ = state::final;
        return server_challenge{server_first_};
    }

    /// "y" from a client that was offered "-PLUS" means that somebody removed it on the way.
    bool accept_binding(const gs2_header& header) {
        const auto& names = settings_.offered.mechanisms;
        const bool offered = std::any_of(names.begin(), names.end(),
                                         [](std::string_view name) { return is_plus(name); });
        if (header.flag == 'y' && offered) return false;
        if ((header.flag == 'p') != plus_) return false;
        if (!plus_) return true;
        const auto same_type = [&](const channel_binding& b) {
            return b.type == header.binding_type;
        };
        const auto found =
            std::find_if(settings_.bindings.begin(), settings_.bindings.end(), same_type);
        if (found == settings_.bindings.end()) return false;
        binding_data_ = found->data;
        return true;
    }

    server_step check_proof(std::string_view client_final) {
        const auto attributes = parse_attributes(client_final);
        if (attributes.size() < 3 || attributes[0].name != 'c' || attributes[1].name != 'r' ||
            attributes.back().name != 'p') {
            refuse("not a client-final-message");
        }
        const auto binding = decode_value(attributes[0].value, "the channel binding");
        const auto proof = decode_value(attributes.back().value, "the proof");
        const auto without_proof = client_final.substr(0, client_final.rfind(",p="));
        const auto auth_message =
            client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
        const auto expected = client_proof(variant_.hash, secrets_.client_key, auth_message);
        if (binding != bound_header_ || attributes[1].value != nonce_ ||
            !constant_time_equal(proof, expected)) {
            return server_failure{sasl_condition::not_authorized};
        }

        auto signature = "v=" + base64_encode(server_signature(variant_.hash, secrets_.server_key,
                                                               auth_message));
        if (!settings_.signature_in_challenge) {
            return server_success{std::move(signature), user_, authzid_};
        }
        state_ = state::signature_sent;
        return server_challenge{std::move(signature)};
    }

    const scram_variant& variant_;
    const bool plus_;
    const server_settings settings_;
    state state_ = state::first;
    std::string bound_header_;
    std::string binding_data_;
    std::string client_first_bare_;
    std::string server_first_;
    std::string nonce_;
    std::string user_;
    std::string authzid_;
    scram_secrets secrets_;
};

}  // namespace

std::unique_ptr<server_mechanism> make_server_scram(const scram_variant& variant, bool plus,
                                                    const server_settings& settings) {
    return std::make_unique<server_scram>(variant, plus, settings);
}

}  // namespace xmpp::detail::sasl
