#include "sasl/choice.hpp"

#include "code_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using xmpp::credentials;
using xmpp::errc;
using namespace xmpp::detail::sasl;
using names = std::vector<std::string>;

const channel_binding exporter{"tls-exporter", "exported"};
const channel_binding end_point{"tls-server-end-point", "hash of the certificate"};
const channel_binding unique{"tls-unique", "finished"};

const credentials user("juliet@example.org", "secret");
const credentials token = credentials::oauth("juliet@example.org", "t0k.en");
const credentials nobody = credentials::anonymous("example.org");

/// One choice; what a test doesn't set is a TLS link that can't be bound.
struct situation {
    offer offered;
    credentials who = user;
    link_state link{true, false, {}};
    choice_policy policy{};

    explicit situation(names mechanisms) { offered.mechanisms = std::move(mechanisms); }

    situation& by(const credentials& c) { return who = c, *this; }
    situation& types(names list) { return offered.binding_types = std::move(list), *this; }
    situation& bindings(std::vector<channel_binding> list) {
        return link.bindings = std::move(list), *this;
    }
    situation& certificate() { return link.client_certificate = true, *this; }
    situation& in_clear() { return link.secure = false, *this; }
    situation& allow_plaintext() { return policy.allow_plaintext_auth = true, *this; }
    situation& only(names list) { return policy.mechanisms = std::move(list), *this; }
    /// What an earlier login over TLS had.
    situation& pin(std::string_view name, std::string_view binding_type = {}) {
        policy.pin.learn(strength_of(name, true, binding_type));
        return *this;
    }

    std::string choice() const { return choose(offered, who, link, policy).name; }
    std::error_code code() const {
        return code_of([&] { choice(); });
    }
    /// "n", "y" or "p=type".
    std::string flag() const {
        const auto first = choose(offered, who, link, policy).built_in->initial_response().value();
        return first.substr(0, first.find(','));
    }
    std::string explanation() const {
        try {
            choice();
        } catch (const xmpp::error& e) {
            return std::string(e.explanation());
        }
        return {};
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Stands for one: the choice only passes it on.
std::shared_ptr<xmpp::sasl_mechanism> own_steps() {
    static const auto anything = std::make_shared<int>();
    return {anything, reinterpret_cast<xmpp::sasl_mechanism*>(anything.get())};
}

registered_mechanism own(std::string name, made_mechanism made) {
    return {std::move(name), [made] { return made; }};
}

const names all_nine{"EXTERNAL",      "X-OAUTH2",      "PLAIN",
                     "SCRAM-SHA-1",   "SCRAM-SHA-512", "OAUTHBEARER",
                     "SCRAM-SHA-256", "SCRAM-SHA-384", "ANONYMOUS"};

// ---- order and credentials

TEST(choice, no_name_and_no_password_is_anonymous) {
    EXPECT_EQ(situation({"ANONYMOUS"}).by(nobody).choice(), "ANONYMOUS");
    EXPECT_EQ(situation({"ANONYMOUS"}).by(credentials("example.org", "")).choice(), "ANONYMOUS");
    EXPECT_EQ(situation({"ANONYMOUS", "OAUTHBEARER", "PLAIN"}).by(nobody).choice(), "ANONYMOUS");
}

TEST(choice, a_token_is_for_oauthbearer) {
    EXPECT_EQ(situation({"ANONYMOUS", "OAUTHBEARER"}).by(token).choice(), "OAUTHBEARER");
    EXPECT_EQ(situation(all_nine).by(token).choice(), "OAUTHBEARER");
    EXPECT_EQ(situation({"X-OAUTH2", "PLAIN"}).by(token).choice(), "X-OAUTH2");
    const auto domain_token = credentials::oauth("example.org", "t0k.en");
    EXPECT_EQ(situation({"ANONYMOUS", "OAUTHBEARER"}).by(domain_token).choice(), "OAUTHBEARER");
}

TEST(choice, goes_by_the_default_order) {
    EXPECT_EQ(situation(all_nine).choice(), "SCRAM-SHA-512");
    EXPECT_EQ(situation({"EXTERNAL", "PLAIN", "OAUTHBEARER"}).choice(), "PLAIN");
    EXPECT_EQ(situation({"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}).choice(), "SCRAM-SHA-256");
    EXPECT_EQ(situation({"SCRAM-SHA-1", "PLAIN"}).choice(), "SCRAM-SHA-1");
    EXPECT_EQ(situation({"SCRAM-SHA-256", "SCRAM-SHA-384"}).choice(), "SCRAM-SHA-384");
}

TEST(choice, external_needs_a_client_certificate) {
    EXPECT_EQ(situation({"EXTERNAL", "ANONYMOUS"}).certificate().choice(), "EXTERNAL");
    EXPECT_EQ(situation({"EXTERNAL", "ANONYMOUS"}).code(), errc::no_mechanism);
    EXPECT_EQ(situation(all_nine).certificate().choice(), "EXTERNAL");
    const auto by_certificate = credentials::external("juliet@example.org");
    EXPECT_EQ(situation(all_nine).by(by_certificate).certificate().choice(), "EXTERNAL");
    EXPECT_EQ(situation(all_nine).by(by_certificate).code(), errc::no_mechanism);
    EXPECT_EQ(situation({"EXTERNAL", "ANONYMOUS"}).by(nobody).certificate().choice(), "ANONYMOUS");
}

TEST(choice, has_nothing_for_nobody_where_every_mechanism_needs_a_name) {
    EXPECT_EQ(situation({"PLAIN"}).by(nobody).code(), errc::non_anonymous_jid);
    EXPECT_EQ(situation({"PLAIN", "SCRAM-SHA-1"}).by(credentials("example.org", "pw")).code(),
              errc::non_anonymous_jid);
    EXPECT_EQ(situation({"PLAIN"}).by(credentials("example.org", "pw").authcid("admin")).choice(),
              "PLAIN");
}

TEST(choice, does_not_log_in_anonymously_who_gave_a_name_or_a_password) {
    EXPECT_EQ(situation({"ANONYMOUS"}).code(), errc::no_mechanism);
    EXPECT_EQ(situation({"ANONYMOUS"}).by(credentials("juliet@example.org", "")).code(),
              errc::no_mechanism);
    EXPECT_EQ(situation({"ANONYMOUS"}).by(credentials("example.org", "pw")).code(),
              errc::no_mechanism);
}

TEST(choice, takes_keys_in_place_of_a_password) {
    const xmpp::scram_keys keys("SCRAM-SHA-256", "salt", 4096, std::string(32, 'c'),
                                std::string(32, 's'));
    const auto with_keys = credentials("juliet@example.org", "").scram_keys(keys);
    EXPECT_EQ(situation(all_nine).by(with_keys).choice(), "SCRAM-SHA-256");
    EXPECT_EQ(situation({"SCRAM-SHA-1", "PLAIN"}).by(with_keys).code(), errc::no_mechanism);
}

TEST(choice, goes_by_the_list_of_the_user) {
    EXPECT_EQ(situation(all_nine).only({"PLAIN", "SCRAM-SHA-512"}).choice(), "PLAIN");
    EXPECT_EQ(situation(all_nine).only({"NONE", "SCRAM-SHA-1"}).choice(), "SCRAM-SHA-1");
    EXPECT_EQ(situation({"PLAIN"}).only({"SCRAM-SHA-1"}).code(), errc::no_mechanism);
}

TEST(choice, goes_by_the_list_of_the_credentials_before_that_of_the_options) {
    const auto choosy = credentials("juliet@example.org", "secret").mechanisms({"SCRAM-SHA-256"});
    EXPECT_EQ(situation(all_nine).by(choosy).only({"PLAIN"}).choice(), "SCRAM-SHA-256");
}

TEST(choice, is_not_for_components) {
    EXPECT_EQ(situation(all_nine).by(credentials::component("c.example.org", "s")).code(),
              errc::invalid_options);
}

// ---- encryption

TEST(choice, sends_no_password_in_clear) {
    EXPECT_EQ(situation({"PLAIN"}).in_clear().code(), errc::stream_not_secure);
    EXPECT_EQ(situation({"PLAIN"}).in_clear().allow_plaintext().choice(), "PLAIN");
    EXPECT_EQ(situation({"PLAIN", "SCRAM-SHA-1"}).in_clear().choice(), "SCRAM-SHA-1");
}

TEST(choice, sends_no_token_in_clear) {
    for (const auto* name : {"OAUTHBEARER", "X-OAUTH2"}) {
        EXPECT_EQ(situation({name}).by(token).in_clear().code(), errc::stream_not_secure);
        EXPECT_EQ(situation({name}).by(token).in_clear().allow_plaintext().choice(), name);
    }
}

TEST(choice, blames_the_link_only_if_nothing_else_is_in_the_way) {
    EXPECT_EQ(situation({"OAUTHBEARER", "DIGEST-MD5"}).in_clear().code(), errc::no_mechanism);
    EXPECT_EQ(situation({"PLAIN"}).by(nobody).in_clear().code(), errc::non_anonymous_jid);
    EXPECT_EQ(situation({"EXTERNAL"}).certificate().in_clear().allow_plaintext().code(),
              errc::stream_not_secure);
}

// ---- what is known of the account

TEST(choice, refuses_plain_once_scram_has_worked) {
    EXPECT_EQ(situation({"PLAIN"}).pin("SCRAM-SHA-1").code(), errc::login_downgraded);
    EXPECT_EQ(situation({"PLAIN", "SCRAM-SHA-1"}).pin("SCRAM-SHA-1").choice(), "SCRAM-SHA-1");
    EXPECT_EQ(situation({"PLAIN"}).pin("PLAIN").choice(), "PLAIN");
}

TEST(choice, refuses_a_weaker_scram_than_the_pinned_one) {
    EXPECT_EQ(situation({"SCRAM-SHA-1", "PLAIN"}).pin("SCRAM-SHA-256-PLUS", "tls-exporter").code(),
              errc::login_downgraded);
    EXPECT_EQ(situation({"SCRAM-SHA-1", "SCRAM-SHA-512"}).pin("SCRAM-SHA-256").choice(),
              "SCRAM-SHA-512");
}

TEST(choice, refuses_to_go_without_the_channel_binding_that_was_there) {
    const auto bound = [](names mechanisms) {
        return situation(std::move(mechanisms))
            .bindings({exporter, end_point})
            .pin("SCRAM-SHA-256-PLUS", "tls-exporter");
    };
    const names whole{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"};
    EXPECT_EQ(bound(whole).types({"tls-exporter"}).choice(), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(bound(whole).code(), errc::login_downgraded) << "no list of types (XEP-0440)";
    EXPECT_EQ(bound(whole).types({"tls-server-end-point"}).code(), errc::login_downgraded);
    EXPECT_EQ(bound({"SCRAM-SHA-512"}).code(), errc::login_downgraded) << "no -PLUS";
    EXPECT_EQ(bound({"SCRAM-SHA-512"}).types({"tls-exporter"}).code(), errc::login_downgraded);
}

TEST(choice, refuses_a_link_in_clear_once_it_was_encrypted) {
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).in_clear().pin("SCRAM-SHA-1").code(),
              errc::login_downgraded);
    auto disabled = situation({"SCRAM-SHA-1"}).in_clear().pin("SCRAM-SHA-1");
    disabled.policy.may_encrypt = false;
    EXPECT_EQ(disabled.choice(), "SCRAM-SHA-1");
}

TEST(choice, takes_what_the_program_has_come_to_want) {
    EXPECT_EQ(situation(all_nine).only({"PLAIN"}).pin("SCRAM-SHA-512").choice(), "PLAIN");
    EXPECT_EQ(situation({"SCRAM-SHA-1", "PLAIN"})
                  .only({"SCRAM-SHA-1", "PLAIN"})
                  .pin("SCRAM-SHA-512")
                  .choice(),
              "SCRAM-SHA-1");
    EXPECT_EQ(situation(all_nine).by(token).pin("SCRAM-SHA-512").choice(), "OAUTHBEARER");
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).pin("EXTERNAL").choice(), "SCRAM-SHA-1")
        << "the client certificate is gone";
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).certificate().pin("EXTERNAL").code(),
              errc::login_downgraded);
}

TEST(choice, does_not_fall_back_to_a_password_where_a_mechanism_of_the_program_was_stripped) {
    situation at({"PLAIN"});
    at.policy.registered = {own("X-A", {own_steps()})};
    EXPECT_EQ(at.pin("X-A").code(), errc::login_downgraded);
    at.policy.registered = {own("X-A", {nullptr})};
    at.offered.mechanisms = {"X-A", "PLAIN"};
    EXPECT_EQ(at.choice(), "PLAIN") << "the program's own factory has declined";
}

TEST(choice, says_what_a_weaker_offer_lacks_and_how_to_go_on) {
    const auto text = situation({"PLAIN"}).pin("SCRAM-SHA-1").explanation();
    EXPECT_TRUE(has(text, "PLAIN: weaker than earlier logins")) << text;
    EXPECT_TRUE(has(text, "pin_login(false)")) << text;
}

// ---- channel binding

const names with_plus{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256-PLUS",
                      "PLAIN"};

TEST(choice, binds_whenever_both_can) {
    const auto both = situation(with_plus).types({"tls-exporter"}).bindings({exporter});
    EXPECT_EQ(both.choice(), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(both.flag(), "p=tls-exporter");
}

TEST(choice, does_not_bind_where_neither_can) {
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).flag(), "n");
}

TEST(choice, does_not_bind_where_only_the_client_can) {
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).bindings({exporter}).flag(), "y");
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).bindings({unique}).flag(), "y");
}

TEST(choice, does_not_bind_where_only_the_server_can) {
    EXPECT_EQ(situation(with_plus).flag(), "n");
    EXPECT_EQ(situation(with_plus).types({"tls-exporter"}).flag(), "n");
    EXPECT_EQ(situation(with_plus).choice(), "SCRAM-SHA-512");
}

TEST(choice, does_not_bind_where_the_user_does_not_want_it) {
    const auto unwanted =
        situation(with_plus).types({"tls-exporter"}).bindings({exporter}).only({"SCRAM-SHA-1"});
    EXPECT_EQ(unwanted.choice(), "SCRAM-SHA-1");
    EXPECT_EQ(unwanted.flag(), "n");
}

TEST(choice, a_binding_without_data_is_none) {
    const auto empty =
        situation(with_plus).types({"tls-exporter"}).bindings({{"tls-exporter", ""}});
    EXPECT_EQ(empty.choice(), "SCRAM-SHA-512");
    EXPECT_EQ(empty.flag(), "n");
    EXPECT_EQ(situation({"SCRAM-SHA-1"}).bindings({{"tls-exporter", ""}}).flag(), "n");
}

TEST(choice, no_binding_in_common_is_no_login_where_only_that_is_allowed) {
    EXPECT_EQ(situation(with_plus)
                  .types({"tls-unique"})
                  .bindings({exporter})
                  .only({"SCRAM-SHA-256-PLUS"})
                  .code(),
              errc::no_mechanism);
}

TEST(choice, a_list_without_a_type_of_ours_means_no_binding) {
    const auto unknown =
        situation(with_plus).types({"tls-future", "TLS-EXPORTER"}).bindings({exporter, end_point});
    EXPECT_EQ(unknown.choice(), "SCRAM-SHA-512");
    EXPECT_EQ(unknown.flag(), "n");
}

TEST(choice, takes_our_preferred_type_among_those_listed) {
    const auto listed = [](names types) {
        return situation(with_plus).types(std::move(types)).bindings({exporter, end_point}).flag();
    };
    EXPECT_EQ(listed({"tls-server-end-point", "tls-exporter"}), "p=tls-exporter");
    EXPECT_EQ(listed({"tls-server-end-point"}), "p=tls-server-end-point");
}

TEST(choice, binds_without_a_list_by_tls_unique) {
    const auto tls12 = situation(with_plus).bindings({exporter, end_point, unique});
    EXPECT_EQ(tls12.choice(), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(tls12.flag(), "p=tls-unique");
}

TEST(choice, does_not_guess_a_binding_without_a_list_under_tls13) {
    const auto tls13 = situation(with_plus).bindings({exporter, end_point});
    EXPECT_EQ(tls13.choice(), "SCRAM-SHA-512");
    EXPECT_EQ(tls13.flag(), "n");
}

TEST(choice, guesses_a_binding_where_nothing_else_is_allowed) {
    const auto demanded = situation(with_plus)
                              .bindings({exporter, end_point})
                              .only({"SCRAM-SHA-512-PLUS", "SCRAM-SHA-1-PLUS"});
    EXPECT_EQ(demanded.choice(), "SCRAM-SHA-1-PLUS");
    EXPECT_EQ(demanded.flag(), "p=tls-exporter");
}

TEST(choice, a_list_of_bindings_without_plus_was_tampered_with) {
    const auto stripped =
        situation({"SCRAM-SHA-256", "PLAIN"}).types({"tls-exporter"}).bindings({exporter});
    EXPECT_EQ(stripped.code(), errc::downgrade_detected);
}

TEST(choice, goes_on_where_the_user_wants_no_binding) {
    const auto unwanted = situation({"SCRAM-SHA-256", "PLAIN"})
                              .types({"tls-exporter"})
                              .bindings({exporter})
                              .only({"SCRAM-SHA-256"});
    EXPECT_EQ(unwanted.choice(), "SCRAM-SHA-256");
    EXPECT_EQ(unwanted.flag(), "y");
}

TEST(choice, goes_on_where_the_list_does_not_matter) {
    const names offered{"SCRAM-SHA-256", "EXTERNAL", "OAUTHBEARER"};
    EXPECT_EQ(situation(offered).types({"tls-exporter"}).choice(), "SCRAM-SHA-256");
    EXPECT_EQ(situation(offered).types({"tls-unique"}).bindings({exporter}).flag(), "y");
    EXPECT_EQ(situation(offered).types({"tls-exporter"}).bindings({exporter}).by(token).choice(),
              "OAUTHBEARER");
    EXPECT_EQ(
        situation(offered).types({"tls-exporter"}).bindings({exporter}).certificate().choice(),
        "EXTERNAL");
    EXPECT_EQ(situation({"PLAIN"}).types({"tls-exporter"}).bindings({exporter}).choice(), "PLAIN");
}

// ---- odd offers

TEST(choice, refuses_mechanisms_that_are_no_longer_safe) {
    EXPECT_EQ(situation({"DIGEST-MD5", "CRAM-MD5"}).code(), errc::no_mechanism);
    EXPECT_EQ(situation({"DIGEST-MD5"}).only({"DIGEST-MD5"}).code(), errc::no_mechanism);
    EXPECT_EQ(situation({"DIGEST-MD5", "PLAIN"}).choice(), "PLAIN");
}

TEST(choice, refuses_an_empty_offer) {
    EXPECT_EQ(situation(names{}).code(), errc::no_mechanism);
}

TEST(choice, compares_names_exactly) {
    EXPECT_EQ(situation({"plain", "PLAIN ", "scram-sha-1", "SCRAM-SHA-1-plus", "PLAI", ""}).code(),
              errc::no_mechanism);
}

TEST(choice, looks_at_so_many_names_only) {
    names many(1000, "X-NONE");
    many.push_back("PLAIN");
    EXPECT_EQ(situation(many).code(), errc::no_mechanism);
    many[100] = "PLAIN";
    EXPECT_EQ(situation(many).choice(), "PLAIN");
}

TEST(choice, keeps_its_explanation_short_and_clean) {
    names odd(1000, "X-NONE");
    odd[0] = std::string(10'000, 'A');
    odd[1] = "\x1b[31mRED";
    const auto text = situation(odd).explanation();
    EXPECT_LT(text.size(), 4000u);
    EXPECT_FALSE(has(text, "RED"));
    EXPECT_FALSE(has(text, "AAAA"));
}

// ---- mechanisms of the program's own

TEST(choice, takes_registered_mechanisms_before_the_default_order) {
    situation at({"SCRAM-SHA-512", "X-B", "X-A"});
    at.policy.registered = {own("X-A", {own_steps()}), own("X-B", {own_steps()})};
    EXPECT_EQ(at.choice(), "X-A");
    const auto chosen = choose(at.offered, at.who, at.link, at.policy);
    EXPECT_FALSE(chosen.built_in);
    EXPECT_EQ(chosen.registered, own_steps());
    at.offered.mechanisms = {"SCRAM-SHA-512"};
    EXPECT_EQ(at.choice(), "SCRAM-SHA-512");
}

TEST(choice, takes_registered_mechanisms_where_a_list_names_them) {
    situation at({"SCRAM-SHA-512", "X-A"});
    at.policy.registered = {own("X-A", {own_steps()})};
    EXPECT_EQ(at.only({"SCRAM-SHA-512", "X-A"}).choice(), "SCRAM-SHA-512");
    EXPECT_EQ(at.only({"X-A", "SCRAM-SHA-512"}).choice(), "X-A");
    EXPECT_TRUE(has(at.only({"SCRAM-SHA-1"}).explanation(), "X-A: not in the list"));
}

TEST(choice, goes_on_when_a_registered_mechanism_declines_and_tells_why) {
    situation at({"PLAIN", "X-A"});
    at.policy.registered = {own("X-A", {nullptr})};
    const auto chosen = choose(at.offered, at.who, at.link, at.policy);
    EXPECT_EQ(chosen.name, "PLAIN");
    EXPECT_TRUE(chosen.built_in);
    EXPECT_FALSE(chosen.registered);
    EXPECT_TRUE(has(chosen.left_out, "X-A: the program's factory declined")) << chosen.left_out;
}

TEST(choice, a_registered_mechanism_replaces_ours_even_when_it_declines) {
    situation at({"PLAIN"});
    at.policy.registered = {own("PLAIN", {nullptr})};
    EXPECT_EQ(at.code(), errc::no_mechanism);
}

TEST(choice, a_registered_mechanism_that_shows_secrets_needs_encryption) {
    situation at({"X-A"});
    at.policy.registered = {own("X-A", {own_steps(), true})};
    EXPECT_EQ(at.in_clear().code(), errc::stream_not_secure);
    EXPECT_EQ(at.allow_plaintext().choice(), "X-A");
    situation open({"X-A"});
    open.policy.registered = {own("X-A", {own_steps(), false})};
    EXPECT_EQ(open.in_clear().choice(), "X-A");
}

TEST(choice, explains_what_was_offered_and_why_each_was_left_out) {
    const auto text = situation({"DIGEST-MD5", "EXTERNAL", "PLAIN", "SCRAM-SHA-1-PLUS"})
                          .only({"EXTERNAL", "SCRAM-SHA-1-PLUS"})
                          .explanation();
    EXPECT_TRUE(has(text, "offers DIGEST-MD5, EXTERNAL, PLAIN, SCRAM-SHA-1-PLUS")) << text;
    EXPECT_TRUE(has(text, "DIGEST-MD5: not supported")) << text;
    EXPECT_TRUE(has(text, "EXTERNAL: no client certificate")) << text;
    EXPECT_TRUE(has(text, "PLAIN: not in the list")) << text;
    EXPECT_TRUE(has(text, "SCRAM-SHA-1-PLUS: no channel binding in common")) << text;
    EXPECT_TRUE(has(situation({"PLAIN"}).in_clear().explanation(), "allow_plaintext_auth"));
    EXPECT_TRUE(has(situation(names{}).explanation(), "offers no mechanism"));
}

}  // namespace
