// XEP-0114, the component's side.
#include "base/crypto/crypto.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {
namespace {

constexpr const char* header_of_component =
    "to='component.example.org' from='' version='' xml:lang=''";
// SHA-1 of "3BF96D32secret"
constexpr const char* handshake = "<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>";
constexpr const char* in_clear_service = "component://127.0.0.1";

credentials component(std::string secret = "secret") {
    return credentials::component("component.example.org", std::move(secret));
}

std::string server_stream_error(std::string_view condition) {
    return fmt::format(
        "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        condition);
}

class component_session : public session_test {
 protected:
    component_session() {
        peer.component_port();
        configure(settings(), in_clear_service);
    }
    testing::scripted_peer& opened() {
        return peer.expect_header(header_of_component).send_header("id='3BF96D32'");
    }
    /// The server's part of the login, up to that step.
    void play(int until) {
        if (until > 0) peer.expect_header(header_of_component);
        if (until > 1) peer.send_header("id='3BF96D32'");
        if (until > 2) peer.expect(handshake);
        if (until > 3) peer.send("<handshake/>");
    }
    static constexpr int steps_of_login = 4;

    testing::scripted_peer& accepted() { return peer.accept_component("component.example.org"); }
};

TEST_F(component_session, proves_the_secret_with_a_digest_and_binds_nothing) {
    opened().expect(handshake).send("<handshake/>").expect_close().close_stream();
    std::string sent;
    conn->on_raw_output([&sent](std::string_view bytes) { sent += bytes; });
    start(component());
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_TRUE(
        sent.starts_with("<?xml version='1.0'?><stream:stream "
                         "xmlns='jabber:component:accept' xmlns:stream="))
        << sent;
    EXPECT_EQ(conn->user(), jid("component.example.org"));
    EXPECT_EQ(conn->domain(), "component.example.org");
    EXPECT_TRUE(conn->authenticated());
    EXPECT_FALSE(conn->features());
    run(conn->disconnect("bye"));
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING(bye) DISCONNECTED");
    conn->on_raw_output(nullptr);
}

TEST_F(component_session, leaves_the_binding_of_resources_to_users) {
    configure(settings().explicit_resource_binding(true), in_clear_service);
    accepted();
    start(component());
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(component_session, a_wrong_secret_ends_in_authfail) {
    opened().expect(handshake).send(server_stream_error("not-authorized")).expect_close();
    run_session(component());
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(not-authorized) DISCONNECTED(not-authorized)");
    EXPECT_EQ(steps.back().error, sasl_condition::not_authorized);
    EXPECT_TRUE(step(status_code::authfail).detail);
    EXPECT_NE(steps.back().text.find("secret"), std::string::npos) << steps.back().text;
}

TEST_F(component_session, a_header_without_id_ends_in_connfail) {
    peer.expect_header(header_of_component).send_header("id=''").expect_close();
    run_session(component());
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(bad-format) DISCONNECTED(bad-format)");
    EXPECT_EQ(step(status_code::connfail).text, steps.back().text);
    EXPECT_NE(steps.back().text.find("no id"), std::string::npos) << steps.back().text;
}

TEST_F(component_session, a_link_that_ends_early_ends_in_connfail) {
    peer.expect_header(header_of_component).end();
    run_session(component());
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(connection-lost) DISCONNECTED(connection-lost)");
    EXPECT_EQ(step(status_code::connfail).text, steps.back().text);

    steps.clear();
    peer.next_connection();
    opened().expect(handshake).close_stream();
    run_session(component());
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNFAIL(closed-by-server) "
              "DISCONNECTED(closed-by-server)");
}

TEST_F(component_session, a_stanza_before_the_handshake_ends_in_authfail) {
    opened()
        .expect(handshake)
        .send("<message from='romeo@example.org' to='component.example.org'/>")
        .expect_close();
    run_session(component());
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING AUTHFAIL(unexpected-stanza) "
              "DISCONNECTED(unexpected-stanza)");
    EXPECT_EQ(steps.back().error, errc::unexpected_element);
}

TEST_F(component_session, a_domain_that_the_server_does_not_have_ends_in_connfail) {
    opened().expect(handshake).send(server_stream_error("host-unknown")).expect_close();
    run_session(component());
    EXPECT_EQ(steps.back().error, stream_condition::host_unknown);
    EXPECT_EQ(step(status_code::connfail).condition, "host-unknown");
}

TEST_F(component_session, an_error_and_the_end_in_one_piece_end_it_once) {
    accepted().send_raw(server_stream_error("conflict") + "</stream:stream>").expect_close();
    run_session(component());
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED ERROR(conflict) DISCONNECTED(conflict)");
}

TEST_F(component_session, ends_once_wherever_the_link_breaks) {
    for (int until = 0; until <= steps_of_login; ++until) {
        if (until > 0) peer.next_connection();
        play(until);
        peer.cut();
        steps.clear();
        run_session(component());
        const auto ends = std::count_if(steps.begin(), steps.end(), [](const status& each) {
            return each.code == status_code::disconnected;
        });
        EXPECT_EQ(ends, 1) << path();
        EXPECT_EQ(steps.back().code, status_code::disconnected) << path();
        EXPECT_TRUE(steps.back().error) << path();
    }
}

TEST_F(component_session, may_be_destroyed_at_every_step) {
    for (int until = 0; until <= steps_of_login; ++until) {
        peer.next_connection();
        play(until);
        configure(settings(), in_clear_service);
        start(component());
        EXPECT_EQ(conn->connected(), until == steps_of_login) << path();
        conn.reset();
        run_until_idle();
        EXPECT_EQ(time->pending(), 0u) << "after step " << until;
        steps.clear();
    }
}

TEST_F(component_session, is_sent_nowhere_else) {
    opened()
        .expect(handshake)
        .send(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            "other.example.org</see-other-host></stream:error>")
        .expect_close();
    run_session(component());
    EXPECT_EQ(steps.back().error, stream_condition::see_other_host);
    EXPECT_EQ(step(status_code::connfail).condition, "see-other-host");
}

TEST_F(component_session, takes_the_id_as_it_is) {
    const std::string odd = "'\"\u00e9&<>\U0001F600";
    peer.expect_header(header_of_component)
        .send_header("id='&apos;&quot;\u00e9&amp;&lt;&gt;\U0001F600'")
        .expect("<handshake>25cf631315ab456127209eaeff6871c64536f24a</handshake>")
        .send("<handshake/>");
    start(component("s\u00e9cret"));
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");

    steps.clear();
    conn->reset();
    run_until_idle();
    steps.clear();
    const std::string long_id(40'000, 'x');
    const auto proof = detail::hex(detail::digest(detail::hash::sha1, long_id + "secret"));
    peer.next_connection()
        .expect_header(header_of_component)
        .send_header("id='" + long_id + "'")
        .expect("<handshake>" + proof + "</handshake>")
        .send("<handshake/>");
    start(component());
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
}

TEST_F(component_session, goes_in_the_clear_only_where_that_is_said) {
    configure(settings().tls(tls_mode::required), in_clear_service);
    peer.expect_disconnect();
    run_session(component());
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");

    for (const auto mode : {tls_mode::optional, tls_mode::disabled}) {
        steps.clear();
        peer.next_connection();
        accepted();
        configure(settings().tls(mode), in_clear_service);
        std::string warning;
        conn->on_log(log_level::warning,
                     [&warning](log_level, std::string_view line) { warning += line; });
        start(component());
        EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
        EXPECT_NE(warning.find("not encrypted"), std::string::npos) << warning;
        conn.reset();
        run_until_idle();
    }
}

TEST_F(component_session, can_have_tls_from_the_first_byte) {
    const testing::test_authority authority;
    const auto identity = authority.issue(testing::certificate_request().dns("xmpp.example.org"));
    configure(settings().tls(tls_mode::required).ca_pem(authority.ca_pem()),
              "components://xmpp.example.org");
    peer.tls_handshake(identity);
    accepted();
    start(component());
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_TRUE(conn->secure());
}

TEST_F(component_session, credentials_and_service_must_fit) {
    const auto refused = [this](const char* service, const credentials& who) {
        configure(settings(), service);
        try {
            static_cast<void>(conn->connect(who));
        } catch (const error& thrown) {
            return thrown.code();
        }
        return std::error_code();
    };
    EXPECT_EQ(refused("xmpp://example.org", component()), errc::invalid_options);
    EXPECT_EQ(refused("", component()), errc::invalid_options);
    EXPECT_EQ(refused(in_clear_service, credentials("juliet@example.org", "secret")),
              errc::invalid_options);
}

TEST_F(component_session, the_proof_is_in_no_hook_and_not_in_the_log) {
    const auto proof = detail::hex(detail::digest(detail::hash::sha1, "3BF96D32open sesame"));
    opened().expect("<handshake>" + proof + "</handshake>").send("<handshake/>");
    std::string seen;
    const auto note = [&seen](std::string_view text) { seen += text; };
    conn->on_raw_output(note);
    conn->on_xml_output(note);
    conn->on_log(log_level::debug, [&seen](log_level, std::string_view line) { seen += line; });
    start(component("open sesame"));
    EXPECT_NE(seen.find("handshake"), std::string::npos);
    EXPECT_EQ(seen.find(proof), std::string::npos) << seen;
    EXPECT_EQ(seen.find("sesame"), std::string::npos) << seen;
    conn.reset();
}

TEST_F(component_session, says_for_whom_it_speaks) {
    accepted()
        .expect(
            "<message from='component.example.org' to='romeo@example.org'><body>1</body>"
            "</message>")
        .expect(
            "<message from='nurse@component.example.org/x' to='romeo@example.org'>"
            "<body>2</body></message>")
        .expect("<presence from='component.example.org' to='romeo@example.org'/>");
    start(component());
    conn->enqueue(message("romeo@example.org").body("1"));
    conn->enqueue(message("romeo@example.org").from("nurse@component.example.org/x").body("2"));
    conn->enqueue(unsafe_xml("<presence to='romeo@example.org'/>"));
    run_until_idle();
}

TEST_F(component_session, speaks_as_an_occupant_whatever_the_nickname_is_like) {
    accepted()
        .send("<message from='romeo@example.org/x' to='room@component.example.org/a\u00B7b'/>")
        .expect(
            "<message from='room@component.example.org/a\u00B7b' to='romeo@example.org/x'>"
            "<body>1</body></message>");
    conn->add_handler(match().name("message"), [this](const stanza& received) {
        conn->enqueue(message(received.from()).from(received.to()).body("1"));
        return true;
    });
    start(component());
}

TEST_F(component_session, does_not_speak_for_addresses_that_are_not_its_own) {
    accepted().expect(
        "<message from='component.example.org' to='romeo@example.org'><body>*</body></message>");
    start(component());
    for (const auto* sender : {"romeo@example.org", "example.org", "x.component.example.org",
                               "evil@component.example.org.example.com", "a@b@c"}) {
        std::error_code code;
        try {
            conn->enqueue(builder("message").attr("from", sender).attr("to", "a@example.org"));
        } catch (const error& thrown) {
            code = thrown.code();
        }
        EXPECT_EQ(code, stream_condition::invalid_from) << sender;
    }
    conn->enqueue(message("romeo@example.org").body("the session stays"));
    run_until_idle();
    EXPECT_TRUE(conn->connected());
}

TEST_F(component_session, ignores_what_comes_from_nobody) {
    accepted();
    std::string seen;
    conn->add_handler(match(), [&seen](const stanza& received) {
        seen += received.id();
        return true;
    });
    start(component());
    peer.send(
        "<message id='1' to='component.example.org'/>"
        "<iq type='get' id='2' to='component.example.org'><ping xmlns='urn:xmpp:ping'/></iq>"
        "<message id='3' from='romeo@example.org' to='component.example.org'/>");
    run_until_idle();
    EXPECT_EQ(seen, "3");
}

TEST_F(component_session, hears_what_is_said_to_any_of_its_addresses) {
    accepted();
    std::vector<std::string> heard;
    conn->add_handler(match().name("message").ns("jabber:client"), [&heard](
                                                                       const stanza& received) {
        heard.push_back(received.to().str() + ' ' + std::string(received->child("body")->text()));
        return true;
    });
    start(component());
    peer.send(
        "<message from='romeo@example.org/x' to='nurse@component.example.org'><body>1</body>"
        "</message>"
        "<message from='romeo@example.org/x' to='tybalt@component.example.org/y'><body>2</body>"
        "</message>");
    run_until_idle();
    EXPECT_EQ(heard, (std::vector<std::string>{"nurse@component.example.org 1",
                                               "tybalt@component.example.org/y 2"}));
}

task<builder> version_of(stanza request) {
    if (request.to().local() == "tybalt") throw stanza_error("item-not-found");
    co_return builder("query", ns::version).child("name", "test");
}

TEST_F(component_session, answers_as_the_address_that_was_asked) {
    accepted();
    conn->on_iq("query", ns::version.data(), version_of);
    start(component());
    const auto request = [](const char* to, const char* payload) {
        return fmt::format("<iq type='get' id='1' from='romeo@example.org/x' to='{}'>{}</iq>", to,
                           payload);
    };
    constexpr const char* query = "<query xmlns='jabber:iq:version'/>";
    peer.send(request("nurse@component.example.org", query))
        .expect(
            "<iq type='result' id='1' from='nurse@component.example.org' "
            "to='romeo@example.org/x'><query xmlns='jabber:iq:version'><name>test</name>"
            "</query></iq>")
        .send(request("tybalt@component.example.org", query))
        .expect(
            "<iq type='error' id='1' from='tybalt@component.example.org' "
            "to='romeo@example.org/x'><error type='cancel'><item-not-found "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .send(request("component.example.org", "<who xmlns='urn:knows'/>"))
        .expect(
            "<iq type='error' id='1' from='component.example.org' "
            "to='romeo@example.org/x'><error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    run_until_idle();
}

TEST_F(component_session, refuses_messages_as_the_address_that_was_asked) {
    accepted();
    conn->add_handler(match().name("message"), [this](const stanza& received) {
        conn->enqueue(error_reply(received, stanza_error("item-not-found")));
        return true;
    });
    start(component());
    peer.send("<message from='romeo@example.org/x' to='nobody@component.example.org'/>")
        .expect(
            "<message type='error' from='nobody@component.example.org' to='romeo@example.org/x'>"
            "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "</error></message>");
    run_until_idle();
}

task<> ask_twice(connection& conn, std::vector<std::string>* answers) {
    auto as_itself = co_await conn.send_iq(iq::get("example.org").c("ping", ns::ping));
    answers->push_back(std::string(as_itself.id()));
    auto request = iq::get("romeo@example.org/x");
    request.id("of nurse").from("nurse@component.example.org").c("ping", ns::ping);
    auto as_nurse = co_await conn.send_iq(std::move(request));
    answers->push_back(as_nurse.to().str());
}

TEST_F(component_session, gets_the_replies_to_requests_of_any_of_its_addresses) {
    accepted()
        .expect(
            "<iq type='get' from='component.example.org' to='example.org'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' id='{id}' from='example.org' to='component.example.org'/>")
        .expect(
            "<iq type='get' from='nurse@component.example.org' to='romeo@example.org/x'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>")
        .send(
            "<iq type='result' id='{id}' from='mercutio@example.org' "
            "to='nurse@component.example.org'/>"
            "<iq type='result' id='{id}' from='romeo@example.org/x' "
            "to='nurse@component.example.org'/>");
    start(component());
    std::vector<std::string> answers;
    run(ask_twice(*conn, &answers));
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers.back(), "nurse@component.example.org");
}

constexpr const char* own_ping =
    "<iq type='get' from='component.example.org' to='component.example.org'>"
    "<ping xmlns='urn:xmpp:ping'/></iq>";

TEST_F(component_session, asks_for_a_sign_of_life_by_a_ping_to_itself) {
    using namespace std::chrono_literals;
    accepted()
        .expect(own_ping)
        .send(
            "<iq type='get' id='{id}' from='component.example.org' to='component.example.org'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>")
        .expect(own_ping)
        .send(
            "<iq type='error' id='{id}' from='component.example.org' "
            "to='component.example.org'><error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .expect(own_ping);
    int seen = 0;
    conn->add_handler(match(), [&seen](const stanza&) {
        ++seen;
        return true;
    });
    start(component());
    pass(61s);
    pass(61s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(seen, 0) << "a ping of its own is not for the program";
    pass(81s);
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNECTED CONNTIMEOUT(server-silent) "
              "DISCONNECTED(server-silent)");
}

}  // namespace
}  // namespace xmpp::test
