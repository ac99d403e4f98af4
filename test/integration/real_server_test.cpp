#include "support/real_server.hpp"

#include "support/blocking_socket.hpp"

#include <fmt/format.h>

namespace xmpp::test {

namespace {

std::string header_to(const std::string& domain) {
    return fmt::format(
        "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        domain);
}

std::string features_from(std::uint16_t port, const std::string& domain) {
    blocking_socket connection(port);
    connection.write(header_to(domain));
    return connection.read_until({"</stream:features>"});
}

// What RFC 4616 sends: NUL, name, NUL, password, in base64.
constexpr std::string_view mercutio_with_his_password = "AG1lcmN1dGlvAHF1ZWVuIG1hYg==";
constexpr std::string_view mercutio_with_another = "AG1lcmN1dGlvAHdyb25n";

bool lets_in(const real_server& server, std::string_view plain) {
    blocking_socket connection(server.c2s_port());
    connection.write(header_to(server.domain()));
    connection.read_until({"</stream:features>"});
    connection.write(fmt::format(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>", plain));
    const auto& answer = connection.read_until({"<success", "<failure"});
    return answer.find("<success") != std::string::npos;
}

class a_real_server : public real_server_test {};

TEST_P(a_real_server, offers_starttls) {
    const auto features = features_from(server().c2s_port(), server().domain());
    EXPECT_NE(features.find("urn:ietf:params:xml:ns:xmpp-tls"), std::string::npos) << features;
}

TEST_P(a_real_server, opens_the_ports_it_tells) {
    EXPECT_TRUE(accepts_connections(server().tls_port()));
    EXPECT_TRUE(accepts_connections(server().component_port()));
    EXPECT_TRUE(accepts_connections(server().http_port()));
    EXPECT_TRUE(accepts_connections(server().https_port()));
}

TEST_P(a_real_server, is_gone_after_stop_and_back_after_start) {
    auto& own = server();
    own.stop();
    EXPECT_FALSE(accepts_connections(own.c2s_port()));
    own.start();
    EXPECT_FALSE(features_from(own.c2s_port(), own.domain()).empty());
}

TEST_P(a_real_server, survives_a_crash) {
    auto& own = server();
    own.kill();
    EXPECT_FALSE(accepts_connections(own.c2s_port()));
    own.start();
    EXPECT_FALSE(features_from(own.c2s_port(), own.domain()).empty());
}

TEST_P(a_real_server, keeps_its_accounts_over_a_restart) {
    const auto own = start_server(GetParam(), {.require_tls = false});
    own->add_user("mercutio", "queen mab");
    EXPECT_TRUE(lets_in(*own, mercutio_with_his_password));
    EXPECT_FALSE(lets_in(*own, mercutio_with_another));
    own->restart();
    EXPECT_TRUE(lets_in(*own, mercutio_with_his_password));
}

TEST_P(a_real_server, can_be_had_twice_with_other_settings) {
    const auto other = start_server(GetParam(), {.domain = "other.test",
                                                 .tls = tls_versions::only_1_2,
                                                 .scram = scram_hashes::sha256,
                                                 .require_tls = false});
    const auto features = features_from(other->c2s_port(), "other.test");
    EXPECT_NE(features.find(">SCRAM-SHA-256<"), std::string::npos) << features;
    EXPECT_EQ(features.find(">SCRAM-SHA-1<"), std::string::npos) << features;
    EXPECT_NE(other->c2s_port(), server().c2s_port());
}

INSTANTIATE_TEST_SUITE_P(real, a_real_server, all_servers(), server_name);

}  // namespace

}  // namespace xmpp::test
