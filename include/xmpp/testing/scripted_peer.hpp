#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>
#include <xmpp/testing/certificates.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace xmpp {
namespace detail {
class peer_script;
}

namespace testing {

/// The server's end of a stream, played from a script: what the client must send, and what it gets.
///
///     scripted_peer peer(executor);
///     peer.accept_login("juliet@example.org/balcony")
///         .expect("<message to='romeo@example.org'><body>hi</body></message>")
///         .send("<message from='romeo@example.org'><body>yo</body></message>")
///         .expect_close()
///         .close_stream();
///     connection conn(executor, "xmpp://example.org",
///                     options().dialer(peer.dialer()).tls(tls_mode::disabled)
///                         .allow_plaintext_auth(true));
///     ...
///     EXPECT_EQ(peer.problems(), "");
///
/// The steps are executed in their order by a coroutine on the peer's executor, from when the
/// client connects; steps may also be added while it runs. When the client does something else, the
/// peer notes the step and the difference, drops the connection, and refuses further ones, so that
/// the client ends soon. Waiting has no limit of its own: run the test on a virtual_clock, where
/// one that waits in vain fails at once.
///
/// Use it on its executor only. All functions that take XML throw std::invalid_argument for what
/// can't stand in a stream.
class scripted_peer {
 public:
    /// To be connected to through dialer().
    explicit scripted_peer(asio::any_io_executor executor);
    /// For a stream that is there already, such as an accepted socket.
    scripted_peer(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes);
    scripted_peer(const scripted_peer&) = delete;
    scripted_peer& operator=(const scripted_peer&) = delete;
    /// Cuts the connection.
    ~scripted_peer();

    /// For options::dialer(): opens memory streams to this peer. It may outlive the peer, and
    /// refuses connections then.
    dialer_function dialer() const;

    /// \name Settings
    /// To be made before the client connects.
    /// @{

    /// How the memory streams behave; `memory_stream_options().max_read(1)` delivers every byte in
    /// a read of its own.
    scripted_peer& streams(memory_stream_options how);
    /// Serves XMPP over WebSocket (RFC 7395) instead of TCP, on all connections: for services that
    /// begin with ws://. The steps stay the same: headers stand for `<open/>`, closing tags for
    /// `<close/>`, and each element is a message. What send_raw() sends and is no XML leaves as a
    /// message as it is. \throws error(errc::not_supported) in a build without libwslay
    scripted_peer& over_websocket();
    /// The same with TLS from the first byte, for services that begin with wss://.
    scripted_peer& over_websocket(certificate identity);
    /// The clock of expect_nothing(). Default: clock::steady().
    scripted_peer& time_source(std::shared_ptr<clock> time);
    /// The clients are components (XEP-0114): streams are in jabber:component:accept, which
    /// expect() takes for jabber:client, and headers have neither version nor language.
    scripted_peer& component_port();

    /// @}
    /// \name What the client must do
    /// @{

    /// The next element of the client must mean the same as `xml`: order of attributes, prefixes,
    /// and white space between elements make no difference. "*" as an attribute's value stands for
    /// any value, and as the whole content of an element for any content. The id of a stanza need
    /// not be given. Elements without xmlns are in jabber:client; the prefix `stream` is bound.
    scripted_peer& expect(std::string xml);

    /// The client must open its stream, or open it anew after TLS and SASL. `attributes` are
    /// written as in a tag ("to='example.org' from=''") and checked, others are not; an empty
    /// value means that the attribute must be absent.
    scripted_peer& expect_header(std::string_view attributes = "to='*' version='1.0'");

    /// The client must close its stream (`</stream:stream>`).
    scripted_peer& expect_close();

    /// The client must end the connection, in good order or not, and send nothing before.
    scripted_peer& expect_disconnect();

    /// The client must send nothing for so long.
    scripted_peer& expect_nothing(clock::duration period);

    /// @}
    /// \name What the client gets
    /// @{

    /// Our stream header. `attributes`, written as in a tag, go before the usual ones: `from` as
    /// the client has addressed us, an `id`, `version` 1.0, `xml:lang`. An empty value leaves one
    /// out.
    scripted_peer& send_header(std::string_view attributes = "");

    /// One or more elements, sent as they are in one piece. `{id}` is replaced by the id of the
    /// last element that was expected.
    scripted_peer& send(std::string xml);

    /// Any bytes.
    scripted_peer& send_raw(std::string bytes);

    /// Stream features with these children.
    scripted_peer& features(std::string children);

    /// `<proceed/>` and the handshake. `configure` may change what OpenSSL offers.
    scripted_peer& start_tls(certificate identity,
                             std::function<void(ssl_ctx_st*)> configure = nullptr);

    /// The handshake alone: TLS from the first byte, or after a `<proceed/>` of your own.
    scripted_peer& tls_handshake(certificate identity,
                                 std::function<void(ssl_ctx_st*)> configure = nullptr);

    /// The handshake, which the client must break off.
    scripted_peer& expect_tls_failure(certificate identity);

    /// Our closing tag, and the end of our direction.
    scripted_peer& close_stream();

    /// The end of our direction, without a closing tag.
    scripted_peer& end();

    /// Over WebSocket: a close frame with that code (RFC 6455 7.4), and the end of our direction.
    scripted_peer& close_websocket(std::uint16_t code);

    /// Drops the connection; what is on its way is lost.
    scripted_peer& cut();

    /// Neither reads nor sends from here on; the connection stays open. Only next_connection() and
    /// refuse_connection() may follow.
    scripted_peer& stall();

    /// @}
    /// \name Sequences
    /// @{

    /// Header, features with STARTTLS, upgrade. Follow it by accept_login().
    scripted_peer& accept_tls(certificate identity);

    /// Header, features with PLAIN, login with any password, header, features with `bind` and
    /// `more_features`, binding. Without a resource in `who`, the one that the client asks for is
    /// bound; without a local part, any user may log in.
    scripted_peer& accept_login(jid who, std::string more_features = "");

    /// As component_port(), of a server that lets in the component `domain`: header, a handshake
    /// with any secret, `<handshake/>`.
    scripted_peer& accept_component(std::string domain);

    /// @}
    /// \name More connections
    /// @{

    /// Waits until the client connects again; what follows happens there. The earlier connection
    /// stays as it is. As the first step, it only checks where to. \param host, port checked unless
    /// empty or 0
    scripted_peer& next_connection(std::string host = "", std::uint16_t port = 0);

    /// The client's next attempt to connect fails with errc::connection_refused.
    scripted_peer& refuse_connection();

    /// @}
    /// \name Anything else
    /// @{

    /// Whatever the functions above don't have. The coroutine may use receive() and deliver(), and
    /// throw: that is a problem like any other. What `action` has captured lives as long as the
    /// peer.
    scripted_peer& then(std::function<task<>(scripted_peer&)> action);

    /// The next element of the client. Only inside then().
    task<stanza> receive();
    /// Sends as send() does. Only inside then().
    task<> deliver(std::string xml);
    /// The last element received. \throws std::logic_error when there was none
    stanza last() const;

    /// @}
    /// \name The result
    /// @{

    /// What went wrong, or what of the script was not used up; empty when all is well.
    std::string problems() const;
    /// \throws std::runtime_error with problems(), if there are any
    void verify() const;
    /// The script was used up, without a problem.
    bool finished() const noexcept;

    /// @}

 private:
    scripted_peer& add(std::string what, std::function<task<>(detail::peer_script&)> action);

    std::shared_ptr<detail::peer_script> script_;
    bool stalled_ = false;
};

}  // namespace testing
}  // namespace xmpp
