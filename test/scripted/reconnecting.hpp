#pragma once

#include "base/spawn.hpp"
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"

#include <exception>
#include <map>
#include <string>

namespace xmpp::test {

inline constexpr const char* again = "RECONNECTING(connection-lost) AUTHENTICATING CONNECTED";

/// A session that comes back a second after its link was lost, or sooner.
class reconnecting : public session_test {
 protected:
    reconnecting() { configure(lasting()); }

    options lasting() const {
        return settings().reconnect(true).reconnect_backoff(std::chrono::seconds(1),
                                                            std::chrono::seconds(1));
    }

    /// The link is lost, and the client comes back.
    testing::scripted_peer& lose() { return cut().next_connection(); }
    /// Once the client has got what was sent to it.
    testing::scripted_peer& cut() {
        return peer.expect_nothing(std::chrono::milliseconds(1)).cut();
    }
    void start_and_lose() {
        start();
        pass(std::chrono::milliseconds(1));
    }
    void send(const std::string& text) { conn->enqueue(message("a@b").body(text)); }
    void send_acked(const std::string& text) {
        detail::spawn(context.get_executor(), conn->send_acked(message("a@b").body(text)),
                      [this, text](const std::exception_ptr& failure) { note(text, failure); });
    }
    void request(const std::string& id) {
        detail::spawn(context.get_executor(), ask(*conn, id),
                      [this, id](const std::exception_ptr& failure) { note(id, failure); });
    }
    static task<> ask(connection& conn, std::string id) {
        auto request = iq::get("example.org").id(id).c("ping", ns::ping);
        co_await conn.send_iq(std::move(request));
    }
    void note(const std::string& what, const std::exception_ptr& failure) {
        outcomes[what] = failure ? condition_of(failure) : "done";
    }

    std::map<std::string, std::string> outcomes;
};

}  // namespace xmpp::test
