#pragma once

#include <xmpp/async_generator.hpp>
#include <xmpp/bosh_session.hpp>
#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/handler.hpp>
#include <xmpp/health.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/log.hpp>
#include <xmpp/match.hpp>
#include <xmpp/options.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/status.hpp>
#include <xmpp/task.hpp>
#include <xmpp/transport_controls.hpp>

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace asio {
class io_context;
}

namespace xmpp {
namespace detail {
class runs;
}

/// An XMPP session over whatever transport the service URL names.
///
///     xmpp::connection conn(executor);
///     co_await conn.login(xmpp::credentials("juliet@example.org", "secret"));
///     co_await conn.send(xmpp::message("romeo@example.org").type("chat").body("Hello"));
///
/// `service` picks the transport: empty = TCP to where the JID's domain says in DNS (RFC 6120 3.2,
/// XEP-0368); `xmpp://host[:port]` TCP with STARTTLS; `xmpps://host[:port]` TCP with TLS from the
/// first byte; `ws://` and `wss://` WebSocket (RFC 7395); `http://` and `https://` BOSH (XEP-0206);
/// `unix:/path` a session that several programs share (docs/shared-sessions.md).
/// What is not encrypted, `ws` and `http`, needs `options::tls` to allow that.
/// `component://host[:port]` and, with TLS from the first byte, `components://` are for components
/// (XEP-0114), which have credentials of their own and need no options within one machine. A
/// relative one ("/ws") is completed by `options::base_url`; other schemes are those of
/// `options::register_transport`.
///
/// **Threads.** One connection is used from its executor only: a strand, when several threads run
/// the context. Distinct connections are independent. Nothing here starts a thread. To use another
/// completion token than `co_await`, give a coroutine of your own that awaits these to
/// `asio::co_spawn`. Like every Asio object, a connection must not outlive its context.
///
/// **Tasks** are lazy: nothing happens before they are awaited. The connection may be moved, closed
/// or destroyed while one runs. Cancelling one leaves the connection usable.
class connection {
 public:
    explicit connection(asio::any_io_executor executor, std::string service = {},
                        options settings = {});
    connection(connection&&) noexcept;
    connection& operator=(connection&&) noexcept;
    /// Drops the link at once. Every pending task ends with operation_aborted, generators end, and
    /// no handler is called afterwards.
    ~connection();

    /// \name Life
    /// @{

    /// Starts a session and reports each step; the last status is DISCONNECTED, exactly once.
    ///
    /// The session runs by itself: pulling the generator only reports, so any other call may be
    /// awaited between two pulls. A program that does not pull loses the oldest statuses but never
    /// the terminal ones. Dropping the generator does not end the session.
    /// \throws error(errc::already_connected) while a session runs;
    ///         error(errc::invalid_jid) for credentials without a domain;
    ///         error(errc::invalid_service) for a service URL that can't be used;
    ///         error(errc::invalid_options) for credentials of a component and a service of users,
    ///         or the other way round
    async_generator<status> connect(credentials who);

    /// Starts a session and returns when it is up (CONNECTED, or BINDREQUIRED with
    /// options::explicit_resource_binding). Throws what connect() throws, and the typed reason when
    /// the login fails. Cancelling it gives the attempt up.
    task<void> login(credentials who);

    /// Goes on with a session over HTTP that another connection, or another process, has begun
    /// (export_session()): asks the server with a request of its own, and reports ATTACHED, or
    /// ATTACHFAIL and DISCONNECTED. There is no CONNECTING, and nothing is negotiated: features()
    /// is empty. The session's own service URL is used, or that of the connection where it has
    /// none.
    /// \throws what connect() throws; error(errc::invalid_service) when the URL is not for HTTP;
    ///         error(errc::invalid_options) for tokens that can't be right
    async_generator<status> attach(bosh_session existing);

    /// Goes on with the session over HTTP that options::keepalive has kept in the session_store:
    /// for a bare JID, that of this account; for a domain, the last one there (of an anonymous
    /// user, say); for none, the last one. Then as attach(); the connection's user() is the kept
    /// one.
    /// \throws what attach() throws; error(errc::no_session) when nothing fits, which changes
    ///         nothing; error(errc::invalid_options) without a session_store
    async_generator<status> restore(jid who = {});

    /// Joins the session that programs share by a broker, the one that is there, without
    /// credentials: ATTACHED, or ATTACHFAIL and DISCONNECTED when there is none. Needs the service
    /// `unix:/path` or options::worker. See docs/shared-sessions.md.
    /// \throws error(errc::already_connected) while a session runs; error(errc::invalid_service)
    ///         without a broker to ask
    async_generator<status> attach();

    /// What another connection needs to attach() to the running session over HTTP; nothing for
    /// other transports, and before the session is up. Whoever uses it takes the session over:
    /// destroy this connection, or reset() it, without disconnect() before.
    std::optional<bosh_session> export_session() const;

    /// Over HTTP: lets the server wait that long, or as long as it is ready to, for a request that
    /// has nothing to send (XEP-0124 section 10), while a session is handed over or a device
    /// sleeps. What it has for us comes later. Without effect elsewhere, and on servers that know
    /// no pauses.
    /// \throws error(errc::not_connected) without an established session
    void pause_requests(std::chrono::seconds time);

    /// Binds a resource after BINDREQUIRED (RFC 6120 7); an empty one lets the server choose.
    /// Returns when CONNECTED. Throws the typed reason when the server refuses, which ends the
    /// session; error(errc::not_connected) when no binding is awaited.
    task<void> bind(std::string resource = {});

    /// The network is back, or another one is there: while RECONNECTING, tries at once instead of
    /// waiting, which counts nowhere; with a session, asks the server for a sign of life, as
    /// options::liveness would.
    void network_available();

    /// Ends the session in good order: DISCONNECTING, unavailable presence (with the reason as its
    /// status), what is queued, the closing tag; then waits for the server's, at most
    /// options::disconnection_timeout. Returns after DISCONNECTED; at once when there is no
    /// session. Cancelling it stops the waiting, not the end.
    task<void> disconnect(std::string reason = {});

    /// The same without a coroutine, for the end of a program: runs `context`, which must be that
    /// of the executor, until DISCONNECTED. Not to be called by what the context runs. Throws what
    /// a handler throws that runs meanwhile.
    void disconnect_and_wait(asio::io_context& context, std::string reason = {});

    /// Drops the link at once, as the destructor does, and forgets all handlers, responders and
    /// subscriptions. The running connect() ends with DISCONNECTED; connect() may follow at once,
    /// and its session begins then.
    void reset();

    /// Names the service of the next session, as the constructor does.
    /// \throws error(errc::already_connected) while a session runs; error(errc::invalid_service)
    /// for
    ///         one that can't be used, which changes nothing
    void set_service(std::string service);

    /// @}
    /// \name Sending
    /// All throw error(errc::not_connected) without an established session, and from a redirect
    /// until CONNECTED again. While RECONNECTING they go on, and what is sent waits for the next
    /// link: after CONNECTED with resumed(), everything leaves in its order; after CONNECTED
    /// without, messages do (with the time at which they were sent, XEP-0203), those to rooms once
    /// the program has joined them again (rooms_joined()), presence is dropped,
    /// and requests end with errc::disconnected. What is larger than the server takes, where it
    /// says so (XEP-0478), is refused with error(errc::stanza_too_large).
    /// @{

    /// Queues a stanza. Stanzas leave in the order of the calls, together where possible. Suspends
    /// while more than options::send_high bytes wait, which is how a slow link slows its producers
    /// down; throws errc::queue_overflow beyond options::send_hard, errc::disconnected when the
    /// session ends meanwhile. Returning does not mean that the server has it: see flush().
    task<void> send(builder stanza);
    task<void> send(stanza received);

    /// The same without waiting: throws errc::queue_overflow above options::send_hard.
    void enqueue(builder stanza);

    /// Sends a message, presence or request, and returns when the server has acknowledged it
    /// (XEP-0198; over HTTP, the service), over however many links. Cancelling ends only the wait.
    /// \throws what send() throws; error(errc::not_supported) when the server acknowledges nothing;
    ///         error(errc::resent) when it was acknowledged, but a stream before may have carried
    ///         it already; error(errc::not_delivered) when the session went on without it, or
    ///         ended; error(errc::delivery_unknown) when nobody can say any more
    task<void> send_acked(builder stanza);

    /// After CONNECTED without resumed(): presence was sent to all rooms that are to be joined
    /// again (XEP-0045). Messages to rooms that were accepted before wait for that, each room's
    /// until presence is sent to it, at most options::room_rejoin_timeout; those to other rooms are
    /// given up now: send_acked() throws errc::not_delivered, or errc::delivery_unknown where a
    /// stream before may have carried the message. Never throws; without effect when nothing waits.
    void rooms_joined();

    /// Returns when everything queued so far was handed to the operating system.
    task<void> flush();

    /// Ends the session of a service that goes down: accepts nothing more from the program (but
    /// answers of its responders), waits until all is written and, where the server acknowledges
    /// stanzas, acknowledged, at most `limit`; then disconnect(). Returns whether nothing was left.
    /// Calls that wait to send throw errc::disconnected.
    task<bool> drain(std::chrono::milliseconds limit, std::string reason = {});

    /// Sends a request and returns its result. Sets an id if it has none. The answer must come from
    /// the entity that was asked (RFC 6120 8.1.2.1).
    /// \throws stanza_error for an error reply; error(errc::iq_timeout); error(errc::disconnected)
    task<stanza> send_iq(builder request);
    task<stanza> send_iq(builder request, std::chrono::milliseconds timeout);

    /// Sends presence and returns the presence that answers it, matched by id and the sender's bare
    /// address (joining a room, say, which may give another nickname). Throws as send_iq() does.
    task<stanza> send_presence(builder request, std::chrono::milliseconds timeout);

    /// Holds back what is sent from now on, until resume(), also over a redirect. disconnect()
    /// overrides it, and it ends with the session.
    void pause();
    void resume();

    /// @}
    /// \name Receiving
    /// Handlers run in the order of their registration, on the connection's executor; one added
    /// while a stanza is handled sees the next. One that throws is reported to the log and kept.
    /// @{

    /// The stanzas that match, from now on until the session has ended; whatever waits in its
    /// queue is still delivered then. After an end that was not asked for, next() throws its typed
    /// reason once. See options::receive_queue for a consumer that is slow.
    async_generator<stanza> stanzas(match which = {});

    /// Calls `handler` for each stanza that matches; it returns true to be kept. It runs inside the
    /// stream loop and must not block.
    handler_id add_handler(match which, std::function<bool(const stanza&)> handler);
    /// The same with a coroutine, called for one stanza at a time, which may await anything: the
    /// stream goes on meanwhile, and what matches waits in a queue as that of stanzas().
    handler_id add_handler(match which, std::function<task<bool>(stanza)> handler);

    /// Calls `handler` every `period` while the session is established; it returns true to be kept.
    handler_id add_timed_handler(std::chrono::milliseconds period, std::function<bool()> handler);

    /// Calls `handler` when something fails below XMPP with that number, before the status that
    /// comes of it, if one does: protocol::http with a status of HTTP, that of a refused upgrade to
    /// WebSocket too, or 0 where no answer came, also when the request is repeated;
    /// protocol::websocket with the close code that ended a link (RFC 6455 7.4: 1006 when none
    /// came), unless disconnect() was called. Any number for each code, called in the order of
    /// their registration on the connection's executor; they must not block and may do anything
    /// else, remove_handler() and reset() included. What one throws is reported to the log. They
    /// stay over sessions, until reset().
    handler_id add_protocol_error_handler(protocol which, int code,
                                          std::function<void(const protocol_error&)> handler);

    /// Effective at once, also from inside a handler. Unknown ids are ignored. See scoped_handler
    /// for one that goes with an object.
    void remove_handler(handler_id id);

    /// Answers IQ requests whose payload is `child_name` in `ns`: returns the payload of the result
    /// (builder{}: none), or throws stanza_error to answer an error; anything else thrown is
    /// answered with internal-server-error. Replaces an earlier one for the same payload. Requests
    /// that nobody answers get service-unavailable. After
    /// remove_handler(), it still answers the requests that it works on.
    handler_id on_iq(std::string child_name, std::string ns,
                     std::function<task<builder>(stanza)> responder);

    /// @}
    /// \name Shared sessions
    /// Of a session that several programs share by a broker (docs/shared-sessions.md). The
    /// functions are called on the connection's executor; one each, an empty one removes it, and
    /// they must not throw. They stay, also after reset().
    /// @{

    /// The part of this connection; nothing outside of a shared session.
    std::optional<session_role> role() const;
    /// Calls `observer` whenever that is given: before CONNECTED or ATTACHED, and when another
    /// connection that was primary has gone, or has given the role up.
    void on_role_changed(std::function<void(session_role)> observer);
    /// Lets the freshest of the others be primary. Without others, nothing changes.
    /// \throws error(errc::not_connected)
    void relinquish();
    /// Calls `observer` with each message and presence that another connection has sent; not with
    /// IQs. The element is valid during the call.
    void on_foreign_stanza_sent(std::function<void(const element&)> observer);

    /// @}
    /// \name Observation
    /// @{

    /// Calls `observer` with each status of each session, before the sequence of connect() has it.
    /// Any number, called in the order of their registration on the connection's executor, in a
    /// turn of their own: the session may be further by then, as with statuses that are pulled. An
    /// observer may do anything but block: add and remove, connect() after DISCONNECTED, reset() or
    /// destroy the connection. What it throws is reported to the log and changes nothing. It may be
    /// added at any time and sees what is reported from then on; it stays, also after reset(),
    /// until remove_handler().
    handler_id on_status(std::function<void(const status&)> observer);

    /// The wire and the log: one observer each; an empty function removes it. Secrets are redacted
    /// unless options::raw_trace is set. These observers must not throw.
    void on_xml_input(std::function<void(const element&)> observer);
    void on_xml_output(std::function<void(std::string_view)> observer);
    void on_raw_input(std::function<void(std::string_view)> observer);
    void on_raw_output(std::function<void(std::string_view)> observer);

    /// Called with each request id that comes next in a session over HTTP: after each answer, and
    /// with a new random one at the session's end, with which the next session will begin. It must
    /// not throw.
    void on_next_rid(std::function<void(std::uint64_t)> observer);

    /// The lines of the log from `threshold` (default: log_level::info) upwards; what is below is
    /// not even formatted. A line never holds passwords, tokens, keys or what is computed from
    /// them, whatever raw_trace says.
    void on_log(std::function<void(log_level, std::string_view)> observer);
    void on_log(log_level threshold, std::function<void(log_level, std::string_view)> observer);

    /// What only sessions over HTTP can do, and what only those can that programs share. The
    /// functions of the same names here do the same.
    http_controls http() const;
    shared_controls shared() const;

    /// The full JID once a resource is bound, empty before; stays after the session.
    const jid& user() const;
    /// The bare JID that acts: the one given, or credentials::authzid(); once a resource is bound,
    /// as the server spells it.
    jid authzid() const;
    std::string domain() const;
    /// The service URL; while a session runs, that of a relative one whole, or where it was sent.
    std::string service() const;
    /// The session is up: stanzas can be sent.
    bool connected() const;
    /// The SASL exchange has succeeded.
    bool authenticated() const;
    bool disconnecting() const;
    bool paused() const;
    /// The session was found by restore().
    bool restored() const;
    /// The last CONNECTED has resumed the stream before (XEP-0198): presence, rooms and whatever
    /// the server knows of the session are as they were.
    bool resumed() const;
    /// How the connection fares.
    xmpp::health health() const;
    /// The stream is encrypted.
    bool secure() const;
    /// The headers of the last response over HTTP, as received; after a session those of its last.
    std::string last_response_headers() const;
    /// The stream features that the server announced last.
    std::optional<stanza> features() const;
    /// What the last SCRAM login leaves behind, for credentials::scram_keys() of the next.
    std::optional<xmpp::scram_keys> scram_keys() const;
    asio::any_io_executor get_executor() const;

    /// @}

 private:
    friend class scoped_handler;

    std::shared_ptr<detail::runs> runs_;
};

}  // namespace xmpp
