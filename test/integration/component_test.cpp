#include <xmpp/xmpp.hpp>

#include "base/event.hpp"
#include "support/co_test.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

/// Components need no option to reach a server on the same machine.
class component : public real_server_test {
 protected:
    std::string service() const {
        return fmt::format("component://{}:{}", server().address(), server().component_port());
    }
    credentials who() const {
        return credentials::component(server().component_domain(), server().component_secret());
    }
    jid address(const char* name) const {
        return jid(fmt::format("{}@{}", name, server().component_domain()));
    }

    asio::io_context context;
};

task<> follow(connection& conn, credentials who, std::string* path) {
    auto statuses = conn.connect(std::move(who));
    while (auto step = co_await statuses.next()) {
        *path += fmt::format("{} ", to_string(step->code));
        if (step->code == status_code::connected) co_await conn.disconnect();
    }
}

TEST_P(component, comes_and_goes) {
    connection conn(context.get_executor(), service());
    std::string path;
    run(context, follow(conn, who(), &path));
    EXPECT_EQ(path, "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED ");
}

TEST_P(component, is_not_let_in_with_a_wrong_secret) {
    connection conn(context.get_executor(), service());
    std::string path;
    run(context, follow(conn, credentials::component(server().component_domain(), "wrong"), &path));
    EXPECT_EQ(path, "CONNECTING AUTHENTICATING AUTHFAIL DISCONNECTED ");
}

task<builder> version_of(stanza request) {
    co_return builder("query", ns::version).child("name", request.to().str());
}

task<> chat(connection& conn, credentials who, connection& user, credentials whose, jid nurse,
            std::string* said, std::string* version) {
    conn.on_iq("query", std::string(ns::version), version_of);
    auto questions = conn.stanzas(match().name("message"));
    co_await conn.login(std::move(who));
    auto answers = user.stanzas(match().name("message").from(nurse));
    co_await user.login(std::move(whose));

    co_await user.send(message(nurse).type("chat").body("Where is Romeo?"));
    const auto question = co_await questions.next();
    const auto* body = (*question)->child("body");
    co_await conn.send(message(question->from())
                           .type("chat")
                           .from(question->to())
                           .body(fmt::format("You ask: {}", body->text())));
    const auto answer = co_await answers.next();
    *said = (*answer)->child("body")->text();

    const auto result = co_await user.send_iq(iq::get(nurse).c("query", ns::version));
    *version = result->child("query", ns::version)->child("name")->text();

    // As an address of its own, and in the other direction.
    auto request = iq::get(user.user());
    request.from(nurse).c("query", "urn:nobody:knows:this");
    try {
        co_await conn.send_iq(std::move(request));
    } catch (const stanza_error& refused) {
        *version += fmt::format(" {}", refused.condition());
    }
    co_await user.disconnect();
    co_await conn.disconnect();
}

TEST_P(component, speaks_for_all_its_addresses) {
    server().add_user("montague", "s3cret");
    connection conn(context.get_executor(), service());
    connection user(context.get_executor(),
                    fmt::format("xmpp://{}:{}", server().domain(), server().c2s_port()),
                    options().connect_address(server().address()).ca_file(server().ca_file()));
    std::string said;
    std::string version;
    const credentials montague(jid("montague@" + server().domain()), "s3cret");
    run(context, chat(conn, who(), user, montague, address("nurse"), &said, &version));
    EXPECT_EQ(said, "You ask: Where is Romeo?");
    EXPECT_EQ(version, address("nurse").str() + " service-unavailable");
}

task<> wait_for_a_sign_of_life(connection& conn, credentials who, std::string* seen) {
    detail::event came(conn.get_executor());
    conn.on_xml_input([&came, seen](const element& received) {
        if (received.name() != "iq") return;
        *seen = received.attr("to");
        came.set();
    });
    co_await conn.login(std::move(who));
    co_await came.wait();
    conn.on_xml_input(nullptr);
    co_await conn.disconnect();
}

TEST_P(component, hears_of_its_server_what_it_asks_itself) {
    connection conn(context.get_executor(), service(), options().liveness(50ms, 20s));
    std::string seen;
    run(context, wait_for_a_sign_of_life(conn, who(), &seen));
    EXPECT_EQ(seen, server().component_domain());
}

INSTANTIATE_TEST_SUITE_P(real, component, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
