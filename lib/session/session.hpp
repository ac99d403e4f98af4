#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/health.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "dispatch/handlers.hpp"
#include "dispatch/protocol_error_handlers.hpp"
#include "dispatch/reply_table.hpp"
#include "dispatch/responders.hpp"
#include "dispatch/status_feed.hpp"
#include "dispatch/status_observers.hpp"
#include "dispatch/timed_handlers.hpp"
#include "login/login_memory.hpp"
#include "net/url/service_url.hpp"
#include "session/reconnect_policy.hpp"
#include "session/route.hpp"
#include "store/store_lease.hpp"
#include "stream/delivery.hpp"
#include "stream/link.hpp"
#include "stream/stream_limits.hpp"
#include "transport/trace.hpp"
#include "transport/traffic.hpp"
#include "transport/transport.hpp"
#include "transport/transport_request.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace xmpp::detail {

/// Opens the link to a service. The session knows no concrete transport.
using transport_opener = std::function<task<std::shared_ptr<transport>>(transport_request wanted,
                                                                        wire_observer& observer)>;

/// What a connection holds: its settings and handlers, and the session that runs, if one does.
///
/// One coroutine, live(), takes a session from CONNECTING to DISCONNECTED, over one link after the
/// other where servers redirect it and where links are lost; the tasks of the facade are coroutines
/// beside it. All of them share ownership, so that the connection can go at any time: close() ends
/// them then.
class session final : public std::enable_shared_from_this<session> {
 public:
    enum class phase : std::uint8_t { idle, connecting, binding, established, closing, ending };

    session(asio::any_io_executor executor, std::string service, options settings,
            transport_opener opener);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    std::shared_ptr<status_feed> connect(credentials who);  // session_life.cpp

    // Sessions that exist: session_attach.cpp
    std::shared_ptr<status_feed> attach(bosh_session existing);
    std::shared_ptr<status_feed> restore(const jid& who);
    std::shared_ptr<status_feed> attach_shared();
    std::optional<bosh_session> tokens() const;
    void pause_requests(std::chrono::seconds time);
    std::string last_response_headers() const;

    // What the program asks of it: session_control.cpp
    void reset();
    void set_service(std::string service);
    /// The connection is gone: drops the link; what waits ends with operation_aborted.
    void close();
    static task<> login(std::shared_ptr<session> self, credentials who);
    static task<> bind(std::shared_ptr<session> self, std::string resource);
    static task<> disconnect(std::shared_ptr<session> self, std::string reason);

    // Sending: session_send.cpp
    void enqueue(builder element);
    static task<> send(std::shared_ptr<session> self, builder element);
    static task<> send_acked(std::shared_ptr<session> self, builder element);
    static task<> flush(std::shared_ptr<session> self);
    static task<bool> drain(std::shared_ptr<session> self, std::chrono::milliseconds limit,
                            std::string reason);
    static task<stanza> request(std::shared_ptr<session> self, stanza_kind kind, builder element,
                                std::chrono::milliseconds timeout);
    void pause();
    void resume();

    void on_iq(std::string child_name, std::string ns, responders::function responder);
    void relinquish();
    void rooms_joined() { delivery_->give_up_held(); }
    void network_available();  // session_reconnect.cpp

    // State
    const asio::any_io_executor& executor() const noexcept { return executor_; }
    const options& settings() const noexcept { return settings_; }
    /// Where the session is; without one, where the next begins.
    std::string service() const { return moved_to_.empty() ? service_ : moved_to_; }
    const jid& user() const noexcept { return user_; }
    const jid& account() const noexcept { return account_; }
    const std::optional<stanza>& features() const noexcept { return features_; }
    const std::optional<xmpp::scram_keys>& scram_keys() const noexcept { return scram_keys_; }
    phase where() const noexcept {
        const bool told_to_end = stop_ != stop::none && phase_ != phase::idle;
        return told_to_end ? phase::ending : phase_;
    }
    /// Stanzas go to the server as they are sent.
    bool connected() const noexcept { return where() == phase::established && !reconnecting_; }
    bool authenticated() const noexcept { return authenticated_; }
    bool secure() const noexcept { return link_ && link_->secure(); }
    bool paused() const noexcept { return paused_; }
    bool restored() const noexcept { return restored_; }
    bool resumed() const noexcept { return resumed_; }
    xmpp::health health() const;
    const std::optional<session_role>& role() const noexcept { return role_; }

 private:
    /// Why the running session was told to end.
    enum class stop : std::uint8_t {
        none,
        overdue,       // disconnect() took too long; overdue_ tells of it
        disconnected,  // disconnect() before the session was up
        reset,
        closed,
    };

    class attempt;

    // Life: session_life.cpp
    std::shared_ptr<status_feed> when_idle(std::function<void()> begin_it);
    void begin_next();
    void forget_next();
    void begin_login(const credentials& who);
    void begin(const std::string& service, service_url place, jid account);
    void start(credentials who);
    static task<> live(std::shared_ptr<session> self, credentials who);
    void become_established(status_code how);
    stream_limits limits() const;
    void arm_connect_deadline();
    void end(stop reason);
    void end_overdue(const error& why);
    void fail_link(const error& why);
    void let_go();
    void conclude(std::exception_ptr failure);
    std::exception_ptr explain(std::exception_ptr failure) const;
    void report(status step);
    void require(phase wanted) const;
    bool accepts() const noexcept;
    bool drained() const;
    void require_accepting() const;
    void require_idle() const;

    // Over one link: session_negotiation.cpp
    task<> establish(credentials who);
    task<> negotiate(credentials who);
    task<credentials> credentials_to_use(credentials who);
    task<std::string> resource_to_bind(const credentials& who);
    options link_settings() const;
    bool manages_streams() const;
    stream_header header() const;

    // Sessions that exist: session_attach.cpp
    void join(const joined_session& joined);
    void take_role(session_role role);
    void owner_lost_link(const shared_failure& why, int attempt);
    void owner_is_back(const joined_session& joined, bool resumed);
    void keep(bool fresh);
    void forget_kept();

    // What one connection uses at a time: session_leases.cpp
    void keep_stream(const credentials& who);
    bool may_keep(bool fresh);
    void give_leases_back();
    transport_events events();

    // Components: session_component.cpp
    void check_component(const credentials& who, const service_url& place) const;
    bool is_component() const noexcept { return route_.place().for_components(); }
    task<> negotiate_component(credentials who);
    void sign(builder& element) const;

    // From one link to the next: session_links.cpp
    task<std::exception_ptr> use_link(credentials who);
    std::optional<std::chrono::milliseconds> goes_elsewhere(std::exception_ptr& failure);
    template <class Order>
    std::optional<std::chrono::milliseconds> follows(const Order& order,
                                                     std::exception_ptr& failure);
    bool hears_server() const;
    void doubt(std::exception_ptr& failure);
    void move_on(std::string condition, std::optional<stanza> element);
    void protocol_failed(const protocol_error& failure);
    void tell_number_of(const std::exception_ptr& failure);

    // From a lost link to the next: session_reconnect.cpp
    void warn_of_store();
    void note_refusal(const std::exception_ptr& failure);
    void end_requests_of_before();
    std::optional<std::chrono::milliseconds> will_reconnect(const std::exception_ptr& failure);
    bool breaks_the_stream(const std::exception_ptr& failure) const;
    void lose_link(const std::exception_ptr& failure, std::chrono::milliseconds wait);
    task<> wait_to_reconnect(std::chrono::milliseconds wait);
    service_url place_to_try();
    task<bool> resume_stream_of_before();

    // Sending: session_send.cpp
    static task<> make_room(std::shared_ptr<session> self);
    std::uint64_t submit(builder element);
    void throw_if_past(std::uint64_t epoch) const;

    // What the program asks of it: session_control.cpp
    void throw_unless_up(std::uint64_t epoch) const;

    // The stream loop: session_stream.cpp
    task<> run_stream();
    void leave(const std::string& reason);
    void leave_with_presence(const std::string& reason);
    task<> say_goodbye(std::exception_ptr failure);
    void receive(const stanza& received);
    void receive_request(const stanza& request, const receipt& open);
    void answer(const stanza& request, builder reply);
    std::error_code submit_answer(builder reply);
    bool should_pause() const;
    void open_delivery(std::size_t max_bytes);

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
    protocol_error_handlers protocol_handlers;
    std::shared_ptr<status_observers> status_watchers;  // one of them may destroy the session

 private:
    phase phase_ = phase::idle;
    stop stop_ = stop::none;
    bool begun_ = false;  // live() has had its first turn
    bool authenticated_ = false;
    bool draining_ = false;
    bool up_ = false;            // CONNECTED was reported, or ATTACHED
    bool reconnecting_ = false;  // the link was lost, and what is sent waits for the next
    bool resumed_ = false;
    bool managed_ = false;      // the server offers to acknowledge stanzas
    std::uint64_t epoch_ = 0;   // counts sessions
    std::uint64_t stream_ = 0;  // counts streams, but for those that go on with the one before
    std::exception_ptr past_;   // why what waits to be sent waits no more
    jid account_;
    jid user_;
    std::optional<stanza> features_;
    std::optional<xmpp::scram_keys> scram_keys_;

    std::optional<bosh_session> existing_;  // to be attached to
    bool restored_ = false;
    bool attaching_shared_ = false;  // to whatever session the broker has
    std::optional<session_role> role_;
    std::optional<std::uint64_t> next_rid_;
    std::string response_headers_;  // of the last session

    job life_;
    route route_;
    std::shared_ptr<doubtful_addresses> doubtful_;
    std::string moved_to_;  // the service of the running session; after a redirect, of its new host
    std::shared_ptr<link> link_;
    std::shared_ptr<status_feed> feed_;
    std::function<void()> next_;              // begins the session after this one, which was reset
    std::shared_ptr<status_feed> next_feed_;  // its statuses
    std::unique_ptr<clock::timer> deadline_;
    reply_table replies_;
    std::shared_ptr<delivery> delivery_;
    login_memory memory_;
    std::optional<store_lease> stream_lease_;  // we keep the account's stream in the store
    std::optional<store_lease> http_lease_;    // and its session over HTTP
    std::string asked_resource_;               // for the stream that may be resumed

    reconnect_policy policy_;
    std::unique_ptr<event> awake_;    // the wait before the next attempt is over
    bool waiting_ = false;            // for it
    std::exception_ptr link_failed_;  // why we have given a link up
    bool try_location_ = false;       // where the server wants to be resumed
    traffic traffic_;
    std::uint64_t reconnects_ = 0;
    std::uint64_t resumptions_ = 0;

    // Pulses when the phase changes, or what live() waits for is there.
    std::shared_ptr<event> changed_;
    const char* doing_ = "";  // for the text of a timeout
    std::optional<std::string> requested_resource_;
    bool paused_ = false;
    std::exception_ptr overdue_;  // the time limit that has passed
    std::exception_ptr outcome_;  // why the last session ended; null: it was asked to
};

}  // namespace xmpp::detail
