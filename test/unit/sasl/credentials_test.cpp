#include <xmpp/credentials.hpp>

#include "code_of.hpp"
#include "sasl/credentials_data.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

namespace {

using xmpp::credentials;
using xmpp::errc;
using xmpp::jid;
using xmpp::detail::credentials_data;

// g++ 12 miscompiles aggregates on a co_await line.
static_assert(!std::is_aggregate_v<credentials>);
static_assert(!std::is_aggregate_v<xmpp::scram_keys>);

const std::string key(20, 'k');

TEST(credentials, take_name_and_resource_from_the_address) {
    const credentials who("juliet@example.org/balcony", "secret");
    EXPECT_EQ(who.user(), jid("juliet@example.org/balcony"));
    EXPECT_EQ(who.authcid(), "juliet");
    EXPECT_EQ(who.resource(), "balcony");
    EXPECT_TRUE(who.authzid().empty());
    EXPECT_FALSE(who.scram_keys());
    EXPECT_TRUE(who.mechanisms().empty());
    EXPECT_EQ(credentials_data::of(who).secret.view(), "secret");
}

TEST(credentials, are_set_fluently_as_a_temporary_and_as_a_variable) {
    const xmpp::scram_keys keys("SCRAM-SHA-1", "salt", 4096, key, key);
    auto who = credentials("juliet@example.org", "secret")
                   .authcid("admin")
                   .authzid("romeo@example.org")
                   .resource("orchard")
                   .scram_keys(keys)
                   .mechanisms({"PLAIN"});
    EXPECT_EQ(who.authcid(), "admin");
    EXPECT_EQ(who.authzid(), jid("romeo@example.org"));
    EXPECT_EQ(who.resource(), "orchard");
    EXPECT_EQ(who.scram_keys(), keys);
    EXPECT_EQ(who.mechanisms(), std::vector<std::string>{"PLAIN"});
    who.authcid("other").resource("street");
    EXPECT_EQ(who.authcid(), "other");
    EXPECT_EQ(who.resource(), "street");
}

TEST(credentials, changed_do_not_change_their_copies) {
    const credentials who("juliet@example.org", "secret");
    auto copy = who;
    copy.resource("balcony");
    EXPECT_EQ(who.resource(), "");
    EXPECT_EQ(copy.resource(), "balcony");
}

TEST(credentials, are_usable_after_being_moved_from) {
    credentials who("juliet@example.org", "secret");
    const auto moved = std::move(who);
    EXPECT_EQ(who.authcid(), "juliet");
    EXPECT_EQ(moved.authcid(), "juliet");
}

TEST(credentials, wipe_nothing_that_a_copy_still_needs) {
    auto who = std::make_unique<credentials>("juliet@example.org", "secret");
    const auto copy = *who;
    who.reset();
    EXPECT_EQ(credentials_data::of(copy).secret.view(), "secret");
}

TEST(credentials, ask_for_the_address_when_the_name_is_another) {
    EXPECT_EQ(credentials("boss@example.org/r", "pw").authcid("admin").authzid(),
              jid("boss@example.org"));
    EXPECT_TRUE(credentials("boss@example.org", "pw").authcid("boss").authzid().empty());
    EXPECT_TRUE(
        credentials("boss@example.org", "pw").authzid("boss@example.org").authzid().empty());
    EXPECT_TRUE(credentials("example.org", "pw").authcid("admin").authzid().empty());
}

TEST(credentials, of_each_kind) {
    EXPECT_EQ(credentials::anonymous("example.org").authcid(), "");
    EXPECT_EQ(credentials_data::of(credentials::oauth("a@b", "token")).secret.view(), "token");
    EXPECT_TRUE(credentials::external("a@b").authzid().empty());
    EXPECT_EQ(credentials::external("a@b").authzid("c@b").authzid(), jid("c@b"));
    const auto component = credentials::component("muc.example.org", "secret");
    EXPECT_EQ(component.user(), jid("muc.example.org"));
    EXPECT_EQ(credentials_data::of(component).secret.view(), "secret");
}

TEST(credentials, refuse_what_is_no_address) {
    EXPECT_EQ(code_of([] { return credentials::anonymous("a@b"); }), errc::invalid_jid);
    EXPECT_EQ(code_of([] { return credentials::anonymous("b/r"); }), errc::invalid_jid);
    EXPECT_EQ(code_of([] { return credentials::component("a@b", "secret"); }), errc::invalid_jid);
    EXPECT_EQ(code_of([] { credentials(jid(), "secret"); }), errc::invalid_jid);
}

TEST(scram_keys, survive_their_text_form) {
    const xmpp::scram_keys keys("SCRAM-SHA-1-PLUS", std::string("\0,=", 3), 10000,
                                std::string(20, '\xff'), std::string(20, '\0'));
    EXPECT_EQ(keys.mechanism(), "SCRAM-SHA-1");
    const auto again = xmpp::scram_keys::parse(keys.serialize());
    EXPECT_EQ(again, keys);
    EXPECT_EQ(again.salt(), std::string_view("\0,=", 3));
    EXPECT_EQ(again.iterations(), 10000u);
}

TEST(scram_keys, refuse_what_no_login_can_have_left) {
    const auto code = [](const char* mechanism, const char* salt, unsigned iterations,
                         std::string client, std::string server) {
        return code_of([&] { xmpp::scram_keys(mechanism, salt, iterations, client, server); });
    };
    EXPECT_EQ(code("SCRAM-SHA-1", "salt", 4096, key, key), std::error_code());
    EXPECT_EQ(code("SCRAM-SHA-256", "salt", 4096, key, key), errc::bad_format);
    EXPECT_EQ(code("SCRAM-SHA-1", "salt", 4096, key, key + "x"), errc::bad_format);
    EXPECT_EQ(code("SCRAM-SHA-1", "", 4096, key, key), errc::bad_format);
    EXPECT_EQ(code("SCRAM-SHA-1", "salt", 0, key, key), errc::bad_format);
    EXPECT_EQ(code("PLAIN", "salt", 4096, key, key), errc::bad_format);
}

TEST(scram_keys, refuse_other_text) {
    const auto text = xmpp::scram_keys("SCRAM-SHA-1", "salt", 4096, key, key).serialize();
    for (const auto& bad : {std::string(), std::string("SCRAM-SHA-1"), text + ",", text + ",AAAA",
                            text.substr(0, text.size() - 1), " " + text, text + "\n"}) {
        EXPECT_EQ(code_of([&] { return xmpp::scram_keys::parse(bad); }), errc::bad_format) << bad;
    }
}

TEST(scram_keys, compare_all_parts) {
    const xmpp::scram_keys keys("SCRAM-SHA-1", "salt", 4096, key, key);
    const std::string other(20, 'o');
    EXPECT_EQ(keys, xmpp::scram_keys("SCRAM-SHA-1", "salt", 4096, key, key));
    EXPECT_NE(keys, xmpp::scram_keys("SCRAM-SHA-1", "salt", 4097, key, key));
    EXPECT_NE(keys, xmpp::scram_keys("SCRAM-SHA-1", "sugar", 4096, key, key));
    EXPECT_NE(keys, xmpp::scram_keys("SCRAM-SHA-1", "salt", 4096, other, key));
    EXPECT_NE(keys, xmpp::scram_keys("SCRAM-SHA-1", "salt", 4096, key, other));
}

}  // namespace
