#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "transport/failures.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// What our stream header says (RFC 6120 4.7).
struct stream_header {
    std::string to;    // the JID's domain
    std::string from;  // the bare JID; only once the stream is encrypted (RFC 6120 4.7.1)
    std::string language;
};

/// Serialised elements on their way out, one after the other, and where each ends: a transport that
/// frames stanzas needs to know.
struct outgoing_batch {
    std::string bytes;
    std::vector<std::size_t> ends;
    bool secret = false;  // no copy may be left in memory once it was sent

    void add(std::string_view element) {
        bytes += element;
        ends.push_back(bytes.size());
    }
    void clear() noexcept {
        bytes.clear();
        ends.clear();
    }
    bool empty() const noexcept { return bytes.empty(); }
    /// White space between elements (RFC 6120 4.6.1) and nothing else: it only keeps the link
    /// alive, by whatever means nothing on a transport.
    bool only_white_space() const noexcept { return ends.empty() && !bytes.empty(); }

    /// Calls `action` with each element.
    template <class Action>
    void for_each(Action action) const {
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            action(std::string_view(bytes).substr(begin, end - begin));
            begin = end;
        }
    }
};

/// The name and data of a TLS channel binding, the strongest first in lists.
struct channel_binding_data {
    std::string type;
    std::string data;
};

/// A session that was there before its transport, and that this has joined: nothing is negotiated.
struct joined_session {
    jid user;  // the full address
    std::optional<stanza> features = {};
    bool fresh = false;  // logged in for us, just now: CONNECTED, otherwise ATTACHED
    std::optional<session_role> role = {};  // among those who share the session
};

/// Sees what passes through a transport: the true bytes, and the elements in them.
class wire_observer {
 public:
    virtual ~wire_observer() = default;
    virtual void bytes_received(std::string_view bytes) = 0;
    virtual void bytes_sent(std::string_view bytes) = 0;
    virtual void element_received(const stanza& element) = 0;
    virtual void element_sent(std::string_view element) = 0;
    /// The bytes that were told of last begin to be written, and are handed over. A transport
    /// writes in pieces that even a slow link takes in a few seconds and frames each by these, so
    /// that one that takes nothing any more is noticed.
    virtual void write_started() {}
    virtual void write_finished() {}
    /// Nothing can be written any more. What the peer sent before can still be read.
    virtual void write_failed(const std::exception_ptr& why) { static_cast<void>(why); }
};

/// What a session over HTTP can do besides. Such a transport confirms: transport_events::confirmed
/// tells which of the written bytes the other end has.
class http_capability {
 public:
    /// Makes no requests for that long but to send something, where the server allows it (XEP-0124
    /// section 10).
    virtual void pause_requests(std::chrono::seconds time) = 0;
    /// A caller waits for a confirmation, and should not have to wait until the server has
    /// something to say.
    virtual void ask_to_confirm() = 0;
    /// What another transport needs to go on with the session; nothing before there is one.
    virtual std::optional<bosh_session> tokens() const = 0;
    /// Of the last response, as received.
    virtual std::string last_response_headers() const = 0;

 protected:
    ~http_capability() = default;
};

/// What a session can do besides that several programs share.
class shared_capability {
 public:
    /// The session is left for good: whoever owns it says so to the server, with `reason`, at
    /// close_stream(). Without this call, close_stream() only ends our part in it.
    virtual void leave(const std::string& reason) = 0;
    /// We answer IQ requests with this payload from now on.
    virtual void add_responder(const std::string& name, const std::string& ns) = 0;
    /// Another program shall be primary.
    virtual void relinquish() = 0;

 protected:
    ~shared_capability() = default;
};

/// An XML stream, whatever carries it. One coroutine reads and one writes.
///
/// The content namespace is the transport's business: what it writes has none, what it reads has
/// jabber:client.
class transport {
 public:
    transport() = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;
    virtual ~transport() = default;

    /// Opens the stream, or opens it anew after TLS and SASL; returns the server's header. Throws
    /// errc::closed_by_server when the server ends the stream instead.
    virtual task<stanza> open_stream(stream_header header) = 0;

    /// The next top-level element; nothing when the server has ended its stream in good order.
    /// Throws errc::connection_lost when the link ends without that.
    virtual task<std::optional<stanza>> read() = 0;

    /// Writes whole elements; `batch` must stay valid until the task ends. After a failure, read()
    /// goes on: the server may have said why before it closed (a reset follows where it had not
    /// read all).
    virtual task<> write(const outgoing_batch& batch) = 0;
    /// How many bytes an element grows by when it is written.
    virtual std::size_t element_overhead() const noexcept { return 0; }

    /// From here to the next open_stream() the server must not send white space between elements
    /// (RFC 6120 5.3.3 and 6.3.5); read() throws stream_condition::bad_format when it does. A
    /// transport that frames elements has nothing between them.
    virtual void forbid_white_space() noexcept {}

    /// Encrypts the stream after <proceed/> (RFC 6120 5.4.3).
    virtual task<> start_tls() = 0;

    /// Sends our closing tag, with a stream error before it that has this content, where there is
    /// any. Reading goes on until the server has answered.
    virtual task<> close_stream(std::string stream_error) = 0;

    /// Drops the link at once; what waits on it ends with an error. Idempotent.
    virtual void abort() noexcept = 0;

    /// The login is over: favour throughput over round trips.
    virtual void established() noexcept = 0;

    /// The session that the transport has joined, in place of open_stream() and what follows it.
    virtual std::optional<joined_session> joined() const { return {}; }

    virtual bool secure() const noexcept = 0;
    /// "TLSv1.3, TLS_AES_256_GCM_SHA384", for the log; empty where there is no TLS of ours.
    virtual std::string encryption() const { return {}; }
    virtual std::vector<channel_binding_data> channel_bindings() const = 0;

    /// What this transport alone can do; null elsewhere.
    virtual http_capability* http() noexcept { return nullptr; }
    virtual shared_capability* shared() noexcept { return nullptr; }
};

}  // namespace xmpp::detail
