#include "sasl/simple_mechanisms.hpp"

#include "code_of.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using xmpp::credentials;
using xmpp::errc;
using namespace xmpp::detail::sasl;
using namespace std::string_literals;

TEST(plain, sends_name_and_password) {
    const auto client = make_plain(credentials("juliet@example.org", "r0m30"));
    EXPECT_EQ(client->name(), "PLAIN");
    EXPECT_EQ(client->initial_response(), "\0juliet\0r0m30"s);
    EXPECT_NO_THROW(client->finish(std::nullopt));
    EXPECT_EQ(client->keys(), nullptr);
}

TEST(plain, sends_the_address_when_the_name_is_another) {
    const auto client = make_plain(credentials("boss@example.org", "pw").authcid("admin"));
    EXPECT_EQ(client->initial_response(), "boss@example.org\0admin\0pw"s);
}

TEST(plain, refuses_a_challenge) {
    const auto client = make_plain(credentials("juliet@example.org", "r0m30"));
    client->initial_response();
    EXPECT_EQ(code_of([&] { client->respond(""); }), errc::bad_challenge);
}

TEST(plain, refuses_data_with_success) {
    const auto client = make_plain(credentials("juliet@example.org", "r0m30"));
    client->initial_response();
    EXPECT_NO_THROW(client->finish(""));
    EXPECT_EQ(code_of([&] { client->finish("v=abc"); }), errc::bad_challenge);
}

TEST(plain, sends_what_was_typed_where_SASLprep_would_change_or_refuse_it) {
    for (const auto& password :
         {"a\u00A0b"s, "\uFB01ne"s, "tab\there"s, "line\nend"s, "\u00AD"s, "\u0627\u0031"s}) {
        const auto client = make_plain(credentials("juliet@example.org", password));
        EXPECT_EQ(client->initial_response(), "\0juliet\0"s + password);
    }
    const auto who = credentials("juliet@example.org", "pw").authcid("J\u00A0\uFB01");
    EXPECT_EQ(make_plain(who)->initial_response(), "juliet@example.org\0J\u00A0\uFB01\0pw"s);
}

TEST(plain, refuses_what_separates_name_and_password) {
    const auto password = make_plain(credentials("juliet@example.org", "a\0b"s));
    EXPECT_EQ(code_of([&] { password->initial_response(); }), errc::prohibited_string);
    const auto name = make_plain(credentials("juliet@example.org", "pw").authcid("a\0b"s));
    EXPECT_EQ(code_of([&] { name->initial_response(); }), errc::prohibited_string);
}

TEST(plain, sends_characters_beyond_the_basic_plane_as_utf8) {
    const auto client = make_plain(credentials("juliet@example.org", "p\U0001F600"));
    EXPECT_EQ(client->initial_response(), "\0juliet\0p\xf0\x9f\x98\x80"s);
}

TEST(anonymous, sends_nothing) {
    const auto client = make_anonymous();
    EXPECT_EQ(client->name(), "ANONYMOUS");
    EXPECT_EQ(client->initial_response(), std::nullopt);
    EXPECT_NO_THROW(client->finish(std::nullopt));
}

TEST(anonymous, answers_the_one_empty_challenge) {
    const auto client = make_anonymous();
    client->initial_response();
    EXPECT_EQ(client->respond(""), "");
    EXPECT_EQ(code_of([&] { client->respond(""); }), errc::bad_challenge);
    EXPECT_EQ(code_of([] { make_anonymous()->respond("x"); }), errc::bad_challenge);
}

TEST(external, sends_an_empty_response_for_the_own_address) {
    const auto client = make_external(credentials::external("juliet@example.org/balcony"));
    EXPECT_EQ(client->name(), "EXTERNAL");
    EXPECT_EQ(client->initial_response(), "");
    EXPECT_EQ(
        make_external(credentials("juliet@example.org", "pw").authcid("admin"))->initial_response(),
        "");
}

TEST(external, sends_another_address) {
    const auto client =
        make_external(credentials::external("juliet@example.org").authzid("romeo@example.org"));
    EXPECT_EQ(client->initial_response(), "romeo@example.org");
}

TEST(external, sends_the_own_address_where_the_program_names_it) {
    const auto who = credentials::external("juliet@example.org").authzid("juliet@example.org");
    EXPECT_EQ(make_external(who)->initial_response(), "juliet@example.org");
}

TEST(external, answers_the_one_empty_challenge_with_what_it_has_to_say) {
    const auto own = make_external(credentials::external("juliet@example.org"));
    own->initial_response();
    EXPECT_EQ(own->respond(""), "");
    EXPECT_EQ(code_of([&] { own->respond(""); }), errc::bad_challenge);
    const auto other =
        make_external(credentials::external("juliet@example.org").authzid("romeo@example.org"));
    other->initial_response();
    EXPECT_EQ(other->respond(""), "romeo@example.org");
    EXPECT_EQ(
        code_of([] { make_external(credentials::external("juliet@example.org"))->respond("x"); }),
        errc::bad_challenge);
}

TEST(oauthbearer, sends_address_and_token) {
    const auto client = make_oauthbearer(credentials::oauth("juliet@example.org/r", "t0k.en"));
    EXPECT_EQ(client->name(), "OAUTHBEARER");
    EXPECT_EQ(client->initial_response(),
              "n,a=juliet@example.org,\x01"
              "auth=Bearer t0k.en\x01\x01");
    EXPECT_NO_THROW(client->finish(std::nullopt));
}

TEST(oauthbearer, sends_a_token_alone_for_a_domain) {
    EXPECT_EQ(make_oauthbearer(credentials::oauth("example.org", "t0k.en"))->initial_response(),
              "n,,\x01"
              "auth=Bearer t0k.en\x01\x01");
}

TEST(oauthbearer, answers_the_error_and_reports_it) {
    const auto client = make_oauthbearer(credentials::oauth("juliet@example.org", "t0k.en"));
    client->initial_response();
    EXPECT_EQ(client->explanation(), "");
    EXPECT_EQ(client->respond(R"({"status":"invalid_token"})"), "\x01");
    EXPECT_EQ(client->explanation(), R"({"status":"invalid_token"})");
}

TEST(oauthbearer, is_no_login_after_the_error) {
    const auto client = make_oauthbearer(credentials::oauth("juliet@example.org", "t0k.en"));
    client->initial_response();
    client->respond(R"({"status":"invalid_token"})");
    EXPECT_EQ(code_of([&] { client->finish(std::nullopt); }), errc::bad_challenge);
}

TEST(oauthbearer, refuses_further_and_huge_challenges) {
    const auto client = make_oauthbearer(credentials::oauth("juliet@example.org", "t0k.en"));
    client->initial_response();
    EXPECT_EQ(code_of([&] { client->respond(""); }), errc::bad_challenge);
    EXPECT_EQ(code_of([&] { client->respond(std::string(1024 * 1024, 'x')); }),
              errc::bad_challenge);
    client->respond("{}");
    EXPECT_EQ(code_of([&] { client->respond("{}"); }), errc::bad_challenge);
}

TEST(oauthbearer, refuses_a_token_that_would_break_the_message) {
    for (const auto& token : {""s,
                              "a\x01"
                              "b"s,
                              "a b"s, "a\nb"s, "\xc3\xa9"s, "a\0b"s}) {
        const auto who = credentials::oauth("juliet@example.org", token);
        EXPECT_EQ(code_of([&] { make_oauthbearer(who)->initial_response(); }),
                  errc::prohibited_string);
        EXPECT_EQ(code_of([&] { make_x_oauth2(who)->initial_response(); }),
                  errc::prohibited_string);
    }
}

TEST(x_oauth2, sends_address_and_token) {
    const auto client = make_x_oauth2(credentials::oauth("juliet@example.org", "t0k.en"));
    EXPECT_EQ(client->name(), "X-OAUTH2");
    EXPECT_EQ(client->initial_response(), "\0juliet@example.org\0t0k.en"s);
    EXPECT_EQ(make_x_oauth2(credentials::oauth("example.org", "t"))->initial_response(), "\0\0t"s);
}

}  // namespace
