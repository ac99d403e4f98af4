#pragma once

#include <xmpp/task.hpp>

#include <string>
#include <string_view>

namespace xmpp {

/// A two-way stream of bytes: TCP, TLS over another stream, a pipe in memory, or one of your own
/// (a tunnel, say) handed to the SDK with options::dialer.
///
/// One read and one write may be under way at a time. All calls are made on one executor.
class byte_stream {
 public:
    byte_stream() = default;
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;
    virtual ~byte_stream() = default;

    /// Waits for bytes. The view is valid until the caller suspends next; an empty one is the end
    /// of the stream. Reading into a buffer that the thread shares is what keeps an idle session
    /// small. Throws std::system_error; errc::connection_lost for an end that the protocol below
    /// does not confirm (TLS without close_notify).
    virtual task<std::string_view> read() = 0;

    /// Writes all of `bytes`, which must stay valid until the task ends.
    virtual task<void> write(std::string_view bytes) = 0;

    /// Ends our direction in good order (close_notify, FIN). Reading may go on.
    virtual task<void> close() = 0;

    /// Drops the stream at once; what waits on it ends with an error. Idempotent.
    virtual void abort() noexcept = 0;
};

}  // namespace xmpp
