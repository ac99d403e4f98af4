#pragma once

#include <xmpp/options.hpp>
#include <xmpp/status.hpp>

#include "base/event.hpp"
#include "dispatch/handlers.hpp"
#include "dispatch/protocol_error_handlers.hpp"
#include "dispatch/responders.hpp"
#include "dispatch/status_feed.hpp"
#include "dispatch/status_observers.hpp"
#include "dispatch/timed_handlers.hpp"
#include "login/login_memory.hpp"
#include "transport/trace.hpp"
#include "transport/traffic.hpp"
#include "transport/transport.hpp"
#include "transport/transport_request.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace xmpp::detail {

/// Opens the link to a service. The session knows no concrete transport.
using transport_opener = std::function<task<std::shared_ptr<transport>>(transport_request wanted,
                                                                        wire_observer& observer)>;

/// What a connection counts over all its sessions.
struct totals {
    traffic bytes;
    stanza_counts stanzas;
    std::uint64_t reconnects = 0;
    std::uint64_t resumptions = 0;
};

/// What a connection has for all its sessions: executor, settings, those who are told of what
/// happens, and what it remembers from one session to the next. A run (run.hpp) is one session.
class session {
 public:
    session(asio::any_io_executor executor, options settings, transport_opener opener);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    void report(const std::shared_ptr<status_feed>& feed, status step);
    /// Logs what a store of ours has found wrong with what it holds.
    void warn_of_store();

    /// The program starts over: handlers go, subscriptions end.
    void forget_handlers();
    /// The connection is gone: nobody is called any more.
    void forget_everybody(const std::exception_ptr& reason);

    // Declared before what refers to them, and destroyed after it.
    trace observers;
    const asio::any_io_executor executor;
    const options settings;
    const transport_opener open;

    /// Pulses when a run changes its state, or what a run waits for is there.
    const std::shared_ptr<event> changed;
    /// Pulses when a consumer has caught up, or pausing no longer matters.
    const std::shared_ptr<event> relieved;

    handlers stanza_handlers;
    responders iq_responders;
    timed_handlers timers;
    protocol_error_handlers protocol_handlers;
    const std::shared_ptr<status_observers> status_watchers;  // one may destroy the session

    login_memory memory;
    totals counts;
    /// The request id for the next session over HTTP, if one is known.
    std::optional<std::uint64_t> next_rid;
};

}  // namespace xmpp::detail
