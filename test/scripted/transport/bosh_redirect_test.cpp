// Sessions over HTTP against a server on a loopback port: numbers of failures, and redirects.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "support/bosh_body.hpp"
#include "support/http_server.hpp"
#include "testing/server/listener.hpp"
#include "testing/websocket_server_stream.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace xmpp::test {
namespace {

/// What becomes of a request: a status, or 0 for a connection that is closed.
struct http_reply {
    int status;
    std::string body;
};

std::string terminate(std::string_view condition, std::string_view content = {}) {
    return bosh_body(fmt::format(" type='terminate' condition='{}'", condition), content);
}

task<> serve(http_server& server, std::vector<http_reply> replies) {
    for (const auto& reply : replies) {
        const auto request = co_await server.next();
        if (reply.status == 0) {
            request->cut();
        } else {
            request->answer(reply.status, reply.body);
        }
    }
}

class bosh_redirects : public session_test {
 protected:
    bosh_redirects() {
        configure(settings().dialer({}).bosh_retries(0), server.url());
        for (const int code : {0, 200, 404, 503}) {
            conn->add_protocol_error_handler(
                protocol::http, code,
                [this](const protocol_error& failure) { note(std::to_string(failure.number())); });
        }
        conn->on_status([this](const status& step) { note(std::string(to_string(step.code))); });
    }
    void note(std::string_view what) {
        if (!noted.empty()) noted += ' ';
        noted += what;
    }
    void answer(http_server& with, std::vector<http_reply> replies) {
        detail::spawn(context.get_executor(), serve(with, std::move(replies)),
                      [](const std::exception_ptr&) {});
    }
    /// Sockets take their own time, which the virtual clock knows nothing of.
    void run_to(status_code last) {
        start();
        while (steps.empty() || steps.back().code != last) {
            if (context.run_one() == 0) break;
        }
    }

    http_server server{context.get_executor()};
    std::string noted;
};

struct failing_request {
    int status;
    const char* condition;
};

void PrintTo(const failing_request& row, std::ostream* out) {
    *out << row.status;
}

class failing_requests : public bosh_redirects,
                         public ::testing::WithParamInterface<failing_request> {};

TEST_P(failing_requests, call_their_handlers_before_the_status) {
    answer(server, {{GetParam().status, ""}});
    run_to(status_code::disconnected);
    EXPECT_EQ(path(),
              fmt::format("CONNECTING CONNFAIL({0}) DISCONNECTED({0})", GetParam().condition));
    EXPECT_EQ(noted, fmt::format("CONNECTING {} CONNFAIL DISCONNECTED", GetParam().status));
}

INSTANTIATE_TEST_SUITE_P(http, failing_requests,
                         ::testing::Values(failing_request{404, "item-not-found"},
                                           failing_request{503, "giving-up"},
                                           failing_request{0, "giving-up"}));

TEST_F(bosh_redirects, see_other_uri_leads_to_another_HTTP_service) {
    http_server other(context.get_executor());
    answer(server, {{200, terminate("see-other-uri", fmt::format("<uri>{}</uri>", other.url()))}});
    answer(other, {{200, terminate("host-unknown")}});
    run_to(status_code::disconnected);
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-uri) CONNFAIL(host-unknown) "
              "DISCONNECTED(host-unknown)");
    EXPECT_NE(step(status_code::redirect).text.find(other.url()), std::string::npos);
}

TEST_F(bosh_redirects, see_other_uri_leads_from_HTTP_to_WebSocket) {
    const auto executor = context.get_executor();
    std::unique_ptr<testing::scripted_peer> other;
    detail::serving::listener port(executor, [&](std::unique_ptr<byte_stream> bytes) {
        auto served = std::make_unique<detail::websocket_server_stream>(executor, std::move(bytes));
        other = std::make_unique<testing::scripted_peer>(executor, std::move(served));
        other->accept_login(juliet);
    });
    const auto place = fmt::format("ws://127.0.0.1:{}/ws", port.port());
    answer(server,
           {{200, terminate("see-other-uri", fmt::format("<uri>{}?token=hushhush</uri>", place))}});
    run_to(status_code::connected);
    EXPECT_EQ(path(), "CONNECTING REDIRECT(see-other-uri) AUTHENTICATING CONNECTED");
    EXPECT_EQ(conn->service(), place + "?token=hushhush");
    const auto& told = step(status_code::redirect).text;
    EXPECT_NE(told.find(place), std::string::npos);
    EXPECT_EQ(told.find("hushhush"), std::string::npos) << "a query may be a secret";
}

TEST_F(bosh_redirects, see_other_host_changes_the_host_only) {
    const std::string to = fmt::format("localhost:{}", server.port());
    answer(server, {{200, terminate("remote-stream-error",
                                    "<stream:error><see-other-host "
                                    "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" +
                                        to + "</see-other-host></stream:error>")},
                    {200, terminate("host-gone")}});
    run_to(status_code::disconnected);
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNFAIL(host-gone) DISCONNECTED(host-gone)");
    EXPECT_NE(step(status_code::redirect).text.find(to + "/http-bind/"), std::string::npos);
}

TEST_F(bosh_redirects, see_other_uri_that_leads_nowhere_is_refused) {
    answer(server, {{200, terminate("see-other-uri", "<uri>xmpp://other.example.org</uri>")}});
    run_to(status_code::disconnected);
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(bad-format) DISCONNECTED(bad-format)");
}

TEST_F(bosh_redirects, see_other_uri_without_a_place_is_the_end) {
    answer(server, {{200, terminate("see-other-uri")}});
    run_to(status_code::disconnected);
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(see-other-uri) DISCONNECTED(see-other-uri)");
}

}  // namespace
}  // namespace xmpp::test
