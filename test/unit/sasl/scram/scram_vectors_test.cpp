#include "scram_vectors.hpp"

#include "base/crypto/base64.hpp"
#include "sasl/offer.hpp"
#include "sasl/scram/scram_client.hpp"
#include "sasl/scram/scram_message.hpp"
#include "sasl/server/server_mechanism.hpp"
#include "unit/sasl/code_of.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xmpp::detail;
using namespace xmpp::detail::sasl;

class scram_exchange : public testing::TestWithParam<scram_vector> {
 protected:
    std::unique_ptr<mechanism> make_client() const {
        const auto& v = GetParam();
        scram_settings settings;
        settings.binding = v.binding;
        settings.nonce = v.client_nonce;
        return make_scram(*find_scram(v.mechanism),
                          xmpp::credentials(v.user + "@example.org", v.password), settings);
    }

    std::string salt() const { return *base64_decode(attribute('s')); }
    std::string attribute(char name) const {
        for (const auto& a : parse_attributes(GetParam().server_first)) {
            if (a.name == name) return std::string(a.value);
        }
        return {};
    }
};

TEST_P(scram_exchange, of_the_client_is_the_published_one) {
    const auto& v = GetParam();
    const auto client = make_client();
    EXPECT_EQ(client->name(), v.mechanism);
    EXPECT_EQ(client->initial_response(), v.client_first);
    EXPECT_EQ(client->respond(v.server_first), v.client_final);
    EXPECT_EQ(client->keys(), nullptr);
    client->finish(v.server_final);
    ASSERT_NE(client->keys(), nullptr);
    EXPECT_EQ(client->keys()->salt(), salt());
}

TEST_P(scram_exchange, of_the_server_is_the_published_one) {
    const auto& v = GetParam();
    server_settings settings;
    settings.password = [&](std::string_view user) {
        return user == v.user ? std::optional(v.password) : std::nullopt;
    };
    if (v.binding) settings.bindings = {*v.binding};
    settings.salt = salt();
    settings.nonce = attribute('r').substr(v.client_nonce.size());
    settings.prove_offer = false;
    const auto server = make_server_mechanism(v.mechanism, settings);
    const auto first = server->start(v.client_first);
    ASSERT_TRUE(std::holds_alternative<server_challenge>(first));
    EXPECT_EQ(std::get<server_challenge>(first).data, v.server_first);
    const auto second = server->step(v.client_final);
    ASSERT_TRUE(std::holds_alternative<server_success>(second));
    EXPECT_EQ(std::get<server_success>(second).data, v.server_final);
    EXPECT_EQ(std::get<server_success>(second).user, v.user);
}

TEST_P(scram_exchange, computes_the_published_salted_password) {
    const auto& v = GetParam();
    const auto algorithm = find_scram(v.mechanism)->hash;
    const auto salted = pbkdf2(algorithm, v.password, salt(), 4096);
    EXPECT_EQ(hex(salted), v.salted_password);
    const auto secrets = derive_secrets(algorithm, v.password, salt(), 4096);
    EXPECT_EQ(secrets.client_key.view(), hmac(algorithm, salted, "Client Key").view());
    EXPECT_EQ(secrets.server_key.view(), hmac(algorithm, salted, "Server Key").view());
}

INSTANTIATE_TEST_SUITE_P(vectors, scram_exchange, testing::ValuesIn(scram_vectors()),
                         [](const auto& info) { return info.param.test_name; });

TEST(offer_hash, is_the_published_one_whatever_the_order) {
    const std::string published = "G6k/rBLDqgOhRRaCuuatSDFkJ08=";
    EXPECT_EQ(offer_hash(hash::sha1, {{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"},
                                      {{"tls-server-end-point", "tls-exporter"}}}),
              published);
    EXPECT_EQ(offer_hash(hash::sha1, {{"SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"},
                                      {{"tls-exporter", "tls-server-end-point"}}}),
              published);
}

TEST(offer_hash, covers_repetition_and_white_space_as_they_stand) {
    const auto plain = offer_hash(hash::sha1, {{"PLAIN"}, std::nullopt});
    EXPECT_NE(offer_hash(hash::sha1, {{"PLAIN", "PLAIN"}, std::nullopt}), plain);
    EXPECT_NE(offer_hash(hash::sha1, {{" PLAIN"}, std::nullopt}), plain);
}

TEST(offer_hash, tells_no_list_of_bindings_from_an_empty_one) {
    const std::vector<std::string> names{"PLAIN"};
    EXPECT_EQ(offer_hash(hash::sha256, {names, std::nullopt}),
              base64_encode(digest(hash::sha256, "PLAIN")));
    EXPECT_EQ(offer_hash(hash::sha256, {names, std::vector<std::string>()}),
              base64_encode(digest(hash::sha256, "PLAIN\x1f")));
}

}  // namespace
