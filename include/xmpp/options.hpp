#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/message_channel.hpp>
#include <xmpp/sasl_mechanism.hpp>
#include <xmpp/session_store.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace xmpp {

/// Whether the stream must be encrypted.
enum class tls_mode {
    required,  ///< no TLS, no login (default)
    optional,  ///< TLS when the server offers it; an attacker on the way can prevent it
    disabled,  ///< never TLS: for loopback and tests
};

/// What happens when a subscription's queue is full.
enum class overflow {
    pause,        ///< stop reading from the server until the consumer has caught up (default)
    drop_oldest,  ///< forget the oldest stanza
    fail,         ///< end the subscription with errc::queue_overflow
};

/// What send() does when no more stanzas may wait for their acknowledgement.
enum class when_full {
    wait,  ///< until there is room (default)
    fail,  ///< throws errc::queue_overflow
};

/// As often as it takes: for options::max_retries() and options::bosh_retries() of programs that
/// run as services.
inline constexpr int unlimited = std::numeric_limits<int>::max();

/// Opens the byte stream to a host: a tunnel, a pipe in memory, ...
using dialer_function =
    std::function<task<std::unique_ptr<byte_stream>>(std::string host, std::uint16_t port)>;

/// What a program does to a finished TLS context: ciphers, a verify callback, a key log, ...
using tls_hook = std::function<void(ssl_ctx_st*)>;

/// Finds the credentials for a login once the server's offer is known.
using credentials_function = std::function<task<credentials>(stanza features, credentials who)>;

/// How a connection behaves. Every setter returns the object, so that calls can be chained; the
/// function of the same name without argument tells the value.
class options {
 public:
    using milliseconds = std::chrono::milliseconds;

    /// \name Time limits
    /// @{

    /// The whole way from connect() to CONNECTED; then CONNTIMEOUT. Default 30 s.
    options& connect_timeout(milliseconds value) { return set(connect_timeout_, value); }
    milliseconds connect_timeout() const { return connect_timeout_; }

    /// How long disconnect() waits for the server's closing tag. Default 3 s.
    options& disconnection_timeout(milliseconds value) {
        return set(disconnection_timeout_, value);
    }
    milliseconds disconnection_timeout() const { return disconnection_timeout_; }

    /// How long a request waits when its call names no time. Default 60 s.
    options& iq_timeout(milliseconds value) { return set(iq_timeout_, value); }
    milliseconds iq_timeout() const { return iq_timeout_; }

    /// A server from which no byte has come for `soft` is asked for a sign of life (XEP-0199), over
    /// WebSocket too: a pong would come from the web server in front of it; when none comes for
    /// `hard` more, the session ends: CONNTIMEOUT(server-silent). Counts from CONNECTED, and not
    /// while overflow::pause holds up reading. Default 60 s, 20 s; a `soft` of 0 never asks. A
    /// server that announces how long it waits for us (XEP-0478) gets the same before, whatever is
    /// set here.
    options& liveness(milliseconds soft, milliseconds hard) {
        liveness_soft_ = soft;
        return set(liveness_hard_, hard);
    }
    milliseconds liveness_soft() const { return liveness_soft_; }
    milliseconds liveness_hard() const { return liveness_hard_; }

    /// Writes a space between stanzas (RFC 6120 4.6.1), over WebSocket a ping (RFC 6455 5.5.2),
    /// after so long without writing anything, for routers that forget idle connections. Over HTTP,
    /// and over a transport of the program's, it does nothing. Default 0: never.
    options& whitespace_keepalive(milliseconds value) { return set(whitespace_keepalive_, value); }
    milliseconds whitespace_keepalive() const { return whitespace_keepalive_; }

    /// How long the link may take no byte of what is being written, also before CONNECTED; then
    /// CONNTIMEOUT(write-timeout). A link that is slow but moves is left alone. Default 30 s; 0: no
    /// limit.
    options& write_timeout(milliseconds value) { return set(write_timeout_, value); }
    milliseconds write_timeout() const { return write_timeout_; }

    /// @}
    /// \name TLS
    /// The certificate is checked against the JID's domain (or verify_name()), by the system's
    /// authorities and those named here. The minimum version is TLS 1.2, with forward secrecy and
    /// authenticated encryption (RFC 9325 4.2); configure_tls() may allow other ciphers.
    /// @{

    options& tls(tls_mode value) { return set(tls_, value); }
    tls_mode tls() const { return tls_; }

    /// A PEM file with further trusted authorities.
    options& ca_file(std::filesystem::path value) { return set(ca_file_, std::move(value)); }
    const std::filesystem::path& ca_file() const { return ca_file_; }

    /// PEM text with further trusted authorities.
    options& ca_pem(std::string value) { return set(ca_pem_, std::move(value)); }
    const std::string& ca_pem() const { return ca_pem_; }

    /// PEM files to prove our own identity with (SASL EXTERNAL).
    options& client_certificate(std::filesystem::path certificate, std::filesystem::path key) {
        client_certificate_ = std::move(certificate);
        client_key_ = std::move(key);
        return *this;
    }
    const std::filesystem::path& client_certificate() const { return client_certificate_; }
    const std::filesystem::path& client_key() const { return client_key_; }

    /// The name that the certificate must bear instead of the JID's domain.
    options& verify_name(std::string value) { return set(verify_name_, std::move(value)); }
    const std::string& verify_name() const { return verify_name_; }

    /// Called last on each new TLS context, to change whatever OpenSSL offers.
    options& configure_tls(std::function<void(ssl_ctx_st*)> value) {
        return set(configure_tls_, std::make_shared<const tls_hook>(std::move(value)));
    }
    /// Null when there is none. Connections whose options are copies of one share a context.
    const std::shared_ptr<const tls_hook>& configure_tls() const { return configure_tls_; }

    /// @}
    /// \name Where to connect
    /// @{

    /// Where to open TCP, when that is not the service's host: `host`, `host:port` or
    /// `[v6]:port`. SNI and the certificate's name stay those of the domain.
    options& connect_address(std::string value) { return set(connect_address_, std::move(value)); }
    const std::string& connect_address() const { return connect_address_; }

    /// Opens the byte stream in place of TCP. Name resolution is its business too.
    options& dialer(dialer_function value) { return set(dialer_, std::move(value)); }
    const dialer_function& dialer() const { return dialer_; }

    /// The name servers to ask, as addresses: `192.0.2.53`, `[2001:db8::53]:5353`. Default: those
    /// of the system. Needs c-ares (errc::not_supported without it).
    options& name_servers(std::vector<std::string> value) {
        return set(name_servers_, std::move(value));
    }
    const std::vector<std::string>& name_servers() const { return name_servers_; }

    /// How long an address has to answer before the next one is tried beside it (RFC 8305). Default
    /// 250 ms, at least 10 ms.
    options& connection_attempt_delay(milliseconds value) {
        return set(connection_attempt_delay_, value);
    }
    milliseconds connection_attempt_delay() const { return connection_attempt_delay_; }

    /// How many redirects (`see-other-host`, `see-other-uri`) in a row are followed before
    /// CONNECTED; then CONNFAIL(too-many-redirects). connect_address() does not apply to where they
    /// lead. Default 5; 0: the redirect is the error that ends the session.
    options& max_redirects(int value) { return set(max_redirects_, value); }
    int max_redirects() const { return max_redirects_; }

    /// Whether headers(), cookies() and client_certificate() also go to where a redirect leads, or
    /// a server that keeps a stream for resumption names another address. The password's proof goes
    /// there in any case, as SASL has it. Default false: they stay at the origin (scheme, host and
    /// port) of the service that connect() was given.
    options& trust_redirects(bool value) { return set(trust_redirects_, value); }
    bool trust_redirects() const { return trust_redirects_; }

    /// How many attempts to connect again may follow each other; then the session is over, and its
    /// last status says so. They count from the last time that a session was up for 30 s; those
    /// that connection::network_available() begins don't count. A program that runs as a service
    /// wants xmpp::unlimited. Default 5, which with reconnect_backoff() as it is take between one
    /// and two minutes; 0: none.
    options& max_retries(int value) { return set(max_retries_, value); }
    int max_retries() const { return max_retries_; }

    /// Completes a service that is relative ("/ws", "ws/path"), as a page's address does for its
    /// links (RFC 3986 section 5): an http, https, ws or wss URL. What is relative to an encrypted
    /// service is encrypted. Default: none; a relative service is errc::invalid_service then.
    options& base_url(std::string value) { return set(base_url_, std::move(value)); }
    const std::string& base_url() const { return base_url_; }

    /// What is spoken with a relative service: "ws", "wss", "http" or "https" (BOSH). Default: as
    /// base_url() says.
    options& protocol(std::string value) { return set(protocol_, std::move(value)); }
    const std::string& protocol() const { return protocol_; }

    /// A transport of the program's own, for services whose URL begins with `scheme` and a colon;
    /// see `<xmpp/message_channel.hpp>`. Replaces an earlier one for that scheme.
    /// \throws error(errc::invalid_options) for a scheme that is none (RFC 3986 3.1, in lower
    ///         case), for those of the SDK, and without a function
    options& register_transport(std::string scheme, transport_function open);
    const std::vector<registered_transport>& registered_transports() const {
        return registered_transports_;
    }

    /// @}
    /// \name Web services
    /// For services that begin with ws, wss, http or https.
    /// @{

    using name_value_pairs = std::vector<std::pair<std::string, std::string>>;

    /// Header fields of our own in the upgrade to WebSocket and in each request of BOSH.
    options& headers(name_value_pairs value) { return set(headers_, std::move(value)); }
    const name_value_pairs& headers() const { return headers_; }

    /// Cookies to send: names and values. Over BOSH, those that the server sets join them.
    options& cookies(name_value_pairs value) { return set(cookies_, std::move(value)); }
    const name_value_pairs& cookies() const { return cookies_; }

    /// The URL of a proxy: `http://[user:password@]host[:port]` (CONNECT for all but http),
    /// `socks5://` or `socks5h://`; the port is 1080 unless named. It is used for every service,
    /// TCP and components included. The proxy resolves names, so a service that is not named is
    /// the domain itself, on port 5222, and a dialer() reaches the proxy. Default: none over TCP;
    /// for web services what the environment says, by libcurl's rules: https_proxy, http_proxy
    /// (lower case only), all_proxy, not where there is a dialer(). no_proxy holds for this option
    /// too. Ends in CONNFAIL(invalid-options) when it can't be used. Its secrets are in no log and
    /// no error.
    options& proxy(std::string value) { return set(proxy_, std::move(value)); }
    const std::string& proxy() const { return proxy_; }

    /// The Content-Type of BOSH requests. Default "text/xml; charset=utf-8".
    options& content_type(std::string value) { return set(content_type_, std::move(value)); }
    const std::string& content_type() const { return content_type_; }

    /// How long the server may hold a BOSH request that it has nothing to answer with. Default 60
    /// s.
    options& bosh_wait(std::chrono::seconds value) { return set(bosh_wait_, value); }
    std::chrono::seconds bosh_wait() const { return bosh_wait_; }

    /// How many BOSH requests the server holds. Default 1; 0 is polling.
    options& bosh_hold(int value) { return set(bosh_hold_, value); }
    int bosh_hold() const { return bosh_hold_; }

    /// How many BOSH requests may be under way at once, if the server allows that many. Default 5.
    options& bosh_window(int value) { return set(bosh_window_, value); }
    int bosh_window() const { return bosh_window_; }

    /// How often a BOSH request that failed is sent again; then the session over HTTP is over:
    /// CONNTIMEOUT(giving-up). It does not depend on max_retries(). Default 5; xmpp::unlimited.
    options& bosh_retries(int value) { return set(bosh_retries_, value); }
    int bosh_retries() const { return bosh_retries_; }

    /// Asks the server to say which BOSH requests it has received (XEP-0124 section 9). Off.
    options& bosh_acks(bool value) { return set(bosh_acks_, value); }
    bool bosh_acks() const { return bosh_acks_; }

    /// Proves with a chain of keys that all BOSH requests come from the same client (XEP-0124
    /// section 15): for services without TLS. Such a session can't be exported or kept. Off.
    options& bosh_keys(bool value) { return set(bosh_keys_, value); }
    bool bosh_keys() const { return bosh_keys_; }

    /// Whether on_xml_input() and on_xml_output() see the stanzas in the bodies of BOSH, as they do
    /// elsewhere, or the bodies. Default true.
    options& bosh_strip(bool value) { return set(bosh_strip_, value); }
    bool bosh_strip() const { return bosh_strip_; }

    /// Where the HTTP service shall find the XMPP server ("xmpp:example.org:5222"). Default: its
    /// own business. What XML can't hold makes connect() throw errc::invalid_options.
    options& route(std::string value) { return set(route_, std::move(value)); }
    const std::string& route() const { return route_; }

    /// @}
    /// \name Logging in
    /// @{

    /// Lets passwords and tokens cross an unencrypted link. Off.
    options& allow_plaintext_auth(bool value) { return set(allow_plaintext_auth_, value); }
    bool allow_plaintext_auth() const { return allow_plaintext_auth_; }

    /// The SASL mechanisms to use, best first. Default: all, in the order of the documentation.
    options& mechanisms(std::vector<std::string> value) {
        return set(mechanisms_, std::move(value));
    }
    const std::vector<std::string>& mechanisms() const { return mechanisms_; }

    /// A SASL mechanism of the program's own; see `<xmpp/sasl_mechanism.hpp>`. It takes part in the
    /// choice under its name: where mechanisms() or credentials::mechanisms() name it; where
    /// neither is set, before the default order, those registered first first. It replaces the
    /// library's mechanism of that name, and an earlier one that was registered.
    /// \throws error(errc::invalid_options) for a name that RFC 4422 does not allow, or without a
    ///         factory
    options& register_mechanism(std::string name, sasl_mechanism_factory factory);
    const std::vector<registered_sasl_mechanism>& registered_mechanisms() const {
        return registered_mechanisms_;
    }

    /// Asked for the credentials of each login when the server has made its offer, the stream being
    /// encrypted if it will be: to prompt for a password, to fetch a token, or to choose
    /// credentials::mechanisms by what is on offer. `features` are the server's, `who` what
    /// connect() was given; what it returns is used instead, and must be for the same account: the
    /// same bare address and authzid.
    ///
    /// It may await anything: connect_timeout stands still meanwhile, since a person may be typing,
    /// and begins anew afterwards. (Servers have patience of their own, often a minute.) It is
    /// cancelled (terminal) when the session is given up, and must end then. What it throws ends
    /// the login in AUTHFAIL: the code of an xmpp::error, else errc::callback_failed; another
    /// account: errc::invalid_options. Default: none.
    options& credentials_provider(credentials_function value) {
        return set(credentials_provider_, std::move(value));
    }
    const credentials_function& credentials_provider() const { return credentials_provider_; }

    /// Logs in by the protocol of before SASL (XEP-0078, jabber:iq:auth) where a server offers
    /// nothing else. Off: that protocol shows the password or a plain SHA-1 hash of it, and the
    /// server proves nothing. The password itself only crosses an encrypted link, unless
    /// allow_plaintext_auth is set. The address needs a user name; without a resource, one is made
    /// up; explicit_resource_binding does not apply, as there is no binding.
    options& allow_legacy_auth(bool value) { return set(allow_legacy_auth_, value); }
    bool allow_legacy_auth() const { return allow_legacy_auth_; }

    /// Ends the login in BINDREQUIRED; the program calls connection::bind(). Off.
    options& explicit_resource_binding(bool value) {
        return set(explicit_resource_binding_, value);
    }
    bool explicit_resource_binding() const { return explicit_resource_binding_; }

    /// Refuses a login that is weaker than an earlier one of the same account: AUTHFAIL with
    /// errc::login_downgraded, before anything of the password is sent. Compared are encryption,
    /// what the mechanism shows of the password, the hash of SCRAM, channel binding and the proof
    /// of the offer (XEP-0474), each as far as the credentials and mechanisms() still allow it.
    /// What earlier logins had is known for as long as the connection lives, and with a
    /// session_store() across processes. Where a server has really changed: off for one login,
    /// which compares nothing and forgets what was known. Default on.
    options& pin_login(bool value) { return set(pin_login_, value); }
    bool pin_login() const { return pin_login_; }

    /// The preferred language of the stream (xml:lang): a tag (RFC 5646). Default "en".
    /// \throws error(errc::invalid_options) for what is none: other characters than ASCII letters,
    ///         digits and hyphens, or more than 255 of them
    options& language(std::string value);
    const std::string& language() const { return language_; }

    /// @}
    /// \name Sessions that survive
    /// See docs/reliability.md.
    /// @{

    /// Connects again when the link of a session that was up is lost, or the server goes down:
    /// RECONNECTING, then CONNECTED. What could only end the same way again, bad credentials, say,
    /// or a session that has replaced ours, ends the session at once. Default on.
    options& reconnect(bool value) { return set(reconnect_, value); }
    bool reconnect() const { return reconnect_; }

    /// The same for a session that was not up yet: for services that may start before their server.
    /// Off.
    options& retry_first_connect(bool value) { return set(retry_first_connect_, value); }
    bool retry_first_connect() const { return retry_first_connect_; }

    /// The wait before attempt n is random, between a half and the whole of `base` * 2^n, or of
    /// `cap` where that is less. It grows from attempt to attempt, until a session was up for 30 s.
    /// Redirects of sessions that were up for less wait as long, from the second on. Default 2 s,
    /// 60 s.
    options& reconnect_backoff(milliseconds base, milliseconds cap) {
        reconnect_base_ = base;
        return set(reconnect_cap_, cap);
    }
    milliseconds reconnect_base() const { return reconnect_base_; }
    milliseconds reconnect_cap() const { return reconnect_cap_; }

    /// Lets the server acknowledge stanzas, and resume a stream whose link was lost, where it can
    /// (XEP-0198). Default on.
    options& stream_management(bool value) { return set(stream_management_, value); }
    bool stream_management() const { return stream_management_; }

    /// After how many stanzas the server is asked which have arrived; it is asked too when nothing
    /// has followed for a second. Default 5; 0: only where connection::send_acked() waits.
    options& max_unacked(int value) { return set(max_unacked_, value); }
    int max_unacked() const { return max_unacked_; }

    /// How long we would like the server to wait for us before it gives a stream up. Default 0: as
    /// it likes.
    options& resumption_time(std::chrono::seconds value) { return set(resumption_time_, value); }
    std::chrono::seconds resumption_time() const { return resumption_time_; }

    /// How many stanzas may wait for their acknowledgement, or for a link. Beyond it, enqueue()
    /// throws errc::queue_overflow, and send() does as `full` says. Default 10,000, wait.
    options& max_unacked_stanzas(std::size_t value, when_full full = when_full::wait) {
        when_full_ = full;
        return set(max_unacked_stanzas_, value);
    }
    std::size_t max_unacked_stanzas() const { return max_unacked_stanzas_; }
    when_full when_unacked_full() const { return when_full_; }

    /// How long messages to rooms, accepted for a session that could not be resumed, wait in the
    /// new one until the program has sent presence to their room; then they are given up with
    /// errc::not_delivered. See connection::rooms_joined(). Default 60 s.
    options& room_rejoin_timeout(milliseconds value) { return set(room_rejoin_timeout_, value); }
    milliseconds room_rejoin_timeout() const { return room_rejoin_timeout_; }

    /// Tells the server of a stanza that it was handled (XEP-0198) only once its consumers took it:
    /// a handler has returned, a responder has answered, or a subscription was asked for the next
    /// stanza. What a process has read and not handled when it dies is sent again by the server,
    /// after connect() with the same session_store(). Otherwise a stanza is handled when it was
    /// read. Stanzas are reported in their order, so one that takes its time holds back those
    /// behind it: with overflow::pause, reading stops at the bounds of receive_queue(). Default: on
    /// with a session_store(), off without.
    options& acknowledge_handled(bool value) { return set(acknowledge_handled_, value); }
    bool acknowledge_handled() const {
        return acknowledge_handled_.value_or(session_store_ != nullptr);
    }

    /// @}
    /// \name Sessions that outlive their connection
    /// @{

    /// Where sessions are kept so that they can be gone on with; one store may serve many
    /// connections. With a path: a store in that file (make_file_store(), with its errors).
    ///
    /// connect() resumes the stream that the store holds for the account, in a new process too, and
    /// sends again what was not acknowledged. Each stanza, each acknowledgement and each turn in
    /// which stanzas came costs a change of the store. Default: none.
    options& session_store(std::shared_ptr<class session_store> value) {
        return set(session_store_, std::move(value));
    }
    options& session_store(std::filesystem::path file) {
        return session_store(make_file_store(std::move(file)));
    }
    const std::shared_ptr<class session_store>& session_store() const { return session_store_; }

    /// Keeps what it takes to go on with a session over HTTP in session_store(), for
    /// connection::restore(): from CONNECTED until the session ends, brought up to date with each
    /// request. A store that fails is reported to the log. Off.
    options& keepalive(bool value) { return set(keepalive_, value); }
    bool keepalive() const { return keepalive_; }

    /// @}
    /// \name Shared sessions
    /// @{

    /// Shares one session with other programs of this user: the socket of the broker that owns it
    /// (docs/shared-sessions.md). The service of the connection is where the broker connects; with
    /// the service `unix:/path`, which means the same socket, the broker knows that itself. Default
    /// empty: a session of one's own.
    options& worker(std::filesystem::path socket) { return set(worker_, std::move(socket)); }
    const std::filesystem::path& worker() const { return worker_; }

    /// The path of a program to start as the broker when nobody listens on the socket
    /// (samples/xmpp_broker, say). It runs as `program --socket PATH --descriptor 3 --until-idle`,
    /// with the listening socket as descriptor 3, detached from this process. Default empty: none.
    options& worker_program(std::filesystem::path program) {
        return set(worker_program_, std::move(program));
    }
    const std::filesystem::path& worker_program() const { return worker_program_; }

    /// @}
    /// \name Limits
    /// What the server may send; beyond it the stream ends with policy-violation.
    /// @{

    options& max_stanza_bytes(std::size_t value) { return set(max_stanza_bytes_, value); }
    std::size_t max_stanza_bytes() const { return max_stanza_bytes_; }  // 1 MiB
    options& max_depth(std::size_t value) { return set(max_depth_, value); }
    std::size_t max_depth() const { return max_depth_; }  // 128
    options& max_attributes(std::size_t value) { return set(max_attributes_, value); }
    std::size_t max_attributes() const { return max_attributes_; }  // 256 an element
    options& max_name_bytes(std::size_t value) { return set(max_name_bytes_, value); }
    std::size_t max_name_bytes() const { return max_name_bytes_; }  // 1 KiB
    options& max_attribute_bytes(std::size_t value) { return set(max_attribute_bytes_, value); }
    std::size_t max_attribute_bytes() const { return max_attribute_bytes_; }  // 64 KiB

    /// @}
    /// \name Queues
    /// @{

    /// Stanzas that wait in one subscription: `policy` acts at `soft`. With overflow::pause,
    /// reading goes on up to `hard` while a reply is awaited, so that a consumer may await one.
    /// Default 1,000, 10,000, overflow::pause.
    options& receive_queue(std::size_t soft, std::size_t hard, overflow policy) {
        receive_soft_ = soft;
        receive_hard_ = hard;
        overflow_ = policy;
        return *this;
    }
    std::size_t receive_soft() const { return receive_soft_; }
    std::size_t receive_hard() const { return receive_hard_; }
    overflow receive_overflow() const { return overflow_; }

    /// The same bounds in bytes of memory that the waiting stanzas take (stanza::memory()):
    /// whichever is reached first counts. A single stanza is always taken, however large. `soft`
    /// bounds the requests that responders work on at once too. Default 16 MiB, 64 MiB.
    options& receive_queue_bytes(std::size_t soft, std::size_t hard) {
        receive_soft_bytes_ = soft;
        return set(receive_hard_bytes_, hard);
    }
    std::size_t receive_soft_bytes() const { return receive_soft_bytes_; }
    std::size_t receive_hard_bytes() const { return receive_hard_bytes_; }

    /// Bytes that wait to be written: send() waits above `high`, and everything that sends fails
    /// with errc::queue_overflow above `hard`. Default 1 MiB, 16 MiB.
    options& send_queue_bytes(std::size_t high, std::size_t hard) {
        send_high_ = high;
        send_hard_ = hard;
        return *this;
    }
    std::size_t send_high() const { return send_high_; }
    std::size_t send_hard() const { return send_hard_; }

    /// @}
    /// \name Observation and tests
    /// @{

    /// Hands secrets to the hooks as they are on the wire instead of redacted. Off.
    options& raw_trace(bool value) { return set(raw_trace_, value); }
    bool raw_trace() const { return raw_trace_; }

    /// The source of time. Default: clock::steady().
    options& time_source(std::shared_ptr<clock> value) { return set(clock_, std::move(value)); }
    const std::shared_ptr<clock>& time_source() const { return clock_; }

    /// @}

 private:
    template <class T, class U>
    options& set(T& member, U&& value) {
        member = std::forward<U>(value);
        return *this;
    }

    milliseconds connect_timeout_{30'000};
    milliseconds disconnection_timeout_{3'000};
    milliseconds iq_timeout_{60'000};
    milliseconds liveness_soft_{60'000};
    milliseconds liveness_hard_{20'000};
    milliseconds whitespace_keepalive_{0};
    milliseconds write_timeout_{30'000};
    tls_mode tls_ = tls_mode::required;
    std::filesystem::path ca_file_;
    std::string ca_pem_;
    std::filesystem::path client_certificate_;
    std::filesystem::path client_key_;
    std::string verify_name_;
    std::shared_ptr<const tls_hook> configure_tls_;
    std::string connect_address_;
    dialer_function dialer_;
    std::vector<std::string> name_servers_;
    milliseconds connection_attempt_delay_{250};
    std::string base_url_;
    std::string protocol_;
    std::vector<registered_transport> registered_transports_;
    int max_redirects_ = 5;
    bool trust_redirects_ = false;
    int max_retries_ = 5;
    name_value_pairs headers_;
    name_value_pairs cookies_;
    std::string proxy_;
    std::string content_type_ = "text/xml; charset=utf-8";
    std::chrono::seconds bosh_wait_{60};
    int bosh_hold_ = 1;
    int bosh_window_ = 5;
    int bosh_retries_ = 5;
    bool bosh_acks_ = false;
    bool bosh_keys_ = false;
    bool bosh_strip_ = true;
    std::string route_;
    bool allow_plaintext_auth_ = false;
    std::vector<std::string> mechanisms_;
    std::vector<registered_sasl_mechanism> registered_mechanisms_;
    credentials_function credentials_provider_;
    bool allow_legacy_auth_ = false;
    bool explicit_resource_binding_ = false;
    bool pin_login_ = true;
    std::string language_ = "en";
    bool reconnect_ = true;
    bool retry_first_connect_ = false;
    milliseconds reconnect_base_{2'000};
    milliseconds reconnect_cap_{60'000};
    bool stream_management_ = true;
    int max_unacked_ = 5;
    std::chrono::seconds resumption_time_{0};
    std::size_t max_unacked_stanzas_ = 10'000;
    when_full when_full_ = when_full::wait;
    milliseconds room_rejoin_timeout_{60'000};
    std::optional<bool> acknowledge_handled_;
    std::shared_ptr<class session_store> session_store_;
    bool keepalive_ = false;
    std::filesystem::path worker_;
    std::filesystem::path worker_program_;
    std::size_t max_stanza_bytes_ = 1u << 20;
    std::size_t max_depth_ = 128;
    std::size_t max_attributes_ = 256;
    std::size_t max_name_bytes_ = 1024;
    std::size_t max_attribute_bytes_ = 64u << 10;
    std::size_t receive_soft_ = 1'000;
    std::size_t receive_hard_ = 10'000;
    std::size_t receive_soft_bytes_ = 16u << 20;
    std::size_t receive_hard_bytes_ = 64u << 20;
    overflow overflow_ = overflow::pause;
    std::size_t send_high_ = 1u << 20;
    std::size_t send_hard_ = 16u << 20;
    bool raw_trace_ = false;
    std::shared_ptr<clock> clock_ = clock::steady();
};

}  // namespace xmpp
