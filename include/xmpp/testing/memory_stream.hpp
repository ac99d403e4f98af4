#pragma once

#include <xmpp/byte_stream.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace xmpp::testing {

/// How a pair of memory streams behaves.
class memory_stream_options {
 public:
    /// Bytes that one direction holds before its writer has to wait. Default: 64 KiB.
    memory_stream_options& capacity(std::size_t bytes);
    /// Most bytes that one read() hands out; 1 gives them one at a time. Default: no limit.
    memory_stream_options& max_read(std::size_t bytes);

    std::size_t capacity() const noexcept { return capacity_; }
    std::size_t max_read() const noexcept { return max_read_; }

 private:
    std::size_t capacity_ = 64 * 1024;
    std::size_t max_read_ = static_cast<std::size_t>(-1);
};

/// Two byte streams joined in memory: what is written to one is read from the other. No sockets
/// and no time are involved, so a test that uses them runs the same way every time.
///
/// They behave as the two ends of a TCP connection:
/// - write() waits while the other end does not read and the direction is full;
/// - close() lets the other end read what is left and then the end of the stream;
/// - abort(), and destroying an end, cuts the connection: operations of that end finish with
///   `asio::error::operation_aborted`, those of the other end with
///   `asio::error::connection_reset`, and what is on the way is lost. An end that was closed
///   before it is destroyed does no harm: its last bytes still arrive, and only writing to it
///   fails (with `asio::error::broken_pipe`).
///
/// The view that read() returns is freed by the next read(), so that a memory checker finds who
/// keeps one. Both ends are used on `executor`; a strand when its context has several threads.
/// Cancelled operations leave the streams usable; a cancelled write may have written a part.
std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> memory_stream_pair(
    const asio::any_io_executor& executor, const memory_stream_options& options = {});

/// The same with another capacity.
std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> memory_stream_pair(
    const asio::any_io_executor& executor, std::size_t capacity);

}  // namespace xmpp::testing
