// Sessions over HTTP that outlive their connection: attach() and restore().
#include <xmpp/xmpp.hpp>

#include "bosh_client.hpp"
#include "scripted/session_test.hpp"
#include "support/broken_store.hpp"
#include "support/co_test.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::HasSubstr;

/// Of the two requests that ask whether a session is there, the one that the other follows. They
/// travel on two connections, so either may come first.
task<std::shared_ptr<http_request>> first_of_two(bosh_client* client) {
    auto one = co_await client->next();
    auto other = co_await client->next();
    if (other->rid() < one->rid()) std::swap(one, other);
    EXPECT_EQ(one->rid() + 1, other->rid());
    client->held = std::move(other);
    co_return one;
}

bosh_session known() {
    return bosh_session("juliet@example.org/balcony", "s", 4711);
}

CO_TEST(attach, asks_with_exactly_the_request_id_given) {
    bosh_client client(context);
    client.follow(client.conn.attach(known()));
    EXPECT_EQ(client.path(), "");
    const auto first = co_await first_of_two(&client);
    EXPECT_EQ(first->rid(), 4711U);
    EXPECT_EQ(first->attr("sid"), "s");
    first->answer(bosh_body({}, "<message xmlns='jabber:client' id='waited'/>"));
    auto messages = client.conn.stanzas(match().name("message"));
    co_await client.reached(status_code::attached);
    const auto received = co_await messages.next();
    EXPECT_EQ(received->id(), "waited");
    EXPECT_EQ(client.path(), "ATTACHED");
    EXPECT_EQ(client.conn.user().str(), "juliet@example.org/balcony");
    EXPECT_TRUE(client.conn.connected());
    EXPECT_TRUE(client.conn.authenticated());
    EXPECT_FALSE(client.conn.restored());
    EXPECT_FALSE(client.conn.features());
}

CO_TEST(attach, fails_when_the_server_knows_no_such_session) {
    const std::vector<std::pair<int, std::string>> cases{
        {200, bosh_body(" type='terminate' condition='item-not-found'")}, {404, ""}};
    for (const auto& [code, body] : cases) {
        bosh_client client(context);
        client.follow(client.conn.attach(known()));
        const auto first = co_await first_of_two(&client);
        first->answer(code, body);
        co_await client.ended();
        EXPECT_EQ(client.path(), "ATTACHFAIL(item-not-found) DISCONNECTED(item-not-found)");
        EXPECT_FALSE(client.conn.connected());
    }
}

CO_TEST(attach, fails_at_the_deadline_before_a_silent_server) {
    bosh_client client(context, options().connect_timeout(std::chrono::milliseconds(50)));
    client.follow(client.conn.attach(known()));
    co_await client.ended();
    EXPECT_EQ(client.path(), "ATTACHFAIL(connect-timeout) DISCONNECTED(connect-timeout)");
}

CO_TEST(attach, refuses_what_can_not_be_a_session_before_any_status) {
    bosh_client client(context);
    auto bare = known();
    bare.user = "juliet@example.org";
    auto elsewhere = known();
    elsewhere.service = "wss://example.org/ws";
    auto beyond = known();
    beyond.rid = std::uint64_t{1} << 53;
    auto nameless = known();
    nameless.sid.clear();
    const std::vector<bosh_session> wrongs{bare, elsewhere, beyond, nameless};
    for (const auto& wrong : wrongs) {
        EXPECT_THROW(client.follow(client.conn.attach(wrong)), error);
    }
    EXPECT_EQ(client.path(), "");
    co_return;
}

CO_TEST(attach, leaves_at_the_deadline_of_every_session) {
    bosh_client client(context, options().disconnection_timeout(std::chrono::milliseconds(50)));
    client.follow(client.conn.attach(known()));
    const auto first = co_await first_of_two(&client);
    first->answer(bosh_body());
    co_await client.reached(status_code::attached);
    co_await client.conn.disconnect();
    co_await client.ended();
    EXPECT_EQ(client.path(),
              "ATTACHED DISCONNECTING CONNTIMEOUT(disconnect-timeout) "
              "DISCONNECTED(disconnect-timeout)");
}

CO_TEST(attach, takes_over_what_another_connection_has_exported) {
    bosh_client client(context);
    EXPECT_FALSE(client.conn.export_session());
    co_await client.log_in();
    const auto exported = client.conn.export_session();
    if (!exported) {
        ADD_FAILURE() << "nothing to take over";
        co_return;
    }
    EXPECT_EQ(exported->user.str(), "juliet@example.org/balcony");
    EXPECT_EQ(exported->rid, client.held->rid() + 1);
    const auto carried = bosh_session::parse(exported->str());

    client.conn = connection(context.get_executor(), "", bosh_client::plain());
    client.steps.clear();
    client.follow(client.conn.attach(*carried));
    const auto first = co_await first_of_two(&client);
    EXPECT_EQ(first->rid(), exported->rid);
    first->answer(bosh_body());
    co_await client.reached(status_code::attached);
    EXPECT_EQ(client.conn.service(), client.server.url());
}

task<bool> log_in_and_bind(bosh_client* client) {
    background<bool> logging_in(client->context, done(client->log_in()));
    co_await client->reached(status_code::bindrequired);
    co_await client->conn.bind("balcony");
    co_await logging_in.wait();
    co_return true;
}

CO_TEST(attach, takes_over_a_session_whose_resource_the_program_has_bound) {
    bosh_client client(context, options().explicit_resource_binding(true));
    co_await log_in_and_bind(&client);
    const auto exported = client.conn.export_session();
    EXPECT_TRUE(exported);
    EXPECT_EQ(exported.value_or(bosh_session()).rid, client.held->rid() + 1);
    EXPECT_THAT(client.conn.last_response_headers(), HasSubstr("200"));
}

/// Two programs, one after the other, with the same store.
class kept_session {
 public:
    explicit kept_session(asio::io_context& context)
        : store(make_memory_store()),
          client(context, options().session_store(store).keepalive(true).reconnect(false)) {}

    /// The first program is killed; the second begins.
    void restart() {
        auto settings = bosh_client::plain().session_store(store).keepalive(true);
        client.conn =
            connection(client.context.get_executor(), client.server.url(), std::move(settings));
        client.steps.clear();
    }

    std::shared_ptr<session_store> store;
    bosh_client client;
};

CO_TEST(restore, goes_on_with_what_was_kept) {
    const std::vector<std::string> known{"", "juliet@example.org", "juliet@example.org/garden",
                                         "example.org"};
    for (const auto& name : known) {
        jid who;
        if (!name.empty()) who = jid(name);
        kept_session kept(context);
        auto& client = kept.client;
        co_await client.log_in();
        const auto last = client.held->rid();
        kept.restart();
        client.follow(client.conn.restore(who));
        EXPECT_TRUE(client.conn.restored());
        const auto first = co_await first_of_two(&client);
        EXPECT_EQ(first->rid(), last + 1);
        first->answer(bosh_body());
        co_await client.reached(status_code::attached);
        EXPECT_EQ(client.path(), "ATTACHED");
        EXPECT_EQ(client.conn.user().str(), "juliet@example.org/balcony");
    }
}

CO_TEST(restore, refuses_what_was_not_kept_and_changes_nothing) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    kept.restart();
    for (const char* who : {"romeo@example.org", "example.net"}) {
        std::error_code code;
        try {
            client.follow(client.conn.restore(who));
        } catch (const error& refused) {
            code = refused.code();
        }
        EXPECT_EQ(code, errc::no_session) << who;
    }
    EXPECT_TRUE(client.conn.user().empty());
    EXPECT_FALSE(client.conn.restored());
    EXPECT_EQ(client.path(), "");
}

CO_TEST(restore, leaves_a_session_to_the_connection_that_has_it) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    connection second(context.get_executor(), client.server.url(),
                      bosh_client::plain().session_store(kept.store).keepalive(true));
    std::error_code code;
    try {
        client.follow(second.restore("juliet@example.org"));
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::no_session);
    EXPECT_TRUE(client.conn.connected());
}

CO_TEST(restore, keeps_nothing_beyond_the_end_of_the_session) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    client.held->answer(bosh_body(" type='terminate' condition='system-shutdown'"));
    co_await client.ended();
    EXPECT_THROW(client.follow(client.conn.restore()), error);
}

CO_TEST(restore, forgets_with_a_reset) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    client.conn.reset();
    co_await client.ended();
    EXPECT_THROW(client.follow(client.conn.restore()), error);
}

CO_TEST(restore, keeps_a_session_that_could_not_be_asked_for) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    kept.restart();
    client.conn = connection(context.get_executor(), client.server.url(),
                             bosh_client::plain()
                                 .session_store(kept.store)
                                 .keepalive(true)
                                 .connect_timeout(std::chrono::milliseconds(50)));
    client.follow(client.conn.restore());
    co_await client.ended();
    EXPECT_EQ(client.path(), "ATTACHFAIL(connect-timeout) DISCONNECTED(connect-timeout)");
    const auto in_vain = co_await first_of_two(&client);
    client.steps.clear();
    client.follow(client.conn.restore());
    const auto first = co_await first_of_two(&client);
    EXPECT_EQ(first->rid(), in_vain->rid());
}

CO_TEST(restore, is_refused_while_a_session_runs) {
    kept_session kept(context);
    auto& client = kept.client;
    co_await client.log_in();
    std::error_code code;
    try {
        client.follow(client.conn.restore());
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::already_connected);
    EXPECT_TRUE(client.conn.connected());
}

CO_TEST(restore, needs_a_store) {
    bosh_client client(context);
    std::error_code code;
    try {
        client.follow(client.conn.restore());
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::invalid_options);
    co_return;
}

CO_TEST(restore, lives_on_when_the_store_fails) {
    bosh_client client(
        context,
        options().session_store(std::make_shared<broken_store>()).keepalive(true).reconnect(false));
    std::string log;
    client.conn.on_log([&log](log_level, std::string_view line) { log += line; });
    co_await client.log_in();
    EXPECT_THAT(log, HasSubstr("the session can't be kept"));
    client.held->answer(bosh_body(" type='terminate' condition='system-shutdown'"));
    co_await client.ended();
    EXPECT_THAT(log, HasSubstr("can't be erased"));
}

CO_TEST(attach, is_refused_before_the_first_byte_where_tls_is_required) {
    http_server server(context.get_executor());
    const auto executor = context.get_executor();
    const auto settings = options().cookies({{"token", "hushhush"}});
    connection conn(executor, server.url(), settings);
    std::vector<status> steps;
    co_await pull(conn.attach(known()), &steps);
    EXPECT_EQ(path(steps), "ATTACHFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
    EXPECT_EQ(server.connections(), 0U);
}

CO_TEST(restore, is_refused_before_the_first_byte_where_tls_is_required) {
    http_server server(context.get_executor());
    const auto store = make_memory_store();
    {
        bosh_client client(context, options().session_store(store).keepalive(true));
        co_await client.log_in();
    }
    const auto executor = context.get_executor();
    const auto settings = options().session_store(store).keepalive(true);
    connection conn(executor, server.url(), settings);
    std::vector<status> steps;
    co_await pull(conn.restore(), &steps);
    EXPECT_EQ(path(steps), "ATTACHFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
    EXPECT_EQ(server.connections(), 0U);
}

CO_TEST(login_over_http, is_refused_before_the_first_byte_where_tls_is_required) {
    http_server server(context.get_executor());
    const auto executor = context.get_executor();
    const auto settings = options().headers({{"X-Key", "hushhush"}});
    connection conn(executor, server.url(), settings);
    std::vector<status> steps;
    co_await pull(conn.connect(credentials("juliet@example.org", "secret")), &steps);
    EXPECT_EQ(path(steps), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
    EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace xmpp::test
