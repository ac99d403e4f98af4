// What the hooks and the log see of a login: everything but the secrets.
#include <xmpp/testing/server.hpp>

#include "base/crypto/base64.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xmpp::test {
namespace {

const std::string password = "p4ssw0rd-of-juliet";

/// All that a program can watch.
class watcher {
 public:
    explicit watcher(connection& conn) {
        conn.on_xml_input([this](const element& e) { check(e); });
        conn.on_xml_output([this](std::string_view xml) {
            all += xml;
            const auto sent = stanza::parse(xml);
            check(sent.root());
        });
        conn.on_raw_input([this](std::string_view bytes) { all += bytes; });
        conn.on_raw_output([this](std::string_view bytes) { all += bytes; });
        conn.on_log(log_level::debug, [this](log_level level, std::string_view line) {
            all += fmt::format("{}: {}\n", level, line);
            log += line;
            log += '\n';
        });
        conn.on_status([this](const status& step) { all += fmt::format("{}\n", step); });
    }

    bool saw(std::string_view text) const { return all.find(text) != std::string::npos; }

    std::string all;
    std::string log;
    std::string bare_payloads;  // SASL data that were not blacked out
    int payloads = 0;

 private:
    void check(const element& e) {
        all += e.to_xml();
        if (e.ns() != ns::sasl || e.text().empty()) return;
        ++payloads;
        if (e.text() != "[redacted]") bare_payloads += e.to_xml();
    }
};

void expect_no_secret(const watcher& seen, std::initializer_list<std::string> secrets) {
    EXPECT_EQ(seen.bare_payloads, "");
    for (const auto& each : secrets) {
        EXPECT_FALSE(seen.saw(each)) << each << " is in " << seen.all;
        EXPECT_FALSE(seen.saw(detail::base64_encode(each))) << each;
    }
}

class secrets_of_a_mechanism : public ::testing::TestWithParam<const char*> {};

TEST_P(secrets_of_a_mechanism, are_neither_in_hooks_nor_in_the_log) {
    asio::io_context context;
    auto time = std::make_shared<testing::virtual_clock>();
    testing::server server(context.get_executor(), testing::server_options()
                                                       .user("juliet", password)
                                                       .mechanisms({GetParam()})
                                                       .time_source(time));
    connection conn(context.get_executor(), "", server.client_options().time_source(time));
    watcher seen(conn);
    testing::run(context, *time, conn.login(credentials("juliet@example.test", password)));
    const auto keys = conn.scram_keys();
    testing::run(context, *time, conn.disconnect());

    EXPECT_NE(seen.log.find(fmt::format("logging in with {}", GetParam())), std::string::npos);
    EXPECT_NE(seen.log.find("encrypted: TLSv1."), std::string::npos) << seen.log;
    EXPECT_NE(seen.log.find("bound juliet@example.test/"), std::string::npos) << seen.log;
    EXPECT_GT(seen.payloads, 0);
    expect_no_secret(seen, {password, std::string("\0juliet\0", 8) + password});
    if (!keys) return;
    expect_no_secret(seen, {std::string(keys->client_key()), std::string(keys->server_key())});
    EXPECT_FALSE(seen.saw(keys->serialize()));
}

INSTANTIATE_TEST_SUITE_P(every, secrets_of_a_mechanism,
                         ::testing::Values("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-384",
                                           "SCRAM-SHA-512", "SCRAM-SHA-1-PLUS",
                                           "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"));

class secrets : public session_test {
 protected:
    void SetUp() override { seen.emplace(*conn); }
    void watch_anew(options changed) {
        configure(std::move(changed));
        seen.emplace(*conn);
    }
    std::optional<watcher> seen;
};

TEST_F(secrets, of_a_token_are_not_shown) {
    for (const auto* name : {"OAUTHBEARER", "X-OAUTH2"}) {
        watch_anew(settings());
        if (std::string_view(name) == "X-OAUTH2") peer.next_connection();
        offer(peer, fmt::format("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                                "<mechanism>{}</mechanism></mechanisms>",
                                name)
                        .c_str())
            .expect(fmt::format(
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'>*</auth>", name))
            .cut();
        steps.clear();
        run_session(credentials::oauth("juliet@example.org", "t0ken-of-juliet"));
        EXPECT_GT(seen->payloads, 0) << path();
        expect_no_secret(*seen, {"t0ken-of-juliet"});
    }
}

/// Shows its secret at each step.
class careless final : public sasl_mechanism {
 public:
    task<std::optional<std::string>> initial_response() override { co_return "own-secret-1"; }
    task<std::string> respond(std::string) override { co_return "own-secret-2"; }
};

TEST_F(secrets, of_a_mechanism_of_the_programs_own_are_not_shown) {
    watch_anew(settings().register_mechanism(
        "X-OWN", [](const sasl_context&) { return std::make_unique<careless>(); }));
    offer(peer,
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>X-OWN</mechanism>"
          "</mechanisms>")
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OWN'>*</auth>")
        .send(
            "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>c2VydmVyLXNlY3JldA==</challenge>")
        .expect("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</response>")
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>c2VydmVyLXNlY3JldA==</success>")
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::bad_challenge);
    EXPECT_EQ(seen->payloads, 4);
    expect_no_secret(*seen, {"own-secret-1", "own-secret-2", "server-secret"});
}

TEST_F(secrets, of_the_login_of_before_sasl_are_not_shown) {
    const struct {
        const char* field;
        const char* secret;
    } rows[] = {{"password", "secret"}, {"digest", "9b825444a6724723ce364240e754cbc51ecca203"}};
    for (const auto& row : rows) {
        watch_anew(settings().allow_legacy_auth(true));
        if (std::string_view(row.field) == "digest") peer.next_connection();
        peer.expect_header()
            .send_header("id='3EE948B0'")
            .features("<auth xmlns='http://jabber.org/features/iq-auth'/>");
        peer.expect("<iq type='get' to='example.org'><query xmlns='jabber:iq:auth'>*</query></iq>")
            .send(fmt::format("<iq type='result' id='{{id}}'><query xmlns='jabber:iq:auth'>"
                              "<username/><{}/><resource/></query></iq>",
                              row.field))
            .expect("<iq type='set' to='example.org'><query xmlns='jabber:iq:auth'>*</query></iq>")
            .send("<iq type='result' id='{id}'/>")
            .close_stream()
            .expect_close();
        steps.clear();
        run_session();
        EXPECT_EQ(steps.at(2).code, status_code::connected) << path();
        EXPECT_FALSE(seen->saw(row.secret)) << seen->all;
        EXPECT_TRUE(seen->saw("jabber:iq:auth"));
    }
}

TEST_F(secrets, the_log_tells_why_mechanisms_were_left_out) {
    watch_anew(settings().register_mechanism(
        "X-OWN", [](const sasl_context&) { return std::unique_ptr<sasl_mechanism>(); }));
    offer(peer,
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>X-OWN</mechanism>"
          "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>PLAIN</mechanism></mechanisms>")
        .expect(plain_auth)
        .cut();
    run_session();
    EXPECT_NE(seen->log.find("X-OWN: the program's factory declined"), std::string::npos);
    EXPECT_NE(seen->log.find("SCRAM-SHA-1-PLUS: no channel binding in common"), std::string::npos);
    EXPECT_NE(seen->log.find("stream features: mechanisms"), std::string::npos) << seen->log;
}

TEST_F(secrets, nothing_below_the_threshold_reaches_the_log) {
    std::vector<log_level> levels;
    conn->on_log([&](log_level level, std::string_view) { levels.push_back(level); });
    peer.refuse_connection();
    run_session();
    EXPECT_EQ(std::count(levels.begin(), levels.end(), log_level::debug), 0);
    EXPECT_GT(std::count(levels.begin(), levels.end(), log_level::info), 0);
    const auto before = levels.size();
    conn->on_log(log_level::warning,
                 [&](log_level level, std::string_view) { levels.push_back(level); });
    steps.clear();
    peer.refuse_connection();
    run_session();
    EXPECT_GT(levels.size(), before);
    for (auto i = before; i < levels.size(); ++i) EXPECT_EQ(levels[i], log_level::warning);
}

}  // namespace
}  // namespace xmpp::test
