#include "sasl/server/server_mechanism.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using xmpp::sasl_condition;
using namespace xmpp::detail::sasl;
using namespace std::string_literals;

server_settings one_account() {
    server_settings settings;
    settings.password = [](std::string_view user) {
        return user == "user" ? std::optional<std::string>("pencil") : std::nullopt;
    };
    settings.offered.mechanisms = {"SCRAM-SHA-1"};
    return settings;
}

sasl_condition failure(const server_step& step) {
    return std::holds_alternative<server_failure>(step) ? std::get<server_failure>(step).condition
                                                        : sasl_condition::aborted;
}

struct bad_first {
    std::string name;
    std::string text;
};

class server_scram_refuses_first : public testing::TestWithParam<bad_first> {};

TEST_P(server_scram_refuses_first, as_malformed) {
    const auto server = make_server_mechanism("SCRAM-SHA-1", one_account());
    EXPECT_EQ(failure(server->start(GetParam().text)), sasl_condition::malformed_request);
    EXPECT_EQ(failure(server->step("n,,n=user,r=abc")), sasl_condition::malformed_request);
}

INSTANTIATE_TEST_SUITE_P(all, server_scram_refuses_first,
                         testing::Values(bad_first{"empty", ""},
                                         bad_first{"no_header", "n=user,r=abc"},
                                         bad_first{"unknown_flag", "x,,n=user,r=abc"},
                                         bad_first{"no_binding_type", "p=,,n=user,r=abc"},
                                         bad_first{"unknown_field", "n,b=c,n=user,r=abc"},
                                         bad_first{"empty_authzid", "n,a=,n=user,r=abc"},
                                         bad_first{"no_name", "n,,r=abc"},
                                         bad_first{"no_nonce", "n,,n=user"},
                                         bad_first{"bad_nonce", "n,,n=user,r=a b"},
                                         bad_first{"bad_escape", "n,,n=us=2Ber,r=abc"},
                                         bad_first{"mandatory_extension", "n,,m=x,n=user,r=abc"}),
                         [](const auto& info) { return info.param.name; });

TEST(server_scram, refuses_unknown_users_and_bindings_that_the_name_does_not_have) {
    for (const auto* text : {"n,,n=nobody,r=abc", "p=tls-exporter,,n=user,r=abc"}) {
        const auto server = make_server_mechanism("SCRAM-SHA-1", one_account());
        EXPECT_EQ(failure(server->start(text)), sasl_condition::not_authorized);
    }
    const auto server = make_server_mechanism("SCRAM-SHA-1-PLUS", one_account());
    EXPECT_EQ(failure(server->start("n,,n=user,r=abc")), sasl_condition::not_authorized);
}

TEST(server_scram, takes_y_only_where_it_offers_no_plus) {
    auto settings = one_account();
    const auto server = make_server_mechanism("SCRAM-SHA-1", settings);
    EXPECT_TRUE(std::holds_alternative<server_challenge>(server->start("y,,n=user,r=abc")));
    settings.offered.mechanisms.push_back("SCRAM-SHA-1-PLUS");
    const auto strict = make_server_mechanism("SCRAM-SHA-1", settings);
    EXPECT_EQ(failure(strict->start("y,,n=user,r=abc")), sasl_condition::not_authorized);
}

TEST(server_scram, refuses_a_malformed_final_message) {
    for (const auto* text : {"", "c=biws", "c=biws,r=abc", "r=abc,c=biws,p=AAAA",
                             "c=!,r=abc,p=AAAA", "c=biws,r=abc,p=!"}) {
        const auto server = make_server_mechanism("SCRAM-SHA-1", one_account());
        server->start("n,,n=user,r=abc");
        EXPECT_EQ(failure(server->step(text)), sasl_condition::malformed_request) << text;
    }
}

TEST(server_scram, refuses_a_proof_over_another_nonce_or_header) {
    for (const auto* text : {"c=biws,r=abcd,p=AAAA", "c=eSws,r=abc,p=AAAA"}) {
        const auto server = make_server_mechanism("SCRAM-SHA-1", one_account());
        server->start("n,,n=user,r=abc");
        EXPECT_EQ(failure(server->step(text)), sasl_condition::not_authorized) << text;
    }
}

TEST(server_plain, refuses_what_has_not_two_nul_characters) {
    for (const auto& text : {""s, "user"s, "user\0pencil"s}) {
        const auto server = make_server_mechanism("PLAIN", one_account());
        EXPECT_EQ(failure(server->start(text)), sasl_condition::malformed_request);
    }
}

TEST(server_oauthbearer, refuses_what_is_malformed) {
    for (const auto& text : {""s, "n,,"s,
                             "n,,\x01"
                             "auth=Bearer t"s,
                             "n,,\x01"
                             "auth=Basic t\x01\x01"s}) {
        const auto server = make_server_mechanism("OAUTHBEARER", one_account());
        EXPECT_EQ(failure(server->start(text)), sasl_condition::malformed_request);
    }
}

TEST(server_mechanism, asks_for_the_first_message_where_there_is_none) {
    const auto server = make_server_mechanism("PLAIN", one_account());
    const auto first = server->start(std::nullopt);
    ASSERT_TRUE(std::holds_alternative<server_challenge>(first));
    EXPECT_EQ(std::get<server_challenge>(first).data, "");
    EXPECT_TRUE(std::holds_alternative<server_success>(server->step("\0user\0pencil"s)));
}

TEST(server_mechanism, is_over_with_its_success) {
    const auto server = make_server_mechanism("ANONYMOUS", one_account());
    EXPECT_TRUE(std::holds_alternative<server_success>(server->start("")));
    EXPECT_EQ(failure(server->step("")), sasl_condition::malformed_request);
}

TEST(server_mechanism, is_not_there_for_unknown_names) {
    EXPECT_EQ(make_server_mechanism("DIGEST-MD5", one_account()), nullptr);
}

}  // namespace
