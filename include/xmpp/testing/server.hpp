#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/testing/certificates.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp {
namespace detail::serving {
class server_core;
}

namespace testing {

/// How a test server is set up. Every setter returns the object; everything has a default.
class server_options {
 public:
    /// The domain that is served. Default: "example.test".
    server_options& domain(std::string name);
    /// An account. May be called again for more.
    server_options& user(std::string name, std::string password);
    /// The SASL mechanisms on offer, of SCRAM-SHA-512, -384, -256, -1, each also with -PLUS, PLAIN,
    /// and ANONYMOUS. Default: all but ANONYMOUS. PLAIN is offered on encrypted links only, unless
    /// TLS is disabled; -PLUS where there is a channel binding.
    server_options& mechanisms(std::vector<std::string> names);
    /// Whether clients must encrypt. Default: tls_mode::required.
    server_options& tls(tls_mode mode);
    /// The server's certificate. By default one for the domain and this machine is made, signed by
    /// an authority that is made with it: server::ca_pem().
    server_options& identity(certificate certificate_and_key);
    /// A user whose messages come back, for example "echo". Default: none.
    server_options& echo(std::string name);
    /// The largest stanza that a client may send, in bytes. Default 1 MiB.
    server_options& max_stanza_bytes(std::size_t value);
    /// What may wait for a client before it is dropped, in bytes. Default 4 MiB.
    server_options& queue_bytes(std::size_t value);
    /// Default: clock::steady().
    server_options& time_source(std::shared_ptr<clock> value);

    const std::string& domain() const noexcept { return domain_; }
    const std::vector<std::pair<std::string, std::string>>& users() const noexcept {
        return users_;
    }
    const std::vector<std::string>& mechanisms() const noexcept { return mechanisms_; }
    tls_mode tls() const noexcept { return tls_; }
    const std::optional<certificate>& identity() const noexcept { return identity_; }
    const std::string& echo() const noexcept { return echo_; }
    std::size_t max_stanza_bytes() const noexcept { return max_stanza_bytes_; }
    std::size_t queue_bytes() const noexcept { return queue_bytes_; }
    const std::shared_ptr<clock>& time_source() const noexcept { return clock_; }

 private:
    std::string domain_ = "example.test";
    std::vector<std::pair<std::string, std::string>> users_;
    std::vector<std::string> mechanisms_ = {
        "SCRAM-SHA-512-PLUS", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",   "SCRAM-SHA-512",      "SCRAM-SHA-384",
        "SCRAM-SHA-256",      "SCRAM-SHA-1",        "PLAIN"};
    tls_mode tls_ = tls_mode::required;
    std::optional<certificate> identity_;
    std::string echo_;
    std::size_t max_stanza_bytes_ = 1u << 20;
    std::size_t queue_bytes_ = 4u << 20;
    std::shared_ptr<clock> clock_ = clock::steady();
};

/// A small XMPP server inside the process, for tests and demonstrations:
///
///     xmpp::testing::server server(executor, xmpp::testing::server_options()
///                                                .user("juliet", "secret").echo("echo"));
///     server.start();
///     xmpp::connection conn(executor, "", server.client_options());
///     co_await conn.login(xmpp::credentials("juliet@example.test", "secret"));
///
/// It is a test double, not a server to deploy: accounts and rosters live in memory, passwords are
/// kept as they are, nothing is stored for those who are away, and there are no other domains.
///
/// What it does: STARTTLS and direct TLS; WebSocket (RFC 7395) and HTTP (XEP-0206); SASL with the
/// mechanisms of server_options and the list of channel bindings (XEP-0440); resource binding,
/// where a second client with the same address replaces the first (stream error `conflict`);
/// messages, presence and iq between its users by RFC 6121 section 8, with the errors that it has
/// for them; rosters and presence subscriptions (RFC 6121 2 to 4) without pre-approval; ping,
/// service discovery, software version; stream errors for what is not well-formed, too big, or out
/// of place.
///
/// All calls are made on its executor, a strand where the context has several threads. It must not
/// outlive the context.
class server {
 public:
    /// \throws xmpp::error(errc::invalid_jid) for names that addresses can't have
    ///         xmpp::error(errc::invalid_options) for a certificate that can't be used
    explicit server(asio::any_io_executor executor, server_options settings = {});
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    /// Drops all connections.
    ~server();

    /// Listens on ports of 127.0.0.1 that the system picks. Not needed for dialer().
    /// \throws std::system_error
    void start();
    /// Stops listening, and ends every stream with `system-shutdown`.
    void stop();

    /// Where clients connect that use STARTTLS; 0 when not started.
    std::uint16_t port() const noexcept;
    /// Where TLS begins with the first byte (XEP-0368).
    std::uint16_t direct_tls_port() const noexcept;

    /// Where clients connect by WebSocket and by HTTP; 0 when not started. They are encrypted from
    /// the first byte (wss, https) unless the server's TLS is disabled. A build without libwslay
    /// has no WebSocket: 0.
    std::uint16_t ws_port() const noexcept;
    std::uint16_t http_port() const noexcept;
    /// The service that a connection is to be given for these:
    ///
    ///     xmpp::connection conn(executor, server.ws_url(), server.ws_client_options());
    ///
    /// Before start(), one without a port: WebSocket goes in memory then, HTTP nowhere.
    std::string ws_url() const;
    std::string http_url() const;

    /// Opens connections in memory instead, with STARTTLS or with TLS from the first byte. They may
    /// outlive the server, and refuse connections then.
    dialer_function dialer() const;
    dialer_function direct_tls_dialer() const;

    const std::string& domain() const noexcept;
    /// The authority to trust, in PEM.
    const std::string& ca_pem() const noexcept;

    /// What a connection needs to reach this server: where, whom to trust, and whether to use TLS.
    /// Over TCP when start() was called, else in memory. For the service "xmpps://<domain>" use
    /// direct_tls_options().
    options client_options() const;
    options direct_tls_options() const;
    /// The same for ws_url() and http_url().
    options ws_client_options() const;
    options http_client_options() const;

    /// Adds an account, or changes its password.
    /// \throws xmpp::error(errc::invalid_jid)
    void add_user(const std::string& name, std::string password);

    /// Calls `hook` with every stanza of a bound client and its full address, before anything is
    /// done with it; when it returns false, nothing is. An empty function removes it.
    void on_stanza(std::function<bool(const stanza& received, const jid& from)> hook);

    /// Sends a stanza as it is to the sessions that its `to` names: one for a full address, all of
    /// an account for a bare one. \returns how many there were
    std::size_t send(const builder& element);

    /// The addresses of all sessions.
    std::vector<jid> sessions() const;
    /// Drops the connection of a session, as a broken link would. \returns false: there is none
    bool cut(const jid& full);
    /// Ends a session with a stream error. \returns false: there is none
    bool end_session(const jid& full, stream_condition reason);

 private:
    std::shared_ptr<detail::serving::server_core> core_;
};

}  // namespace testing
}  // namespace xmpp
