#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/health.hpp>
#include <xmpp/jid.hpp>

#include "base/spawn.hpp"
#include "dispatch/receipt.hpp"
#include "dispatch/status_feed.hpp"
#include "login/negotiator.hpp"
#include "session/failure.hpp"
#include "session/reconnect_policy.hpp"
#include "session/requests.hpp"
#include "session/route.hpp"
#include "session/run_state.hpp"
#include "session/session.hpp"
#include "session/store_claim.hpp"
#include "stream/delivery.hpp"
#include "stream/link.hpp"
#include "stream/management/stream_limits.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace xmpp::detail {

/// How a session is to begin.
struct run_plan {
    enum class way : std::uint8_t {
        log_in,
        attach,         // to the session over HTTP in `existing`
        attach_shared,  // to whatever session the broker has
    };

    way how = way::log_in;
    std::string service;  // as the program names it
    service_url place;
    jid account;  // empty where only the broker knows
    std::optional<credentials> who = {};
    std::optional<bosh_session> existing = {};
    std::optional<store_lease> lease = {};  // `existing` is from the store
};

/// One session, from connect() to DISCONNECTED, over one link after the other where servers
/// redirect it and where links are lost. What begins anew is a new run.
///
///     at_rest    connecting ◀──▶ binding
///                 │   ▲  ▲
///                 │   │  └── a redirect ──────────┐
///                 │   └─ waiting ◀─ link lost ─┐  │
///                 ▼                            │  │
///                established ──────────────────┴──┘
///                 │
///                 ▼
///                closing ──▶ over          (from each state: told to end, or failed ──▶ over)
///
/// One coroutine, live(), takes a run through its states; what programs await are coroutines beside
/// it, whose callers keep the run alive. All of it happens on the session's executor.
class run final : public std::enable_shared_from_this<run>, private login_host {
 public:
    /// One that was never begun.
    explicit run(std::shared_ptr<session> of);
    run(std::shared_ptr<session> of, run_plan plan, std::shared_ptr<status_feed> feed);
    run(const run&) = delete;
    run& operator=(const run&) = delete;
    ~run();

    /// Once. `ended` is called when the run is over.
    void begin(std::function<void()> ended);

    /// \name What the program asks of it
    /// @{

    /// What is dropped from here on was not handled.
    void stop_counting() { delivery_->close_receipts(); }
    /// The program starts over.
    void reset() { end(ending::reset); }
    /// The connection is gone: drops the link; what waits ends with `reason`.
    void close(const std::exception_ptr& reason);
    /// Ends a login that nobody waits for any more.
    void give_up_login() { end(ending::disconnected); }
    /// Returns when it is over.
    task<> disconnect(std::string reason);
    task<> bind(std::string resource);
    void network_available();

    /// Throws errc::not_connected where nothing can be sent.
    void require_accepting() const;
    /// submit() should wait for make_room().
    bool congested() const noexcept { return delivery_->congested(); }
    task<> make_room();
    std::uint64_t submit(builder element);
    task<> acknowledged(std::uint64_t number);
    bool acknowledges() const noexcept { return delivery_->acknowledges(); }
    task<> flush();
    task<bool> drain(std::chrono::milliseconds limit, std::string reason);
    task<stanza> request(stanza_kind kind, builder element, std::chrono::milliseconds timeout);
    void pause();
    void resume();
    void rooms_joined() { delivery_->give_up_held(); }

    void add_responder(const std::string& child_name, const std::string& ns);
    void relinquish();
    std::optional<bosh_session> tokens() const;
    void pause_requests(std::chrono::seconds time);

    /// @}
    /// \name State
    /// @{

    phase where() const noexcept;
    bool over() const noexcept { return is<at_rest>(); }
    /// On the way up, and no resource is to be bound.
    bool logging_in() const noexcept { return is<connecting>() || is<waiting>(); }
    /// Throws why it has ended, if it has.
    void throw_unless_up() const;
    /// It was reset, or is over: another may follow.
    bool allows_next() const noexcept { return over() || ending_.why == ending::reset; }
    /// Stanzas go to the server as they are sent.
    bool connected() const noexcept;
    bool secure() const noexcept { return link_ && link_->secure(); }
    bool paused() const noexcept { return paused_ && !over(); }
    bool restored() const noexcept { return plan_.lease.has_value(); }
    /// Where the session is.
    std::string service() const;
    const login_result& login() const noexcept;
    const std::shared_ptr<status_feed>& feed() const noexcept { return feed_; }
    std::string last_response_headers() const;
    xmpp::health health() const;

    /// @}

 private:
    /// Why the run was told to end.
    struct ending {
        enum reason : std::uint8_t {
            none,
            overdue,       // disconnect() took too long; `failure` tells of it
            disconnected,  // disconnect() before the session was up
            reset,
            closed,
        };
        reason why = none;
        std::exception_ptr failure;
    };
    using milliseconds = options::milliseconds;

    template <class State>
    bool is() const noexcept {
        return std::holds_alternative<State>(state_);
    }
    bool end_requested() const noexcept { return ending_.why != ending::none; }
    /// The link was lost, and what is sent waits for the next.
    bool reconnecting() const noexcept;
    bool accepts() const noexcept;
    const options& settings() const noexcept { return session_->settings; }
    trace& observers() const noexcept { return session_->observers; }
    clock& time() const noexcept { return *session_->settings.time_source(); }
    const jid& user() const noexcept { return login().user; }
    void report(status step) { session_->report(feed_, std::move(step)); }
    void require(phase wanted) const;

    // Life: run.cpp
    void keep_stream();
    task<> live(std::shared_ptr<run> kept);
    std::optional<milliseconds> plan_next_link(failure& why);
    void become_established(status_code how);
    stream_limits limits() const;
    std::unique_ptr<clock::timer> connect_deadline();
    void drop_deadline();
    void end(ending::reason why, std::exception_ptr failure = nullptr);
    void fail_link(const error& why);
    void cancel_waits();
    failure explain(failure why) const;
    void conclude(failure why);

    // Over one link: run_link.cpp
    task<failure> use_link();
    task<> establish(std::shared_ptr<link> current);
    task<> log_in(std::shared_ptr<link> current);
    void take_login();
    void join(const joined_session& joined);
    void open_delivery(std::size_t max_bytes);
    options link_settings() const;
    bool manages_streams() const;
    bool is_component() const noexcept { return route_.place().for_components(); }
    transport_events events();
    void authenticating() override;
    void program_is_asked() override;
    void program_has_answered() override;
    task<std::string> resource_to_bind(const credentials& who) override;
    std::shared_ptr<transport> wire() override { return link_->wire(); }
    void forget_stream() override { delivery_->forget_stream(); }
    builder resume_request() override { return delivery_->resume_request(); }
    bool takes_resumption(const stanza& answer) override;
    const jid& resumed_user() const override { return delivery_->state().user; }

    // From one link to the next: run_reconnect.cpp
    std::optional<milliseconds> follow_redirect(failure& why);
    std::optional<milliseconds> will_reconnect(const failure& why);
    bool breaks_the_stream(const failure& why) const;
    bool can_trust_answers() const;
    void go_to_redirect(const failure& order);
    void lose_link(const failure& why, milliseconds wait);
    task<> wait_to_reconnect(std::shared_ptr<event> awake, milliseconds wait);
    service_url place_to_try();
    void protocol_failed(const protocol_error& below);

    // The session that programs share: run_shared.cpp
    void take_role(session_role role);
    void owner_lost_link(const shared_failure& why, int attempt);
    void owner_is_back(const joined_session& joined, bool resumed);
    void keep(bool fresh);
    void forget_kept();

    // The stream loop: run_stream.cpp
    task<> run_stream(std::shared_ptr<link> current);
    bool should_pause() const;
    void receive(const stanza& received);
    void receive_request(const stanza& request, const receipt& open);
    void answer(const stanza& request, builder reply);
    std::error_code submit_answer(builder reply);
    void leave(const std::string& reason);
    void leave_with_presence(const std::string& reason);
    task<> close_stream(const failure& why);

    // Sending: run_send.cpp
    void throw_if_send_failed() const;
    bool drained() const;
    void sign(builder& element) const;

    const std::shared_ptr<session> session_;
    run_plan plan_;
    const std::shared_ptr<status_feed> feed_;
    run_state state_;
    ending ending_;
    std::exception_ptr link_failure_;  // why we have given the link up
    std::exception_ptr send_failure_;  // why what waits to be sent waits no more
    bool was_established_ = false;     // CONNECTED was reported, or ATTACHED
    bool draining_ = false;
    bool paused_ = false;

    job life_;
    route route_;
    reconnect_policy policy_;
    bool try_location_ = true;  // where the server wants to be resumed
    std::shared_ptr<link> link_;
    std::unique_ptr<negotiator> negotiator_;  // of this link
    login_result login_;                      // of the link before
    requests requests_;
    const std::shared_ptr<delivery> delivery_;
    store_claim store_;
};

}  // namespace xmpp::detail
