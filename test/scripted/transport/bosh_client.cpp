#include "bosh_client.hpp"

#include <xmpp/ns.hpp>

#include "scripted/session_test.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xmpp::test {
options bosh_client::plain(options settings) {
    return settings.tls(tls_mode::disabled).allow_plaintext_auth(true).liveness({}, {});
}

bosh_client::bosh_client(asio::io_context& given, options settings)
    : context(given),
      server(given.get_executor()),
      conn(given.get_executor(), server.url(), plain(std::move(settings))) {}

void bosh_client::connect() {
    follow(conn.connect(credentials("juliet@example.org/balcony", "secret")));
}

void bosh_client::follow(async_generator<status> statuses) {
    pulling_ = std::make_unique<background<bool>>(context, done(pull(std::move(statuses), &steps)));
}

task<> bosh_client::log_in(std::string session) {
    connect();
    co_await answer_login(std::move(session));
    co_await reached(status_code::connected);
    held = co_await next();
}

task<> bosh_client::answer_login(std::string session) {
    auto request = co_await next();
    request->answer(bosh_body(
        session, fmt::format("<stream:features><mechanisms xmlns='{}'><mechanism>PLAIN</mechanism>"
                             "</mechanisms></stream:features>",
                             ns::sasl)));
    request = co_await next("<auth");
    request->answer(bosh_body({}, fmt::format("<success xmlns='{}'/>", ns::sasl)));
    request = co_await next("xmpp:restart");
    request->answer(bosh_body(
        {}, fmt::format("<stream:features><bind xmlns='{}'/><sm xmlns='{}'/></stream:features>",
                        ns::bind, ns::sm)));  // but streams over HTTP are not managed
    request = co_await next("<bind");
    const auto asked = request->body();
    const auto id = asked.find(" id=") + 5;
    request->answer(bosh_body(
        {}, fmt::format("<iq xmlns='jabber:client' type='result' id='{}'><bind xmlns='{}'><jid>"
                        "juliet@example.org/balcony</jid></bind></iq>",
                        asked.substr(id, asked.find_first_of("'\"", id) - id), ns::bind)));
}

task<std::shared_ptr<http_request>> bosh_client::next(std::string_view part) {
    const std::string wanted(part);
    for (;;) {
        auto request = co_await server.next();
        if (request->body().find(wanted) != std::string::npos) co_return request;
        held = std::move(request);
    }
}

task<> bosh_client::ended() {
    co_await pulling_->wait();
}

task<> bosh_client::reached(status_code code) {
    for (;;) {
        const bool there = std::any_of(steps.begin(), steps.end(),
                                       [code](const status& step) { return step.code == code; });
        if (there) co_return;
        co_await asio::post(asio::use_awaitable);
    }
}

task<> bosh_client::settle() {
    for (int turn = 0; turn < 50; ++turn) co_await asio::post(asio::use_awaitable);
}

std::string bosh_client::path() const {
    return test::path(steps);
}

}  // namespace xmpp::test
