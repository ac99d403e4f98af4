// Logging in to a server that says anything. No login succeeds by SCRAM unless the server has shown
// its signature; what is wrong ends in an error of the library.
#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"
#include "sasl/choice.hpp"
#include "sasl/payload.hpp"
#include "sasl/saslprep.hpp"
#include "sasl/scram/scram_client.hpp"
#include "sasl/scram/scram_message.hpp"
#include "sasl/simple_mechanisms.hpp"
#include "target.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace xmpp;
using namespace xmpp::detail::sasl;

namespace {

constexpr const char* password = "pencil";
// The server's nonce continues it, so the corpus has to know it.
constexpr const char* client_nonce = "fyko+d2lbbFgONRv9qkxdawL";
// Few enough that the work for a login takes no time.
constexpr scram_limits limits{4, 64};

constexpr std::array scrams{"SCRAM-SHA-1",        "SCRAM-SHA-256",     "SCRAM-SHA-384",
                            "SCRAM-SHA-512",      "SCRAM-SHA-1-PLUS",  "SCRAM-SHA-256-PLUS",
                            "SCRAM-SHA-384-PLUS", "SCRAM-SHA-512-PLUS"};
constexpr unsigned mechanisms = scrams.size() + 5;

credentials account() {
    return {"user@example.org", password};
}

offer all_scrams() {
    return {{scrams.begin(), scrams.end()}, std::vector<std::string>{"tls-exporter"}};
}

scram_settings settings_for(const char* name) {
    scram_settings settings;
    if (is_plus(name)) settings.binding = channel_binding{"tls-exporter", "exported"};
    settings.offered = all_scrams();
    settings.limits = limits;
    settings.nonce = client_nonce;
    return settings;
}

std::unique_ptr<mechanism> make_mechanism(unsigned which) {
    which %= mechanisms;
    if (which < scrams.size()) {
        return make_scram(*find_scram(scrams[which]), account(), settings_for(scrams[which]));
    }
    const auto by_token = credentials::oauth("user@example.org", "t0k.en");
    switch (which - scrams.size()) {
        case 0:
            return make_plain(account());
        case 1:
            return make_oauthbearer(by_token);
        case 2:
            return make_x_oauth2(by_token);
        case 3:
            return make_anonymous();
        default:
            return make_external(credentials::external("user@example.org"));
    }
}

/// What passed before a login counted as one.
struct exchange {
    std::string first;                    // the client's
    std::vector<std::string> challenges;  // and the data of the success, last
    std::vector<std::string> responses;
};

/// What the server's signature must be: worked out from the messages, without the client.
std::string right_signature(const scram_variant& variant, const exchange& seen) {
    const auto& server_first = seen.challenges.at(0);
    std::string salt;
    std::uint32_t iterations = 0;
    for (const auto& each : parse_attributes(server_first)) {
        if (each.name == 's') salt = decode_value(each.value, "salt");
        if (each.name == 'i') iterations = parse_iterations(each.value);
    }
    const auto secrets = derive_secrets(variant.hash, password, salt, iterations);
    const auto& proof = seen.responses.at(0);
    const auto message = seen.first.substr(seen.first.find("n=")) + "," + server_first + "," +
                         proof.substr(0, proof.find(",p="));
    return detail::base64_encode(server_signature(variant.hash, secrets.server_key, message));
}

void check_login(const mechanism& client, const exchange& seen) {
    const auto* variant = find_scram(client.name());
    if (!variant) {
        const bool nothing_said =
            std::all_of(seen.challenges.begin(), seen.challenges.end(),
                        [](const std::string& challenge) { return challenge.empty(); });
        if (!nothing_said) fuzz::fail("a login with a challenge that has no place");
        return;
    }
    if (seen.challenges.size() != 2) fuzz::fail("a login without two messages of the server");
    const auto wanted = "v=" + right_signature(*variant, seen);
    const auto& last = seen.challenges[1];
    if (last != wanted && !last.starts_with(wanted + ",")) {
        fuzz::fail("a login to a server that does not know the password");
    }
    if (!client.keys()) fuzz::fail("a login that leaves no keys");
    const auto hash = detail::sasl::offer_hash(variant->hash, all_scrams());
    const bool proved = seen.challenges[0].find(",h=" + hash) != std::string::npos;
    if (client.offer_verified() && !proved) fuzz::fail("an offer that nobody has proved");
}

/// Lines: "c" and a challenge, "s" and the data of a success, "S" for a success without.
void log_in(unsigned which, std::string_view lines) {
    const auto client = make_mechanism(which);
    exchange seen;
    seen.first = client->initial_response().value_or("");
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (line.empty()) continue;
        const auto data = line.substr(1);
        if (client->keys() || client->offer_verified()) fuzz::fail("something of no login");
        if (line[0] == 'c') {
            seen.challenges.emplace_back(data);
            seen.responses.push_back(client->respond(data));
            continue;
        }
        if (line[0] == 's') {
            if (!data.empty()) seen.challenges.emplace_back(data);
            client->finish(data);
        } else {
            client->finish(std::nullopt);
        }
        return check_login(*client, seen);
    }
}

/// Only what is offered is chosen, and no password or token goes over a link that others can read.
void check_choice(unsigned how, std::string_view names) {
    offer offered;
    while (!names.empty()) {
        const auto name = names.substr(0, names.find(' '));
        offered.mechanisms.emplace_back(name);
        names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
    link_state link;
    link.secure = (how & 1U) != 0;
    link.client_certificate = (how & 2U) != 0;
    if ((how & 4U) != 0) link.bindings = {{"tls-exporter", "exported"}};
    choice_policy policy;
    if ((how & 8U) != 0) policy.pin.learn(strength_of("SCRAM-SHA-256", true));
    const auto who =
        (how & 16U) != 0 ? credentials::oauth("user@example.org", "t0k.en") : account();
    const auto chosen = choose(offered, who, link, policy);
    const auto& all = offered.mechanisms;
    if (std::find(all.begin(), all.end(), chosen.name) == all.end()) {
        fuzz::fail("a mechanism that is not on offer");
    }
    if (link.secure) return;
    if (!find_scram(chosen.name) && chosen.name != "ANONYMOUS") fuzz::fail("a secret in clear");
}

void check_payload(std::string_view text) {
    if (detail::sasl::decode_payload(encode_payload(text)) != text) {
        fuzz::fail("a payload changes when it is written and read");
    }
    const auto data = decode_payload(text);
    if (!text.empty() && encode_payload(data) != text) {
        fuzz::fail("a payload with two ways of writing");
    }
}

void check_preparation(std::string_view text) {
    const auto once = saslprep(text);
    if (saslprep(once.view()).view() != once.view()) fuzz::fail("prepared text is prepared again");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto input = fuzz::as_text(data, size).substr(1);
    fuzz::with_typed_errors([&] { log_in(data[0], input); });
    fuzz::with_typed_errors([&] { check_choice(data[0], input); });
    fuzz::with_typed_errors([&] { check_payload(input); });
    fuzz::with_typed_errors([&] { check_preparation(input); });
    return 0;
}
