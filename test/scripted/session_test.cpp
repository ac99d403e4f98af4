#include "scripted/session_test.hpp"

#include "base/spawn.hpp"
#include "scripted/elements.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace xmpp::test {

std::string path(const std::vector<status>& steps) {
    std::string text;
    for (const auto& each : steps) {
        if (!text.empty()) text += ' ';
        text += to_string(each.code);
        if (!each.condition.empty()) text += '(' + each.condition + ')';
    }
    return text;
}

task<> pull(async_generator<status> statuses, std::vector<status>* into) {
    while (auto step = co_await statuses.next()) into->push_back(std::move(*step));
}

task<> ask(connection& conn, std::string* outcome) {
    try {
        const auto reply = co_await conn.send_iq(ping());
        *outcome = reply.type();
    } catch (const error& failed) {
        *outcome = failed.condition();
    }
}

task<> note_request(connection& conn, std::error_code* code) {
    *code = co_await code_of(conn.send_iq(ping()));
}

task<> count_messages(async_generator<stanza> stanzas, int* count) {
    while (auto received = co_await stanzas.next()) ++*count;
}

namespace {

std::string_view delivery() {
    static const char* const wanted = std::getenv("XMPP_TEST_DELIVERY");
    return wanted == nullptr ? std::string_view() : std::string_view(wanted);
}

}  // namespace

bool bytewise() {
    return delivery() == "bytewise";
}

bool over_websocket() {
    return delivery() == "websocket";
}

std::string default_service() {
    return over_websocket() ? "ws://example.org/xmpp-websocket" : "xmpp://example.org";
}

std::uint16_t default_port() {
    return over_websocket() ? 80 : 5222;
}

session_test::session_test() {
    prepare(peer);
    configure(settings());
}

void session_test::prepare(testing::scripted_peer& another) const {
    if (bytewise()) another.streams(testing::memory_stream_options().max_read(1));
    if (over_websocket()) another.over_websocket();
    another.time_source(time);
}

void session_test::TearDown() {
    conn.reset();
    run_until_idle();
    EXPECT_EQ(peer.problems(), "");
    EXPECT_LE(
        std::count_if(steps.begin(), steps.end(),
                      [](const status& each) { return each.code == status_code::disconnected; }),
        1)
        << "at most one terminal status";
    EXPECT_EQ(time->pending(), 0u) << "no appointment is left behind";
}

options session_test::settings() const {
    auto dialer = const_cast<testing::scripted_peer&>(peer).dialer();
    return options()
        .dialer(std::move(dialer))
        .time_source(time)
        .reconnect(false)
        .tls(tls_mode::disabled)
        .allow_plaintext_auth(true);
}

void session_test::configure(options changed, std::string service) {
    conn.emplace(context.get_executor(), std::move(service), std::move(changed));
}

void session_test::run(task<> body) {
    testing::run(context, *time, std::move(body));
}

void session_test::run_session(credentials who) {
    run(pull(conn->connect(std::move(who)), &steps));
}

void session_test::start(credentials who) {
    detail::spawn(context.get_executor(), pull(conn->connect(std::move(who)), &steps),
                  [](const std::exception_ptr&) {});
    run_until_idle();
}

const status& session_test::step(status_code code) const {
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [code](const status& each) { return each.code == code; });
    if (found == steps.end()) throw std::runtime_error("no such status in: " + path());
    return *found;
}

}  // namespace xmpp::test
