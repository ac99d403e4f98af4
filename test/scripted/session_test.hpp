#pragma once

#include <xmpp/testing/scripted_peer.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace xmpp::test {

/// Who logs in, unless a test says otherwise.
inline constexpr const char* juliet = "juliet@example.org/balcony";
/// Her way to a session, as path() tells it.
inline constexpr const char* up = "CONNECTING AUTHENTICATING CONNECTED";

/// What a status list is compared with: "CONNECTING CONNFAIL(host-unknown) DISCONNECTED(...)".
std::string path(const std::vector<status>& steps);

/// Does every byte come in a read of its own? So it is when XMPP_TEST_DELIVERY is `bytewise` in the
/// environment, for both directions of all tests with a session_test; by default what was sent at
/// once comes at once, and what has gathered with it.
bool bytewise();

/// Are sessions over WebSocket? So it is when XMPP_TEST_DELIVERY is `websocket`: the same scripts,
/// each element a message.
bool over_websocket();

/// Where a session_test connects to unless the test says otherwise.
std::string default_service();
/// The port of such services.
std::uint16_t default_port();

/// A connection to a scripted peer, in memory and on virtual time. The script must be used up when
/// the test ends.
class session_test : public ::testing::Test {
 protected:
    session_test();
    void TearDown() override;

    /// Plain, so that scripts need no TLS; on the virtual clock; without reconnecting.
    options settings() const;
    /// For further peers: as `peer` is, by XMPP_TEST_DELIVERY and on the virtual clock.
    void prepare(testing::scripted_peer& another) const;
    /// Makes the connection anew with other options.
    void configure(options changed, std::string service = default_service());

    /// Runs `body` to its end in virtual time.
    void run(task<> body);
    /// Connects and pulls until the end; the statuses are in `steps`.
    void run_session(credentials who = credentials(juliet, "secret"));
    /// Connects with these and keeps pulling in the background.
    void start(credentials who = credentials(juliet, "secret"));
    void run_until_idle() { testing::run_until_idle(context); }
    void pass(clock::duration period) { testing::run_for(context, *time, period); }

    std::string path() const { return test::path(steps); }
    const status& step(status_code code) const;

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    testing::scripted_peer peer{context.get_executor()};
    std::optional<connection> conn;
    std::vector<status> steps;
};

/// Pulls until the sequence ends.
task<> pull(async_generator<status> statuses, std::vector<status>* into);

/// Pings the server; the outcome is the reply's type, or the condition of the failure.
task<> ask(connection& conn, std::string* outcome);
/// Pings the server, for the code of the failure.
task<> note_request(connection& conn, std::error_code* code);
/// Counts until the sequence ends.
task<> count_messages(async_generator<stanza> stanzas, int* count);

/// The code of what a task throws; none when it ends well.
template <class T>
task<std::error_code> code_of(task<T> failing) {
    std::error_code code;
    try {
        co_await std::move(failing);
    } catch (const std::system_error& thrown) {
        code = thrown.code();
    }
    co_return code;
}

}  // namespace xmpp::test
