// The client's machines against the server's.

#include "code_of.hpp"
#include "sasl/choice.hpp"
#include "sasl/server/server_mechanism.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using xmpp::credentials;
using xmpp::errc;
using xmpp::sasl_condition;
using namespace xmpp::detail::sasl;

const std::vector<std::string> every_scram{
    "SCRAM-SHA-1",      "SCRAM-SHA-256",      "SCRAM-SHA-384",      "SCRAM-SHA-512",
    "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-512-PLUS"};

server_settings account(std::vector<std::string> mechanisms) {
    server_settings settings;
    settings.password = [](std::string_view user) {
        return user == "juliet" ? std::optional<std::string>("secret") : std::nullopt;
    };
    settings.token_user = [](std::string_view token) {
        return token == "t0k.en" ? std::optional<std::string>("juliet") : std::nullopt;
    };
    settings.certificate_user = "juliet";
    settings.bindings = {{"tls-exporter", "exported"}, {"tls-server-end-point", "hashed"}};
    settings.offered = {std::move(mechanisms),
                        std::vector<std::string>{"tls-exporter", "tls-server-end-point"}};
    return settings;
}

/// Runs the exchange to its end; the client throws what it finds wrong.
server_step run(mechanism& client, const server_settings& settings) {
    const auto server = make_server_mechanism(client.name(), settings);
    auto last = server->start(client.initial_response());
    while (const auto* challenge = std::get_if<server_challenge>(&last)) {
        const auto response = client.respond(challenge->data);
        last = server->step(response);
    }
    if (const auto* success = std::get_if<server_success>(&last)) client.finish(success->data);
    return last;
}

struct login {
    credentials who = credentials("juliet@example.org", "secret");
    server_settings server;
    link_state link;
    choice_policy policy;

    explicit login(std::vector<std::string> mechanisms) : server(account(std::move(mechanisms))) {
        link = {true, true, server.bindings};
        policy.mechanisms = server.offered.mechanisms;
    }

    std::unique_ptr<mechanism> client() const {
        return choose(server.offered, who, link, policy).built_in;
    }
    server_step run() const {
        const auto chosen = client();
        return ::run(*chosen, server);
    }
    bool succeeds_for(std::string_view user) const {
        const auto last = run();
        const auto* success = std::get_if<server_success>(&last);
        return success && success->user == user;
    }
    std::optional<sasl_condition> failure() const {
        const auto last = run();
        const auto* failed = std::get_if<server_failure>(&last);
        return failed ? std::optional(failed->condition) : std::nullopt;
    }
};

class scram_login : public testing::TestWithParam<std::string> {};

TEST_P(scram_login, succeeds_and_leaves_keys_and_a_proved_offer) {
    const login it({GetParam()});
    const auto client = it.client();
    const auto last = run(*client, it.server);
    ASSERT_TRUE(std::holds_alternative<server_success>(last));
    EXPECT_EQ(std::get<server_success>(last).user, "juliet");
    EXPECT_EQ(std::get<server_success>(last).authzid, "");
    ASSERT_NE(client->keys(), nullptr);
    EXPECT_TRUE(GetParam().starts_with(client->keys()->mechanism()));
    EXPECT_TRUE(client->offer_verified());
}

TEST_P(scram_login, succeeds_with_the_signature_in_a_challenge) {
    login it({GetParam()});
    it.server.signature_in_challenge = true;
    EXPECT_TRUE(it.succeeds_for("juliet"));
}

TEST_P(scram_login, succeeds_with_the_keys_of_the_last_one) {
    login it({GetParam()});
    it.server.salt = "always the same";
    const auto client = it.client();
    run(*client, it.server);
    it.who = credentials("juliet@example.org", "").scram_keys(*client->keys());
    EXPECT_TRUE(it.succeeds_for("juliet"));
    it.server.salt = "changed";
    EXPECT_EQ(code_of([&] { it.run(); }), sasl_condition::credentials_expired);
}

TEST_P(scram_login, fails_with_a_wrong_password) {
    login it({GetParam()});
    it.who = credentials("juliet@example.org", "wrong");
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
    it.who = credentials("romeo@example.org", "secret");
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
}

TEST_P(scram_login, asks_for_the_address) {
    login it({GetParam()});
    it.who = credentials("bo=ss@example.org", "secret").authcid("juliet");
    const auto last = it.run();
    ASSERT_TRUE(std::holds_alternative<server_success>(last));
    EXPECT_EQ(std::get<server_success>(last).authzid, "bo=ss@example.org");
}

INSTANTIATE_TEST_SUITE_P(every, scram_login, testing::ValuesIn(every_scram), [](const auto& info) {
    auto name = info.param;
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
});

TEST(login, fails_when_somebody_relays_it_over_two_tls_connections) {
    login it({"SCRAM-SHA-256-PLUS"});
    it.link.bindings = {{"tls-exporter", "of the connection to the attacker"}};
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
}

TEST(login, fails_with_a_binding_that_the_server_does_not_have) {
    login it({"SCRAM-SHA-256-PLUS"});
    it.server.bindings.clear();
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
}

TEST(login, is_refused_by_the_server_when_plus_was_removed_on_the_way) {
    const login honest({"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"});
    offer stripped{{"SCRAM-SHA-256"}, std::nullopt};
    const auto client = choose(stripped, honest.who, honest.link, {}).built_in;
    const auto last = run(*client, honest.server);
    ASSERT_TRUE(std::holds_alternative<server_failure>(last));
}

TEST(login, is_broken_off_when_the_offer_was_changed_on_the_way) {
    const login honest({"SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"});
    const offer changed{{"SCRAM-SHA-1"}, std::nullopt};
    link_state link;
    link.secure = true;
    const auto client = choose(changed, honest.who, link, {}).built_in;
    EXPECT_EQ(code_of([&] { run(*client, honest.server); }), errc::downgrade_detected);
}

TEST(login, fails_when_the_hash_was_changed_with_the_offer) {
    const login honest({"SCRAM-SHA-1", "SCRAM-SHA-256"});
    const offer changed{{"SCRAM-SHA-1"}, std::nullopt};
    link_state link;
    link.secure = true;
    const auto client = choose(changed, honest.who, link, {}).built_in;
    const auto server = make_server_mechanism("SCRAM-SHA-1", honest.server);
    auto first = std::get<server_challenge>(server->start(client->initial_response())).data;
    first.replace(first.find(",h=") + 3, std::string::npos,
                  offer_hash(xmpp::detail::hash::sha1, changed));
    const auto last = server->step(client->respond(first));
    EXPECT_TRUE(std::holds_alternative<server_failure>(last));
}

TEST(login, is_broken_off_when_the_server_no_longer_proves_its_offer) {
    login it({"SCRAM-SHA-256"});
    it.server.prove_offer = false;
    EXPECT_FALSE(it.client()->offer_verified());
    EXPECT_TRUE(it.succeeds_for("juliet"));
    it.policy.pin.learn({true, exposure::proof, 0, bound_to::nothing, true});
    EXPECT_EQ(code_of([&] { it.run(); }), errc::login_downgraded);
}

TEST(login, is_broken_off_when_the_server_asks_for_too_many_iterations) {
    login it({"SCRAM-SHA-256"});
    it.server.iterations = 5000;
    it.policy.limits.max_iterations = 4999;
    EXPECT_EQ(code_of([&] { it.run(); }), errc::bad_challenge);
}

TEST(login, by_plain) {
    login it({"PLAIN"});
    EXPECT_TRUE(it.succeeds_for("juliet"));
    it.who = credentials("juliet@example.org", "wrong");
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
}

TEST(login, by_plain_for_another_address) {
    login it({"PLAIN"});
    it.who = credentials("boss@example.org", "secret").authcid("juliet");
    EXPECT_EQ(std::get<server_success>(it.run()).authzid, "boss@example.org");
}

TEST(login, as_nobody) {
    login it({"ANONYMOUS"});
    it.who = credentials::anonymous("example.org");
    EXPECT_TRUE(it.succeeds_for(""));
}

TEST(login, by_certificate) {
    login it({"EXTERNAL"});
    EXPECT_TRUE(it.succeeds_for("juliet"));
    it.server.certificate_user.clear();
    EXPECT_EQ(it.failure(), sasl_condition::not_authorized);
}

TEST(login, by_token) {
    for (const auto* name : {"OAUTHBEARER", "X-OAUTH2"}) {
        login it({name});
        it.who = credentials::oauth("juliet@example.org", "t0k.en");
        EXPECT_TRUE(it.succeeds_for("juliet")) << name;
        EXPECT_EQ(std::get<server_success>(it.run()).authzid, "juliet@example.org") << name;
        it.who = credentials::oauth("example.org", "t0k.en");
        EXPECT_TRUE(it.succeeds_for("juliet")) << name;
        it.who = credentials::oauth("juliet@example.org", "old");
        EXPECT_EQ(it.failure(), sasl_condition::not_authorized) << name;
    }
}

TEST(login, by_an_old_token_tells_why_it_was_refused) {
    login it({"OAUTHBEARER"});
    it.who = credentials::oauth("juliet@example.org", "old");
    const auto client = it.client();
    run(*client, it.server);
    EXPECT_EQ(client->explanation(), R"({"status":"invalid_token"})");
}

#ifdef XMPP_HAVE_ICU
TEST(login, with_a_password_that_is_typed_in_another_form) {
    for (const auto* name : {"SCRAM-SHA-256", "PLAIN"}) {
        login it({name});
        it.server.password = [](std::string_view) {
            return std::optional<std::string>("\u00FC\U0001F600");
        };
        it.who = credentials("juliet@example.org", "u\u0308\U0001F600");
        EXPECT_TRUE(it.succeeds_for("juliet")) << name;
    }
}
#endif

}  // namespace
