#pragma once

#include <xmpp/broker.hpp>
#include <xmpp/connection.hpp>
#include <xmpp/error.hpp>

#include "base/event.hpp"
#include "broker/broker_client.hpp"
#include "broker/request_ledger.hpp"
#include "broker/role_table.hpp"
#include "net/socket/local_socket.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// What a broker is: its programs, and the one connection that they share.
///
/// Each program is served by a coroutine that reads what it says; the connection's statuses are
/// followed by another. All of them share ownership, so that the broker can go at any time: close()
/// ends them then.
class broker_core final : public std::enable_shared_from_this<broker_core> {
 public:
    broker_core(asio::any_io_executor executor, descriptor listening, broker_options settings);
    broker_core(const broker_core&) = delete;
    broker_core& operator=(const broker_core&) = delete;
    ~broker_core();

    static task<> run(std::shared_ptr<broker_core> self);
    /// A while to let others give descriptors back; less when a program goes, or at the end.
    task<> rest(broker_options::milliseconds time);
    void stop();
    /// The broker is gone: drops everything.
    void close();

    std::function<void(log_level, std::string_view)> log_sink;
    log_level log_threshold = log_level::info;

 private:
    using client_ptr = std::shared_ptr<broker_client>;
    enum class phase : std::uint8_t {
        idle,
        connecting,
        up,
        lost,  // was up, and the connection sets up another link
        ending,
    };

    // Programs come and go: broker_clients.cpp
    void admit(std::unique_ptr<byte_stream> accepted);
    static task<> serve(std::shared_ptr<broker_core> self, client_ptr client);
    static task<> converse(std::shared_ptr<broker_core> self, client_ptr client);
    void take(const client_ptr& client, shared::message said);
    void greet(broker_client& client, const shared::hello& theirs);
    void put_out(const std::shared_ptr<shared_link>& link, const shared::ended& why);
    void leave(const client_ptr& client);
    void probe();
    void look_after(const client_ptr& client);
    void arm_probe();
    void arm_linger();
    void lingered();
    void wake();
    void nobody_left();

    // The session: broker_login.cpp
    void want(const client_ptr& client);
    void begin(const client_ptr& client);
    static task<> follow(std::shared_ptr<broker_core> self, async_generator<status> statuses);
    void take_status(const status& step);
    void session_is_up();
    void session_is_lost(const status& step);
    void session_is_back();
    void catch_up();
    void tell_joined(const shared::message& what);
    bool has_session() const noexcept { return phase_ == phase::up || phase_ == phase::lost; }
    void session_has_ended(const status& last);
    void end_session(std::string reason, shared::ended why);
    void welcome_those_who_wait();
    void welcome(broker_client& client, bool fresh);
    bool same_account(const shared::connect& order) const;
    void starter_has_gone();

    // Stanzas: broker_stanzas.cpp
    static task<> forward(std::shared_ptr<broker_core> self, client_ptr client, std::string xml);
    void reflect(const broker_client& from, const std::string& xml);
    void receive(const stanza& received);
    void hand_out(std::string encoded);
    void deliver(broker_client& client, const std::string& encoded);
    bool fits(broker_client& client, const std::string& encoded);
    bool offer(broker_client& client, const std::string& encoded);
    void take_reply(const stanza& reply);
    void assign(const stanza& request);
    client_ptr responder_for(const stanza& request) const;
    void refuse(const stanza& request, const char* condition);
    void refuse_to_send(broker_client& client, const stanza& refused, const error& why);
    void reassign(std::vector<stanza> requests);

    /// Runs `change` and tells whoever has another role than before.
    template <class Change>
    void change_roles(Change change) {
        const auto before = roles_.primary();
        change();
        tell_roles(before);
    }
    void tell_roles(std::optional<client_id> before);
    client_ptr find(client_id id) const;
    clock::time_point now() const { return settings_.connection().time_source()->now(); }
    std::unique_ptr<clock::timer> after(broker_options::milliseconds delay,
                                        void (broker_core::*action)());

    template <class... Args>
    void log(log_level level, fmt::format_string<Args...> text, Args&&... args) const {
        if (!log_sink || level < log_threshold) return;
        log_sink(level, fmt::format(text, std::forward<Args>(args)...));
    }

    asio::any_io_executor executor_;
    broker_options settings_;
    local_listener listener_;
    event changed_;  // pulses when the session or a program has gone
    bool stopping_ = false;
    bool closed_ = false;

    struct farewell {
        std::shared_ptr<shared_link> link;
        std::unique_ptr<clock::timer> limit;
    };

    std::map<client_id, client_ptr> clients_;
    std::map<std::uint64_t, farewell> farewells_;  // last words on their way
    std::uint64_t last_farewell_ = 0;
    client_id last_id_ = 0;
    role_table roles_;  // of those who have joined
    request_ledger ledger_;
    std::deque<std::string> unclaimed_;  // stanzas that came while nobody was there, encoded
    std::size_t unclaimed_bytes_ = 0;

    phase phase_ = phase::idle;
    std::optional<connection> conn_;
    std::optional<shared::connect> login_;  // of the session, without its secrets
    std::optional<client_id> starter_;      // for whom the login is
    std::optional<client_id> closer_;       // who has asked for the end
    std::optional<status> failure_;         // that the connection has reported
    std::optional<shared::ended> ending_;   // what to say of an end that was ours

    std::unique_ptr<clock::timer> probe_timer_;
    std::unique_ptr<clock::timer> linger_timer_;
};

}  // namespace xmpp::detail
