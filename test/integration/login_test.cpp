#include <xmpp/xmpp.hpp>

#include "support/co_test.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

class login : public real_server_test {
 protected:
    options settings() const {
        return options().connect_address(server().address()).ca_file(server().ca_file());
    }
    std::string starttls() const {
        return fmt::format("xmpp://{}:{}", server().domain(), server().c2s_port());
    }
    std::string direct_tls() const {
        return fmt::format("xmpps://{}:{}", server().domain(), server().tls_port());
    }
    jid address(const std::string& name) const { return jid(name + "@" + server().domain()); }

    asio::io_context context;
};

/// What a session says on its way from connect() to the end.
class record {
 public:
    explicit record(connection& conn) {
        conn.on_xml_output([this](std::string_view element) {
            const auto sent = stanza::parse(element);
            if (sent->name() == "auth") mechanism = sent->attr("mechanism");
        });
    }
    std::string path;
    std::string mechanism;
    std::string text;
    jid user;
    bool secure = false;
};

task<> come_and_go(connection& conn, record& seen, credentials who) {
    auto statuses = conn.connect(std::move(who));
    while (auto step = co_await statuses.next()) {
        seen.path += fmt::format("{} ", to_string(step->code));
        if (!step->text.empty()) seen.text = step->text;
        if (step->code != status_code::connected) continue;
        seen.user = conn.user();
        seen.secure = conn.secure();
        co_await conn.send_iq(iq::get(jid(conn.domain())).c("ping", ns::ping));
        co_await conn.disconnect();
    }
}

constexpr const char* good_path = "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED ";

TEST_P(login, binds_scram_to_the_tls_channel_over_starttls) {
    server().add_user("juliet", "s3cret");
    connection conn(context.get_executor(), starttls(), settings());
    record seen(conn);
    run(context, come_and_go(conn, seen, credentials(address("juliet"), "s3cret").resource("r")));
    EXPECT_EQ(seen.path, good_path) << seen.text;
    EXPECT_TRUE(seen.mechanism.starts_with("SCRAM-SHA-")) << seen.mechanism;
    EXPECT_TRUE(seen.mechanism.ends_with("-PLUS")) << seen.mechanism;
    EXPECT_EQ(seen.user.bare(), address("juliet"));
    EXPECT_TRUE(seen.secure);
}

TEST_P(login, binds_scram_to_the_tls_channel_over_direct_tls) {
    server().add_user("viola", "s3cret");
    connection conn(context.get_executor(), direct_tls(), settings());
    record seen(conn);
    run(context, come_and_go(conn, seen, credentials(address("viola"), "s3cret")));
    EXPECT_EQ(seen.path, good_path) << seen.text;
    EXPECT_TRUE(seen.mechanism.ends_with("-PLUS")) << seen.mechanism;
}

TEST_P(login, works_with_each_mechanism_that_the_server_has) {
    server().add_user("portia", "pässwörd");
    for (const auto* mechanism :
         {"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN"}) {
        connection conn(context.get_executor(), starttls(), settings().mechanisms({mechanism}));
        record seen(conn);
        run(context, come_and_go(conn, seen, credentials(address("portia"), "pässwörd")));
        EXPECT_EQ(seen.path, good_path) << mechanism << ": " << seen.text;
        EXPECT_EQ(seen.mechanism, mechanism);
    }
}

TEST_P(login, is_anonymous_without_a_name) {
    connection conn(context.get_executor(), starttls(), settings());
    record seen(conn);
    run(context, come_and_go(conn, seen, credentials::anonymous(server().anonymous_domain())));
    EXPECT_EQ(seen.path, good_path) << seen.text;
    EXPECT_EQ(seen.mechanism, "ANONYMOUS");
    EXPECT_FALSE(seen.user.local().empty());
}

TEST_P(login, fails_for_good_with_a_wrong_password) {
    server().add_user("rosalind", "s3cret");
    connection conn(context.get_executor(), starttls(), settings());
    record seen(conn);
    run(context, come_and_go(conn, seen, credentials(address("rosalind"), "wrong")));
    EXPECT_EQ(seen.path, "CONNECTING AUTHENTICATING AUTHFAIL DISCONNECTED ") << seen.text;
}

TEST_P(login, refuses_a_certificate_that_nobody_vouches_for) {
    connection conn(context.get_executor(), starttls(),
                    options().connect_address(server().address()));
    record seen(conn);
    run(context, come_and_go(conn, seen, credentials(address("juliet"), "s3cret")));
    EXPECT_EQ(seen.path, "CONNECTING CONNFAIL DISCONNECTED ");
    EXPECT_EQ(seen.mechanism, "") << "nothing secret was sent";
}

TEST_P(login, binds_explicitly) {
    server().add_user("celia", "s3cret");
    connection conn(context.get_executor(), starttls(), settings().explicit_resource_binding(true));
    run(context, conn.login(credentials(address("celia"), "s3cret")));
    EXPECT_FALSE(conn.connected());
    run(context, conn.bind("chosen"));
    EXPECT_EQ(conn.user().bare(), address("celia"));
    EXPECT_TRUE(conn.connected());
    run(context, conn.disconnect());
}

INSTANTIATE_TEST_SUITE_P(real, login, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
