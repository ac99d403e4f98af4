#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/service_url.hpp"
#include "session/handlers.hpp"
#include "session/outbox.hpp"
#include "session/reply_table.hpp"
#include "session/responders.hpp"
#include "session/status_feed.hpp"
#include "session/status_observers.hpp"
#include "session/timed_handlers.hpp"
#include "session/trace.hpp"
#include "transport/transport.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// Opens the link to a service. The session knows no concrete transport.
using transport_opener = std::function<task<std::shared_ptr<transport>>(
    service_url service, std::string domain, options settings, wire_observer& observer)>;

/// What a connection holds: its settings and handlers, and the session that runs, if one does.
///
/// One coroutine, live(), takes a session from CONNECTING to DISCONNECTED; the tasks of the facade
/// are coroutines beside it. All of them share ownership, so that the connection can go at any
/// time: close() ends them then.
class session final : public std::enable_shared_from_this<session> {
 public:
    enum class phase : std::uint8_t { idle, connecting, binding, established, closing, ending };

    session(asio::any_io_executor executor, std::string service, options settings,
            transport_opener opener);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    // Life: session_life.cpp
    std::shared_ptr<status_feed> connect(credentials who);
    void reset();
    /// The connection is gone: drops the link; what waits ends with operation_aborted.
    void close();
    static task<> login(std::shared_ptr<session> self, credentials who);
    static task<> bind(std::shared_ptr<session> self, std::string resource);
    static task<> disconnect(std::shared_ptr<session> self, std::string reason);

    // Sending: session_send.cpp
    void enqueue(builder element);
    static task<> send(std::shared_ptr<session> self, builder element);
    static task<> flush(std::shared_ptr<session> self);
    static task<stanza> request(std::shared_ptr<session> self, stanza_kind kind, builder element,
                                std::chrono::milliseconds timeout);
    void pause();
    void resume();

    // State
    const asio::any_io_executor& executor() const noexcept { return executor_; }
    const options& settings() const noexcept { return settings_; }
    const std::string& service() const noexcept { return service_; }
    const jid& user() const noexcept { return user_; }
    const jid& account() const noexcept { return account_; }
    const std::optional<stanza>& features() const noexcept { return features_; }
    const std::optional<xmpp::scram_keys>& scram_keys() const noexcept { return scram_keys_; }
    phase where() const noexcept { return phase_; }
    bool authenticated() const noexcept { return authenticated_; }
    bool secure() const noexcept { return wire_ && wire_->secure(); }
    bool paused() const noexcept { return outbox_ && outbox_->paused(); }

 private:
    /// Why the running session was told to end.
    enum class stop : std::uint8_t {
        none,
        connect_timeout,
        disconnect_timeout,
        disconnected,  // disconnect() before the session was up
        reset,
        closed,
    };

    class attempt;

    // Life: session_life.cpp
    static task<> live(std::shared_ptr<session> self, credentials who);
    task<> establish(credentials who);
    task<> negotiate(credentials who);
    task<credentials> credentials_to_use(credentials who);
    task<std::string> resource_to_bind(const credentials& who);
    void become_established();
    void arm_connect_deadline();
    void end(stop reason);
    void conclude(std::exception_ptr failure);
    std::exception_ptr explain(std::exception_ptr failure) const;
    void report(status step);
    void require(phase wanted) const;
    stream_header header() const;

    // The stream loop: session_stream.cpp
    task<> run_stream();
    void leave(const std::string& reason);
    task<> say_goodbye(std::exception_ptr failure);
    static task<> write_stream(std::shared_ptr<transport> wire, std::shared_ptr<outbox> out);
    void start_writer();
    void writer_ended(std::uint64_t epoch, const std::exception_ptr& failure);
    void receive(const stanza& received);
    void receive_request(const stanza& request);
    void answer(builder reply);
    bool should_pause() const;

 public:
    // Declared before what refers to them, and destroyed after it.
    trace observers;

 private:
    asio::any_io_executor executor_;
    std::string service_;
    options settings_;
    transport_opener opener_;
    std::shared_ptr<event> relieved_;  // a consumer has caught up, or pausing no longer matters

 public:
    handlers stanza_handlers;
    responders iq_responders;
    timed_handlers timers;
    std::shared_ptr<status_observers> status_watchers;  // one of them may destroy the session

 private:
    phase phase_ = phase::idle;
    stop stop_ = stop::none;
    bool begun_ = false;  // live() has had its first turn
    bool authenticated_ = false;
    std::uint64_t epoch_ = 0;  // counts sessions: late answers must not reach the next one
    jid account_;
    jid user_;
    std::optional<stanza> features_;
    std::optional<xmpp::scram_keys> scram_keys_;

    job life_;
    std::shared_ptr<transport> wire_;
    std::shared_ptr<outbox> outbox_;
    std::shared_ptr<status_feed> feed_;
    std::unique_ptr<clock::timer> deadline_;
    reply_table replies_;

    event changed_;           // pulses when the phase changes, or what live() waits for is there
    const char* doing_ = "";  // for the text of a timeout
    std::optional<std::string> requested_resource_;
    bool said_goodbye_ = false;          // the stream was closed in good order
    bool writing_ = false;               // write_stream() runs
    std::exception_ptr writer_failure_;  // why writing ended early
    std::exception_ptr outcome_;         // why the last session ended; null: it was asked to
};

}  // namespace xmpp::detail
