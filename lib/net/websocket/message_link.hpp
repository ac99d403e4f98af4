#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include <string_view>

namespace xmpp::detail {

/// Whoever takes the messages that arrive.
class message_receiver {
 public:
    /// A whole text message; the view lasts until the call returns.
    virtual void message(std::string_view text) = 0;

 protected:
    ~message_receiver() = default;
};

/// Messages in both directions, with an end that both sides agree on. One coroutine reads and one
/// flushes at a time.
class message_link {
 public:
    message_link() = default;
    message_link(const message_link&) = delete;
    message_link& operator=(const message_link&) = delete;
    virtual ~message_link() = default;

    /// Waits for what comes and hands the messages in it, if any, to `receiver`, which must outlive
    /// the task. \returns false once the peer has closed
    virtual task<bool> read(message_receiver& receiver) = 0;

    /// Queues a message, a sign of life where there is one, the end. flush() sends them.
    virtual void add_text(std::string_view text) = 0;
    /// The same for one of which no copy may be left in memory once it was sent.
    virtual void add_secret_text(std::string_view text) = 0;
    virtual void add_ping() = 0;
    virtual void add_close() = 0;
    virtual task<> flush() = 0;

    /// Ends our direction, once nothing is left to be written.
    virtual task<> end() = 0;
    /// Drops the link at once; what waits on it ends with an error. Idempotent.
    virtual void abort() noexcept = 0;

    virtual bool peer_closed() const noexcept = 0;
    /// Throws what a peer_closed() means that nobody asked for.
    [[noreturn]] virtual void throw_closed() const = 0;
};

}  // namespace xmpp::detail
