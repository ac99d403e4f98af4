#pragma once

#include <xmpp/byte_stream.hpp>

#include "net/websocket/websocket_codec.hpp"
#include "net/websocket/websocket_handshake.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Messages over a byte stream (RFC 6455), after the upgrade.
///
/// One coroutine reads and one flushes at a time. The reader answers pings beside a flush that is
/// under way, and never waits for it. A cancelled flush may have cut a frame in two; nothing can be
/// written after that.
class websocket_stream final : public message_link {
 public:
    /// \param early what came with the end of the upgrade
    websocket_stream(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> lower,
                     websocket_role role, std::size_t max_message_bytes, std::string early = {});
    ~websocket_stream() override;

    /// Waits for bytes and hands the messages that they complete, if any, to `receiver`, which must
    /// outlive the task. \returns false once the peer has sent its close frame: see closed()
    /// \throws what websocket_codec::feed() throws; protocol_error with 1006 when the link fails,
    ///         or ends without a close frame (errc::connection_lost)
    task<bool> read(websocket_receiver& receiver) override;

    /// Queues a message, a ping, a close frame; see websocket_codec. flush() sends them.
    void add_text(std::string_view text) override;
    void add_secret_text(std::string_view text) override;
    void add_ping() override;
    void add_close() override { add_close(websocket_code::normal); }
    void add_close(std::uint16_t code);

    /// Writes all that is queued, in one go. \throws protocol_error with 1006 when the link fails
    task<> flush() override;

    /// Ends our direction of the stream below, once nothing is left to be written.
    task<> end() override;
    /// Drops the link at once; what waits on it ends with an error. Idempotent.
    void abort() noexcept override;

    /// The peer's close frame, once it came.
    const std::optional<websocket_close>& closed() const noexcept;
    bool peer_closed() const noexcept override { return closed().has_value(); }
    /// \throws protocol_error with the peer's code and errc::closed_by_server
    [[noreturn]] void throw_closed() const override;

 private:
    class state;
    std::shared_ptr<state>
        state_;  // also held by what waits: abort() and destroy in one go is fine
};

/// Asks the HTTP server at the other end of `lower` for a WebSocket (RFC 6455 4.1) that speaks the
/// subprotocol "xmpp".
/// \throws what websocket_request_head(), http_head_reader and check_websocket_answer() throw;
///         protocol_error(protocol::http) with 0 and errc::connection_lost when the server hangs
///         up meanwhile
task<std::unique_ptr<websocket_stream>> open_websocket(asio::any_io_executor executor,
                                                       std::unique_ptr<byte_stream> lower,
                                                       websocket_request request,
                                                       std::size_t max_message_bytes);

}  // namespace xmpp::detail
