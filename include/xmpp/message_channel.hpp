#pragma once

#include <xmpp/task.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xmpp {

/// Messages to and from a server, over whatever a program has: a WebSocket of its own, a data
/// channel, a queue. Over it the SDK speaks XMPP as over WebSocket (RFC 7395): each element is a
/// message, `<open/>` and `<close/>` stand for the tags of the stream. See
/// options::register_transport().
///
/// One receive() and one send() may be under way at a time; all calls are made on the connection's
/// executor. Both are cancelled (terminal) when the session is given up, and must end then. What
/// they throw ends the link: an xmpp::error with its code, a std::system_error as connection-lost.
/// options::write_timeout, options::liveness and options::max_stanza_bytes hold as elsewhere.
class message_channel {
 public:
    message_channel() = default;
    message_channel(const message_channel&) = delete;
    message_channel& operator=(const message_channel&) = delete;
    virtual ~message_channel() = default;

    /// Waits for the next message, whole and in UTF-8; nothing once the peer has ended the channel.
    virtual task<std::optional<std::string>> receive() = 0;

    /// Sends a message. Returns when the next can be sent, which is how a slow channel slows its
    /// sender down.
    virtual task<void> send(std::string message) = 0;

    /// Ends the channel in good order, after what was sent.
    virtual task<void> close() = 0;

    /// Drops the channel at once; what waits on it ends with an error. Idempotent.
    virtual void abort() noexcept = 0;

    /// Whether nobody on the way can read or change messages: with options::tls at
    /// tls_mode::required nothing else is used. Default: no.
    virtual bool secure() const noexcept { return false; }
};

/// Opens a channel to a service, given as the program has named it.
using transport_function =
    std::function<task<std::unique_ptr<message_channel>>(std::string service)>;

/// A transport in options.
struct registered_transport {
    std::string scheme;
    transport_function open;
};

}  // namespace xmpp
