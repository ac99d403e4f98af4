#include "sasl/scram/scram_client.hpp"

#include "scram_vectors.hpp"
#include "unit/sasl/code_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

using xmpp::credentials;
using xmpp::errc;
using xmpp::sasl_condition;
using namespace xmpp::detail::sasl;

const std::string nonce = "fyko+d2lbbFgONRv9qkxdawL";
const std::string server_nonce = nonce + "3rfcNHYJY1ZVvWVs7j";
const std::string salt = "QSXCR+Q6sek8bf92";

std::unique_ptr<mechanism> make_client(const credentials& who, scram_settings settings = {},
                                       std::string_view name = "SCRAM-SHA-1") {
    settings.nonce = nonce;
    return make_scram(*find_scram(name), who, std::move(settings));
}

/// As in RFC 5802, with its first message sent.
std::unique_ptr<mechanism> started(scram_settings settings = {}) {
    auto client = make_client(credentials("user@example.org", "pencil"), std::move(settings));
    client->initial_response();
    return client;
}

std::unique_ptr<mechanism> with_proof_sent() {
    auto client = started();
    client->respond(rfc5802().server_first);
    return client;
}

struct bad_message {
    std::string name;
    std::string text;
};

std::string name_of(const testing::TestParamInfo<bad_message>& info) {
    return info.param.name;
}

// ---- server-first-message

class scram_refuses_first : public testing::TestWithParam<bad_message> {};

TEST_P(scram_refuses_first, and_the_exchange_is_over) {
    const auto client = started();
    EXPECT_EQ(code_of([&] { client->respond(GetParam().text); }), errc::bad_challenge);
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first); }), errc::bad_challenge);
    EXPECT_EQ(code_of([&] { client->finish(rfc5802().server_final); }), errc::server_unverified);
    EXPECT_EQ(client->keys(), nullptr);
}

bad_message first(std::string name, const std::string& r, const std::string& s,
                  const std::string& i) {
    return {std::move(name), "r=" + r + ",s=" + s + ",i=" + i};
}

INSTANTIATE_TEST_SUITE_P(
    nonce, scram_refuses_first,
    testing::Values(first("nonce_of_another", "xyko+d2lbbFgONRv9qkxdawLabc", salt, "4096"),
                    first("part_of_ours", nonce.substr(0, 10), salt, "4096"),
                    first("nothing_added", nonce, salt, "4096"),
                    first("control_character", nonce + "a\x01", salt, "4096"),
                    first("space", nonce + "a b", salt, "4096"),
                    first("delete", nonce + "\x7f", salt, "4096"),
                    first("beyond_ascii", nonce + "\xc3\xa9", salt, "4096"),
                    first("comma", nonce + ",abc", salt, "4096"),
                    first("comma_at_the_end_of_the_nonce", nonce + "abc,", salt, "4096")),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    iterations, scram_refuses_first,
    testing::Values(first("zero", server_nonce, salt, "0"),
                    first("negative", server_nonce, salt, "-1"),
                    first("one", server_nonce, salt, "1"), first("word", server_nonce, salt, "abc"),
                    first("number_and_word", server_nonce, salt, "4096a"),
                    first("below_the_minimum", server_nonce, salt, "4095"),
                    first("above_the_maximum", server_nonce, salt, "1000001"),
                    first("two_to_the_31", server_nonce, salt, "2147483648"),
                    first("ten_to_the_9", server_nonce, salt, "1000000000"),
                    first("wraps_to_4096", server_nonce, salt, "4294971392"),
                    first("longer_than_any_number", server_nonce, salt, std::string(100, '9')),
                    first("plus", server_nonce, salt, "+4096"),
                    first("leading_zero", server_nonce, salt, "04096"),
                    first("leading_space", server_nonce, salt, " 4096"),
                    first("hexadecimal", server_nonce, salt, "0x1000")),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    salt, scram_refuses_first,
    testing::Values(first("empty_salt", server_nonce, "", "4096"),
                    first("only_padding", server_nonce, "====", "4096"),
                    first("not_base64", server_nonce, "QSXC!+Q6", "4096"),
                    first("no_padding", server_nonce, "QSXCR+Q6sek8bf9", "4096"),
                    first("white_space", server_nonce, "QSXC R+Q6sek8bf9", "4096")),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    form, scram_refuses_first,
    testing::Values(bad_message{"no_salt", "r=" + server_nonce + ",i=4096"},
                    bad_message{"no_iterations", "r=" + server_nonce + ",s=" + salt},
                    bad_message{"no_nonce", "s=" + salt + ",i=4096"}, bad_message{"empty", ""},
                    bad_message{"salt_first", "s=" + salt + ",r=" + server_nonce + ",i=4096"},
                    bad_message{"iterations_before_salt",
                                "r=" + server_nonce + ",i=4096,s=" + salt},
                    bad_message{"extension_before_iterations",
                                "r=" + server_nonce + ",s=" + salt + ",x=y,i=4096"},
                    first("nonce_twice", server_nonce, salt, "4096,r=" + server_nonce),
                    first("iterations_twice", server_nonce, salt, "4096,i=8192"),
                    first("extension_twice", server_nonce, salt, "4096,x=1,x=1"),
                    bad_message{"mandatory_extension_first",
                                "m=ext,r=" + server_nonce + ",s=" + salt + ",i=4096"},
                    first("mandatory_extension_last", server_nonce, salt, "4096,m=ext"),
                    first("name_is_a_digit", server_nonce, salt, "4096,1=x"),
                    first("name_of_two_letters", server_nonce, salt, "4096,ab=x"),
                    first("no_name", server_nonce, salt, "4096,=x"),
                    first("no_equals_sign", server_nonce, salt, "4096,xyz"),
                    first("no_value", server_nonce, salt, "4096,x="),
                    first("empty_attribute", server_nonce, salt, "4096,,x=y"),
                    first("comma_at_the_end_of_the_message", server_nonce, salt, "4096,"),
                    first("nul", server_nonce, salt, std::string("4096,x=\0y", 9)),
                    first("huge", server_nonce, salt, "4096,x=" + std::string(1024 * 1024, 'x'))),
    name_of);

TEST(scram, takes_as_many_iterations_as_the_limits_allow) {
    for (const auto* iterations : {"50", "60"}) {
        scram_settings settings;
        settings.limits = {50, 60};
        const auto client = started(settings);
        EXPECT_FALSE(
            client->respond("r=" + server_nonce + ",s=" + salt + ",i=" + iterations).empty());
    }
    for (const auto* iterations : {"49", "61"}) {
        scram_settings settings;
        settings.limits = {50, 60};
        const auto client = started(settings);
        EXPECT_EQ(code_of([&] {
                      client->respond("r=" + server_nonce + ",s=" + salt + ",i=" + iterations);
                  }),
                  errc::bad_challenge);
    }
}

TEST(scram, covers_an_unknown_attribute_by_the_proof) {
    const auto client = started();
    const auto final_message = client->respond(rfc5802().server_first + ",z=unknown,t=1");
    EXPECT_NE(final_message, rfc5802().client_final);
    EXPECT_TRUE(final_message.starts_with("c=biws,r=" + server_nonce + ",p="));
    // The signature of the exchange without the attribute no longer fits.
    EXPECT_EQ(code_of([&] { client->finish(rfc5802().server_final); }), errc::server_unverified);
}

TEST(scram, reports_the_server_error_of_the_first_message) {
    const auto client = started();
    EXPECT_EQ(code_of([&] { client->respond("e=unknown-user"); }), sasl_condition::not_authorized);
}

// ---- server-final-message

class scram_refuses_final : public testing::TestWithParam<bad_message> {};

TEST_P(scram_refuses_final, with_success) {
    const auto client = with_proof_sent();
    const auto code = code_of([&] { client->finish(GetParam().text); });
    EXPECT_TRUE(code == errc::server_unverified || code == errc::bad_challenge) << code.message();
    EXPECT_EQ(client->keys(), nullptr);
}

TEST_P(scram_refuses_final, as_a_challenge_and_the_success_after_it) {
    const auto client = with_proof_sent();
    const auto code = code_of([&] { client->respond(GetParam().text); });
    EXPECT_TRUE(code == errc::server_unverified || code == errc::bad_challenge) << code.message();
    EXPECT_EQ(code_of([&] { client->finish(std::nullopt); }), errc::server_unverified);
    EXPECT_EQ(client->keys(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    all, scram_refuses_final,
    testing::Values(bad_message{"wrong", "v=rmF9pqV8S7suAoZWja4dJRkFsKR="},
                    bad_message{"of_another_exchange", "v=pNNDFVEQxuXxCoSEiW8GEZ+1RSo="},
                    bad_message{"cut_by_one", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ"},
                    bad_message{"cut_by_a_group", "v=rmF9pqV8S7suAoZWja4dJRkF"},
                    bad_message{"empty_value", "v="}, bad_message{"empty", ""},
                    bad_message{"missing", "x=y"}, bad_message{"not_base64", "v=!!!!"},
                    bad_message{"not_first", "x=y,v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
                    bad_message{"mandatory_extension", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,m=x"},
                    bad_message{"garbage_behind", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,"}),
    name_of);

TEST(scram, wrong_signature_is_no_login) {
    const auto client = with_proof_sent();
    EXPECT_EQ(code_of([&] { client->finish("v=pNNDFVEQxuXxCoSEiW8GEZ+1RSo="); }),
              errc::server_unverified);
}

TEST(scram, takes_extensions_behind_the_signature) {
    const auto client = with_proof_sent();
    EXPECT_NO_THROW(client->finish(rfc5802().server_final + ",x=y"));
}

TEST(scram, reports_the_error_of_the_server) {
    for (const bool in_success : {true, false}) {
        const auto client = with_proof_sent();
        try {
            if (in_success) {
                client->finish("e=other-error");
            } else {
                client->respond("e=other-error");
            }
            ADD_FAILURE() << "did not throw";
        } catch (const xmpp::error& e) {
            EXPECT_EQ(e.code(), sasl_condition::not_authorized);
            EXPECT_EQ(e.condition(), "other-error");
        }
        EXPECT_EQ(client->explanation(), "other-error");
    }
}

TEST(scram, keeps_odd_words_of_the_server_out_of_the_condition) {
    const auto client = with_proof_sent();
    try {
        client->finish("e=\x1b[31mred");
        ADD_FAILURE() << "did not throw";
    } catch (const xmpp::error& e) {
        EXPECT_EQ(e.condition(), "other-error");
    }
}

TEST(scram, success_before_any_challenge_is_no_login) {
    for (const auto& data : {std::optional<std::string_view>(), std::optional<std::string_view>(""),
                             std::optional<std::string_view>("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")}) {
        const auto client = started();
        EXPECT_EQ(code_of([&] { client->finish(data); }), errc::server_unverified);
    }
}

TEST(scram, success_without_signature_is_no_login) {
    for (const auto& data :
         {std::optional<std::string_view>(), std::optional<std::string_view>("")}) {
        const auto client = with_proof_sent();
        EXPECT_EQ(code_of([&] { client->finish(data); }), errc::server_unverified);
        EXPECT_EQ(client->keys(), nullptr);
    }
}

TEST(scram, refuses_a_challenge_after_the_signature) {
    const auto client = with_proof_sent();
    EXPECT_EQ(client->respond(rfc5802().server_final), "");
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_final); }), errc::bad_challenge);
    EXPECT_EQ(code_of([&] { client->finish(std::nullopt); }), errc::server_unverified);
}

TEST(scram, refuses_a_second_first_message) {
    const auto client = with_proof_sent();
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first); }), errc::bad_challenge);
}

TEST(scram, refuses_a_challenge_after_success) {
    const auto client = with_proof_sent();
    client->finish(rfc5802().server_final);
    EXPECT_EQ(code_of([&] { client->respond(""); }), errc::bad_challenge);
}

TEST(scram, takes_the_signature_in_a_challenge) {
    const auto client = with_proof_sent();
    EXPECT_EQ(client->respond(rfc5802().server_final), "");
    EXPECT_EQ(client->keys(), nullptr);
    client->finish(std::nullopt);
    EXPECT_NE(client->keys(), nullptr);
}

TEST(scram, refuses_further_data_after_the_signature_in_a_challenge) {
    const auto client = with_proof_sent();
    client->respond(rfc5802().server_final);
    EXPECT_EQ(code_of([&] { client->finish("x=y"); }), errc::bad_challenge);
}

// ---- our own messages

std::string first_message(const credentials& who, scram_settings settings = {}) {
    return *make_client(who, std::move(settings))->initial_response();
}

TEST(scram, escapes_commas_and_equals_signs) {
    EXPECT_EQ(first_message(credentials("user@example.org", "pencil").authcid("a,b=c")),
              "n,a=user@example.org,n=a=2Cb=3Dc,r=" + nonce);
    EXPECT_EQ(first_message(credentials("a=b@example.org", "pencil")), "n,,n=a=3Db,r=" + nonce);
}

TEST(scram, refuses_prohibited_and_empty_names) {
    const credentials who("user@example.org", "pencil");
    EXPECT_EQ(code_of([&] { first_message(credentials(who).authcid("a\x01")); }),
              errc::prohibited_string);
    EXPECT_EQ(code_of([&] { first_message(credentials("example.org", "pencil")); }),
              errc::prohibited_string);
}

TEST(scram, refuses_a_prohibited_password) {
    const auto client = make_client(credentials("user@example.org", "pen\x01cil"));
    client->initial_response();
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first); }), errc::prohibited_string);
}

#ifdef XMPP_HAVE_ICU
TEST(scram, prepares_the_name) {
    EXPECT_EQ(first_message(credentials("user@example.org", "pencil").authcid("I\u00ADX")),
              "n,a=user@example.org,n=IX,r=" + nonce);
    EXPECT_EQ(
        code_of([] { first_message(credentials("user@example.org", "pencil").authcid("\u00AD")); }),
        errc::prohibited_string);
}

TEST(scram, prepares_the_password) {
    const auto client = make_client(credentials("user@example.org", "p\u00AAncil"));
    const auto same = make_client(credentials("user@example.org", "pancil"));
    client->initial_response();
    same->initial_response();
    EXPECT_EQ(client->respond(rfc5802().server_first), same->respond(rfc5802().server_first));
}

TEST(scram, refuses_a_password_of_which_nothing_is_left) {
    const auto client = make_client(credentials("user@example.org", "\u00AD"));
    client->initial_response();
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first); }), errc::prohibited_string);
}
#endif

TEST(scram, tells_in_its_flag_what_is_known_of_channel_binding) {
    const credentials who("user@example.org", "pencil");
    scram_settings settings;
    settings.flag = without_binding::unsupported;
    EXPECT_TRUE(first_message(who, settings).starts_with("n,,"));
    settings.flag = without_binding::unsupported_by_peer;
    EXPECT_TRUE(first_message(who, settings).starts_with("y,,"));
    settings.binding = channel_binding{"tls-exporter", "data"};
    EXPECT_TRUE(first_message(who, settings).starts_with("p=tls-exporter,,"));
}

TEST(scram, sends_a_new_random_nonce_each_time) {
    const credentials who("user@example.org", "pencil");
    const auto& variant = *find_scram("SCRAM-SHA-1");
    const auto one = *make_scram(variant, who, {})->initial_response();
    const auto other = *make_scram(variant, who, {})->initial_response();
    EXPECT_NE(one, other);
    EXPECT_GE(one.size(), std::string("n,,n=user,r=").size() + 24);
}

// ---- XEP-0474

scram_settings offered(std::vector<std::string> names) {
    scram_settings settings;
    settings.offered.mechanisms = std::move(names);
    return settings;
}

TEST(scram, refuses_an_offer_that_is_not_the_one_sent) {
    const auto client = started(offered({"SCRAM-SHA-1"}));
    const auto hash =
        offer_hash(xmpp::detail::hash::sha1, {{"SCRAM-SHA-1", "SCRAM-SHA-256"}, std::nullopt});
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first + ",h=" + hash); }),
              errc::downgrade_detected);
}

TEST(scram, refuses_a_cut_hash) {
    const auto client = started(offered({"SCRAM-SHA-1"}));
    const auto hash = offer_hash(xmpp::detail::hash::sha1, {{"SCRAM-SHA-1"}, std::nullopt});
    EXPECT_EQ(code_of([&] {
                  client->respond(rfc5802().server_first + ",h=" + hash.substr(0, hash.size() - 4));
              }),
              errc::downgrade_detected);
}

TEST(scram, refuses_a_missing_hash_only_where_it_is_required) {
    auto settings = offered({"SCRAM-SHA-1"});
    EXPECT_NO_THROW(started(settings)->respond(rfc5802().server_first));
    settings.require_offer_proof = true;
    EXPECT_EQ(code_of([&] { started(settings)->respond(rfc5802().server_first); }),
              errc::login_downgraded);
}

// ---- keys

/// What a login of RFC 5802 leaves behind.
xmpp::scram_keys keys_of_rfc5802() {
    const auto client = with_proof_sent();
    client->finish(rfc5802().server_final);
    return *client->keys();
}

TEST(scram, logs_in_with_keys_in_place_of_the_password) {
    const auto client =
        make_client(credentials("user@example.org", "").scram_keys(keys_of_rfc5802()));
    client->initial_response();
    EXPECT_EQ(client->respond(rfc5802().server_first), rfc5802().client_final);
    client->finish(rfc5802().server_final);
    EXPECT_EQ(*client->keys(), keys_of_rfc5802());
}

TEST(scram, keys_that_no_longer_fit_are_no_login_without_password) {
    for (const auto& challenge :
         {"r=" + server_nonce + ",s=" + salt + ",i=4097", "r=" + server_nonce + ",s=AAAA,i=4096"}) {
        const auto client =
            make_client(credentials("user@example.org", "").scram_keys(keys_of_rfc5802()));
        client->initial_response();
        EXPECT_EQ(code_of([&] { client->respond(challenge); }),
                  sasl_condition::credentials_expired);
    }
}

TEST(scram, takes_the_password_where_the_keys_no_longer_fit) {
    const xmpp::scram_keys other("SCRAM-SHA-1", "other salt", 4096, std::string(20, 'c'),
                                 std::string(20, 's'));
    const auto client = make_client(credentials("user@example.org", "pencil").scram_keys(other));
    client->initial_response();
    EXPECT_EQ(client->respond(rfc5802().server_first), rfc5802().client_final);
}

TEST(scram, does_not_use_keys_of_another_mechanism) {
    const xmpp::scram_keys other("SCRAM-SHA-256", keys_of_rfc5802().salt(), 4096,
                                 std::string(32, 'c'), std::string(32, 's'));
    const auto client = make_client(credentials("user@example.org", "").scram_keys(other));
    client->initial_response();
    EXPECT_EQ(code_of([&] { client->respond(rfc5802().server_first); }),
              sasl_condition::credentials_expired);
}

}  // namespace
