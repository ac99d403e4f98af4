#include <xmpp/ns.hpp>
#include <xmpp/xmpp.hpp>

#include "net/http/http_client.hpp"
#include "session/runs.hpp"
#include "support/co_test.hpp"
#include "support/real_server.hpp"
#include "transport/bosh/bosh_transport.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::bosh_settings;
using detail::bosh_transport;
using detail::runs;

/// A session over HTTP to a real server.
class bosh_client {
 public:
    bosh_client(asio::io_context& context, real_server& server, bool encrypted,
                bosh_settings how = {}) {
        detail::http_settings http;
        http.url =
            fmt::format("{}://{}:{}{}", encrypted ? "https" : "http", server.domain(),
                        encrypted ? server.https_port() : server.http_port(), server.bosh_path());
        http.connect_address = server.address();
        http.tls.ca_file(server.ca_file());
        auto opener = [this, http, how, encrypted](const detail::transport_request&,
                                                   detail::wire_observer& observer) {
            return open(http, how, encrypted, observer);
        };
        // As a session does whose service is one over HTTP.
        auto settings = options()
                            .tls(tls_mode::disabled)
                            .allow_plaintext_auth(!encrypted)
                            .stream_management(false);
        runs_ = std::make_shared<runs>(context.get_executor(), "", settings, std::move(opener));
        runs_->common().observers.raw_output = [this](std::string_view) { ++posts; };
    }
    ~bosh_client() { runs_->close(); }
    bosh_client(const bosh_client&) = delete;
    bosh_client& operator=(const bosh_client&) = delete;

    runs& operator*() const { return *runs_; }
    std::shared_ptr<runs> shared() const { return runs_; }
    bosh_transport& wire() const { return *wire_; }

    int posts = 0;  // but those with secrets

 private:
    task<std::shared_ptr<detail::transport>> open(detail::http_settings http, bosh_settings how,
                                                  bool encrypted, detail::wire_observer& observer) {
        auto executor = co_await asio::this_coro::executor;
        auto client = detail::make_http_client(executor, std::move(http), clock::steady());
        wire_ = std::make_shared<bosh_transport>(executor, std::move(client), encrypted,
                                                 std::move(how), clock::steady(), observer);
        std::shared_ptr<detail::transport> opened = wire_;
        co_return opened;
    }

    std::shared_ptr<runs> runs_;
    std::shared_ptr<bosh_transport> wire_;
};

class bosh_against : public real_server_test {
 protected:
    credentials account(const std::string& name) {
        server().add_user(name, "s3cret");
        return credentials(jid(name + "@" + server().domain()), "s3cret");
    }

    asio::io_context context;
};

task<> log_in(bosh_client& client, credentials who) {
    return runs::login(client.shared(), std::move(who));
}

task<> leave(bosh_client& client) {
    return runs::disconnect(client.shared(), "");
}

task<> ping(bosh_client& client) {
    constexpr std::chrono::seconds limit{20};
    const std::string domain((*client).current()->login().account.domain());
    auto question = iq::get(jid(domain)).c("ping", ns::ping);
    auto answer =
        co_await runs::request(client.shared(), stanza_kind::iq, std::move(question), limit);
    EXPECT_EQ(answer.type(), "result");
}

task<> come_ping_and_go(bosh_client& client, credentials who) {
    co_await log_in(client, who);
    co_await ping(client);
    co_await ping(client);
    co_await leave(client);
}

TEST_P(bosh_against, logs_in_over_http) {
    bosh_client client(context, server(), false);
    run(context, come_ping_and_go(client, account("http")));
    // Nothing is asked for in vain: creation, restart, binding, two questions, one that waits after
    // each answer at most, the farewell. Requests with secrets are not counted.
    EXPECT_LE(client.posts, 10);
}

TEST_P(bosh_against, logs_in_over_https) {
    bosh_client client(context, server(), true);
    run(context, come_ping_and_go(client, account("https")));
}

TEST_P(bosh_against, logs_in_with_keys_and_acknowledgements) {
    bosh_settings how;
    how.key_sequence = true;
    how.acks = true;
    bosh_client client(context, server(), false, how);
    run(context, come_ping_and_go(client, account("keys")));
}

TEST_P(bosh_against, logs_in_by_polling) {
    bosh_settings how;
    how.hold = 0;
    how.wait = std::chrono::seconds(1);
    bosh_client client(context, server(), false, how);
    run(context, come_ping_and_go(client, account("polling")));
}

task<> talk(bosh_client& romeo, credentials his, bosh_client& juliet, credentials hers) {
    constexpr int count = 300;
    co_await log_in(romeo, his);
    co_await log_in(juliet, hers);
    async_generator<stanza> heard(
        (*juliet).common().stanza_handlers.subscribe(match().name("message")));
    co_await runs::send(juliet.shared(), presence());
    co_await ping(juliet);
    for (int i = 0; i < count; ++i) {
        auto line = message((*juliet).user()).type("chat").body(fmt::to_string(i));
        co_await runs::send(romeo.shared(), std::move(line));
    }
    for (int i = 0; i < count; ++i) {
        auto line = co_await heard.next();
        const auto* body = (*line)->child("body");
        EXPECT_EQ(body ? std::string(body->text()) : "", fmt::to_string(i));
    }
    EXPECT_LE(romeo.posts, 60) << "of " << count << " messages in one burst";
    co_await leave(romeo);
    co_await leave(juliet);
}

TEST_P(bosh_against, carries_a_burst_of_messages_in_order) {
    bosh_client romeo(context, server(), false);
    bosh_client juliet(context, server(), true);
    run(context, talk(romeo, account("romeo_bosh"), juliet, account("juliet_bosh")));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(real, bosh_against, all_servers(), server_name);

}  // namespace xmpp::test
