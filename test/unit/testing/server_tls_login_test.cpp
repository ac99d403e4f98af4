#include <xmpp/credentials.hpp>
#include <xmpp/ns.hpp>

#include "sasl/payload.hpp"
#include "sasl/scram/scram_client.hpp"
#include "sasl_elements.hpp"
#include "server_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace xmpp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class encrypted_server_login : public server_fixture {
 protected:
    encrypted_server_login() : server_fixture(plain_settings().tls(tls_mode::required)) {}

    raw_client& connect_with_starttls() {
        auto& client = connect();
        open(client);
        write(client, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        expect(client, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        run_task(client.secure(server_->ca_pem(), "example.test"));
        return client;
    }

    /// How the exchange ends.
    stanza log_in_with(raw_client& client, detail::sasl::mechanism& mechanism) {
        using detail::sasl::decode_payload;
        using detail::sasl::encode_payload;
        write(client, auth(mechanism.name(), encode_payload(*mechanism.initial_response())));
        auto answer = next(client);
        while (answer->name() == "challenge") {
            const auto response = mechanism.respond(decode_payload(answer->text()));
            write(client, fmt::format("<response xmlns='{}'>{}</response>", ns::sasl,
                                      encode_payload(response)));
            answer = next(client);
        }
        if (answer->name() == "success") mechanism.finish(decode_payload(answer->text()));
        return answer;
    }
};

TEST_F(encrypted_server_login, offers_nothing_but_tls_on_a_plain_link) {
    auto& client = connect();
    const auto features = open(client);
    const auto* starttls = features->child("starttls", ns::tls);
    ASSERT_TRUE(starttls);
    EXPECT_TRUE(starttls->child("required"));
    EXPECT_THAT(offered_mechanisms(features), IsEmpty());
    write(client, plain("juliet", "juliet"));
    expect(client, failure("encryption-required"));
}

TEST_F(encrypted_server_login, refuses_a_second_tls_layer) {
    auto& client = connect_with_starttls();
    open(client);
    write(client, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect(client, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect_stream_error(client, "policy-violation");
}

TEST_F(encrypted_server_login, refuses_data_that_were_slipped_in_before_tls) {
    auto& client = connect();
    open(client);
    write(client,
          "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + plain("juliet", "juliet"));
    expect(client, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect_stream_error(client, "policy-violation");
}

TEST_F(encrypted_server_login, lists_channel_bindings_under_tls) {
    auto& client = connect_with_starttls();
    const auto features = open(client);
    EXPECT_EQ(offered_mechanisms(features).front(), "SCRAM-SHA-512-PLUS");
    EXPECT_THAT(offered_bindings(features), ElementsAre("tls-exporter", "tls-server-end-point"));
}

class server_scram : public encrypted_server_login,
                     public ::testing::WithParamInterface<const char*> {
 protected:
    std::unique_ptr<detail::sasl::mechanism> make(raw_client& client, const stanza& features,
                                                  const std::string& password) {
        detail::sasl::scram_settings settings;
        settings.offered.mechanisms = offered_mechanisms(features);
        settings.offered.binding_types = offered_bindings(features);
        if (detail::sasl::is_plus(GetParam())) {
            auto [type, data] = client.bindings().at(0);
            settings.binding = detail::sasl::channel_binding{type, data};
        }
        return detail::sasl::make_scram(*detail::sasl::find_scram(GetParam()),
                                        credentials("juliet@example.test", password), settings);
    }
};

TEST_P(server_scram, logs_in_with_the_right_password_only) {
    auto& client = connect_with_starttls();
    const auto features = open(client);
    const auto wrong = make(client, features, "wrong");
    const auto refused = log_in_with(client, *wrong);
    EXPECT_EQ(refused->name(), "failure");
    const auto right = make(client, features, "juliet");
    const auto accepted = log_in_with(client, *right);
    EXPECT_EQ(accepted->name(), "success");
    EXPECT_TRUE(right->offer_verified());
    const auto after = open(client);
    EXPECT_TRUE(after->child("bind", ns::bind));
}

INSTANTIATE_TEST_SUITE_P(with, server_scram,
                         ::testing::Values("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-384",
                                           "SCRAM-SHA-512", "SCRAM-SHA-1-PLUS",
                                           "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST_F(encrypted_server_login, speaks_tls_from_the_first_byte) {
    auto& client = connect_directly();
    run_task(client.secure(server_->ca_pem(), "example.test"));
    const auto features = open(client);
    EXPECT_FALSE(features->child("starttls", ns::tls));
    write(client, plain("juliet", "juliet"));
    expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

class optional_tls_login : public server_fixture {
 protected:
    optional_tls_login() : server_fixture(plain_settings().tls(tls_mode::optional)) {}
};

TEST_F(optional_tls_login, keeps_passwords_off_the_plain_link) {
    auto& client = connect();
    const auto features = open(client);
    const auto* starttls = features->child("starttls", ns::tls);
    ASSERT_TRUE(starttls);
    EXPECT_FALSE(starttls->child("required"));
    EXPECT_THAT(offered_mechanisms(features),
                ElementsAre("SCRAM-SHA-512", "SCRAM-SHA-384", "SCRAM-SHA-256", "SCRAM-SHA-1"));
    write(client, plain("juliet", "juliet"));
    expect(client, failure("invalid-mechanism"));
}

}  // namespace
}  // namespace xmpp::testing
