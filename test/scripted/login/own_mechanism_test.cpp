// Mechanisms that the program brings.
#include "base/event.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <functional>
#include <stdexcept>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* own_auth =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OWN'>b3Blbg==</auth>";  // open
constexpr const char* own_challenge =
    "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>d2hv</challenge>";  // who
constexpr const char* own_response =
    "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>bWU=</response>";  // me
constexpr const char* abort_element = "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

std::string offer_of(std::initializer_list<const char*> names) {
    std::string list = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>";
    for (const auto* name : names) list += fmt::format("<mechanism>{}</mechanism>", name);
    return list + "</mechanisms>";
}

/// What the mechanisms of a test do and have seen.
struct behaviour {
    std::function<void(const char* step)> at_step = [](const char*) {};
    detail::event* wait_in_response = nullptr;
    bool shows_secrets = true;
    std::string seen;
    int alive = 0;
};

/// Says "open", and "me" to the challenge "who".
class own_mechanism final : public sasl_mechanism {
 public:
    explicit own_mechanism(behaviour& how) : how_(how) { ++how_.alive; }
    ~own_mechanism() override { --how_.alive; }

    bool requires_encryption() const override { return how_.shows_secrets; }

    task<std::optional<std::string>> initial_response() override {
        how_.at_step("initial");
        co_return "open";
    }
    task<std::string> respond(std::string challenge) override {
        how_.at_step("respond");
        if (how_.wait_in_response) co_await how_.wait_in_response->wait();
        how_.seen += challenge + ' ';
        co_return "me";
    }
    task<> succeed(std::optional<std::string> additional_data) override {
        how_.at_step("succeed");
        how_.seen += additional_data.value_or("(none)");
        if (additional_data != "proof") throw error(errc::server_unverified, "where is the proof?");
        co_return;
    }
    void failed(const error& reason) override {
        how_.seen += fmt::format("refused: {}", reason.condition());
        how_.at_step("failed");
    }

 private:
    behaviour& how_;
};

class own_mechanisms : public session_test {
 protected:
    sasl_mechanism_factory factory() {
        return [this](const sasl_context&) { return std::make_unique<own_mechanism>(how); };
    }
    options with_own() { return settings().register_mechanism("X-OWN", factory()); }

    /// A script up to the challenge.
    testing::scripted_peer& challenge() {
        return offer(peer, offer_of({"PLAIN", "X-OWN"}).c_str())
            .expect(own_auth)
            .send(own_challenge);
    }

    behaviour how;
};

TEST_F(own_mechanisms, log_in_before_the_default_order) {
    configure(with_own());
    challenge()
        .expect(own_response)
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cHJvb2Y=</success>")  // proof
        .expect_header()
        .send_header()
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect(
            "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>balcony</resource></bind></iq>")
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(how.seen, "who proof");
    EXPECT_EQ(how.alive, 0) << "gone when the login is over";
    EXPECT_FALSE(conn->scram_keys());
}

TEST_F(own_mechanisms, a_server_that_proves_nothing_is_not_logged_in_to) {
    configure(with_own());
    challenge().expect(own_response).send(success).expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(server-unverified) "
              "DISCONNECTED(server-unverified)");
}

TEST_F(own_mechanisms, hear_of_a_refusal) {
    configure(with_own());
    challenge()
        .expect(own_response)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><credentials-expired/></failure>")
        .expect_close();
    run_session();
    EXPECT_EQ(how.seen, "who refused: credentials-expired");
    EXPECT_EQ(steps.back().error, sasl_condition::credentials_expired);
}

TEST_F(own_mechanisms, may_throw_at_a_refusal_which_changes_nothing) {
    how.at_step = [](const char* step) {
        if (std::string_view(step) == "failed") throw std::runtime_error("cache is broken");
    };
    std::string log;
    configure(with_own());
    conn->on_log([&](log_level, std::string_view line) { log += line; });
    challenge()
        .expect(own_response)
        .send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, sasl_condition::not_authorized);
    EXPECT_NE(log.find("cache is broken"), std::string::npos);
}

struct thrown_case {
    const char* name;
    void (*throws)();
    std::error_code code;
};

void PrintTo(const thrown_case& row, std::ostream* out) {
    *out << row.name;
}

class throwing_mechanism : public own_mechanisms,
                           public ::testing::WithParamInterface<thrown_case> {};

TEST_P(throwing_mechanism, is_told_abort_and_ends_in_authfail) {
    how.at_step = [](const char* step) {
        if (std::string_view(step) == "respond") GetParam().throws();
    };
    configure(with_own());
    challenge().expect(abort_element).expect_close();
    run_session();
    const auto condition = condition_name(GetParam().code);
    EXPECT_EQ(path(),
              fmt::format("CONNECTING AUTHENTICATING AUTHFAIL({0}) DISCONNECTED({0})", condition));
    EXPECT_EQ(steps.back().error, GetParam().code);
    EXPECT_EQ(how.alive, 0);
}

INSTANTIATE_TEST_SUITE_P(
    whatever_it_throws, throwing_mechanism,
    ::testing::Values(
        thrown_case{"an_exception", [] { throw std::runtime_error("no token"); },
                    errc::mechanism_failed},
        thrown_case{"anything_else", [] { throw 42; }, errc::mechanism_failed},
        thrown_case{"an_error_of_asio",
                    [] { throw std::system_error(std::make_error_code(std::errc::timed_out)); },
                    errc::mechanism_failed},
        thrown_case{"an_error_with_a_code",
                    [] { throw error(sasl_condition::credentials_expired, "log in on the web"); },
                    sasl_condition::credentials_expired},
        // The token server's troubles, not those of our link.
        thrown_case{"an_error_that_looks_like_ours",
                    [] { throw error(errc::connection_refused, "the token server is away"); },
                    errc::connection_refused},
        thrown_case{"a_time_limit_of_its_own",
                    [] { throw error(errc::connect_timeout, "the token server is slow"); },
                    errc::connect_timeout}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(own_mechanisms, throwing_in_the_first_step_sends_no_auth) {
    how.at_step = [](const char*) { throw std::runtime_error("no token"); };
    configure(with_own());
    offer(peer, offer_of({"X-OWN"}).c_str()).expect(abort_element).expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::mechanism_failed);
    EXPECT_NE(steps.back().text.find("no token"), std::string::npos);
}

TEST_F(own_mechanisms, a_factory_that_throws_ends_in_authfail) {
    configure(settings().register_mechanism(
        "X-OWN", [](const sasl_context&) -> std::unique_ptr<sasl_mechanism> {
            throw std::runtime_error("no key store");
        }));
    offer(peer, offer_of({"X-OWN", "PLAIN"}).c_str()).expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING AUTHFAIL(mechanism-failed) DISCONNECTED(mechanism-failed)");
}

TEST_F(own_mechanisms, that_never_end_are_bounded_by_the_deadline) {
    detail::event never(context.get_executor());
    how.wait_in_response = &never;
    configure(with_own().connect_timeout(9s));
    challenge().expect_disconnect();
    const auto begin = time->now();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNTIMEOUT(connect-timeout) "
              "DISCONNECTED(connect-timeout)");
    EXPECT_EQ(time->now() - begin, 9s);
    EXPECT_EQ(how.alive, 0);
}

TEST_F(own_mechanisms, can_be_given_up_in_the_middle) {
    detail::event never(context.get_executor());
    how.wait_in_response = &never;
    configure(with_own());
    challenge().expect_disconnect();
    start();
    EXPECT_EQ(how.alive, 1);
    run(conn->disconnect("enough"));
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING DISCONNECTING(enough) DISCONNECTED");
    EXPECT_EQ(how.alive, 0);
}

TEST_F(own_mechanisms, end_with_a_connection_that_is_destroyed_in_the_middle) {
    detail::event never(context.get_executor());
    how.wait_in_response = &never;
    configure(with_own());
    challenge().expect_disconnect();
    start();
    conn.reset();
    run_until_idle();
    EXPECT_EQ(how.alive, 0);
}

TEST_F(own_mechanisms, may_destroy_the_connection_in_a_step) {
    how.at_step = [this](const char* step) {
        if (std::string_view(step) == "respond") conn.reset();
    };
    configure(with_own());
    challenge().expect_disconnect();
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING");
    EXPECT_EQ(how.alive, 0);
}

TEST_F(own_mechanisms, that_show_secrets_are_not_used_in_the_clear) {
    configure(with_own().allow_plaintext_auth(false));
    offer(peer, offer_of({"X-OWN"}).c_str()).expect_close();
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(stream-not-secure) DISCONNECTED(stream-not-secure)");
    EXPECT_NE(steps.back().text.find("X-OWN"), std::string::npos) << steps.back().text;
}

TEST_F(own_mechanisms, that_show_nothing_may_be_used_in_the_clear) {
    how.shows_secrets = false;
    configure(with_own().allow_plaintext_auth(false));
    offer(peer, offer_of({"X-OWN"}).c_str()).expect(own_auth).cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(own_mechanisms, may_decline_by_what_the_factory_is_told) {
    std::optional<sasl_context> told;
    configure(settings().register_mechanism(
        "X-OWN", [&](const sasl_context& login) -> std::unique_ptr<sasl_mechanism> {
            told = login;
            return nullptr;
        }));
    offer(peer, offer_of({"X-OWN", "PLAIN"}).c_str()).expect(plain_auth).cut();
    run_session();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->who().user(), jid("juliet@example.org/balcony"));
    EXPECT_FALSE(told->secure());
    EXPECT_EQ(told->offered(), (std::vector<std::string>{"X-OWN", "PLAIN"}));
    EXPECT_EQ(told->channel_binding("tls-exporter"), std::nullopt);
}

TEST_F(own_mechanisms, learn_the_channel_binding_of_an_encrypted_link) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("example.org"));
    std::optional<sasl_context> told;
    configure(settings()
                  .tls(tls_mode::required)
                  .ca_pem(authority.ca_pem())
                  .register_mechanism(
                      "X-OWN", [&](const sasl_context& login) -> std::unique_ptr<sasl_mechanism> {
                          told = login;
                          return nullptr;
                      }));
    peer.accept_tls(identity);
    offer(peer, offer_of({"X-OWN", "PLAIN"}).c_str()).expect(plain_auth).cut();
    run_session();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->secure());
    EXPECT_EQ(told->channel_binding("tls-exporter").value_or("").size(), 32u);
    EXPECT_EQ(told->channel_binding("tls-nonsense"), std::nullopt);
}

TEST_F(own_mechanisms, replace_ours_of_the_same_name) {
    configure(settings().register_mechanism("PLAIN", factory()));
    offer(peer, plain_features)
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>b3Blbg==</auth>")
        .cut();
    run_session();
    EXPECT_EQ(steps.at(1).code, status_code::authenticating);
}

TEST_F(own_mechanisms, stand_where_a_list_names_them) {
    configure(with_own().mechanisms({"PLAIN", "X-OWN"}));
    offer(peer, offer_of({"X-OWN", "PLAIN"}).c_str()).expect(plain_auth).cut();
    run_session();
    steps.clear();
    configure(with_own().mechanisms({"PLAIN"}));
    peer.next_connection();
    offer(peer, offer_of({"X-OWN"}).c_str()).expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::no_mechanism) << "not in the list";
}

TEST_F(own_mechanisms, answer_nothing_that_they_do_not_override) {
    class silent final : public sasl_mechanism {};
    configure(settings().register_mechanism(
        "X-OWN", [](const sasl_context&) { return std::make_unique<silent>(); }));
    offer(peer, offer_of({"X-OWN"}).c_str())
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OWN'/>")
        .send(own_challenge)
        .expect(abort_element)
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::bad_challenge);
    steps.clear();
    peer.next_connection();
    offer(peer, offer_of({"X-OWN"}).c_str())
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OWN'/>")
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cHJvb2Y=</success>")
        .expect_close();
    run_session();
    EXPECT_EQ(steps.back().error, errc::bad_challenge);
}

TEST(register_mechanism, refuses_what_no_server_could_offer) {
    const auto nothing = [](const sasl_context&) { return std::unique_ptr<sasl_mechanism>(); };
    for (const auto* name : {"", "x-own", "X OWN", "X-A-NAME-OF-21-LETTER"}) {
        EXPECT_THROW(options().register_mechanism(name, nothing), error) << name;
    }
    EXPECT_THROW(options().register_mechanism("X-OWN", nullptr), error);
}

TEST(register_mechanism, keeps_the_order_and_the_last_of_a_name) {
    const auto nothing = [](const sasl_context&) { return std::unique_ptr<sasl_mechanism>(); };
    options settings;
    settings.register_mechanism("X-B", nothing).register_mechanism("X-A", nothing);
    settings.register_mechanism("X-B", nothing);
    ASSERT_EQ(settings.registered_mechanisms().size(), 2u);
    EXPECT_EQ(settings.registered_mechanisms().front().name, "X-B");
}

}  // namespace
}  // namespace xmpp::test
