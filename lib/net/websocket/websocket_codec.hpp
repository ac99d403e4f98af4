#pragma once

#include "net/websocket/message_link.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct wslay_frame_context;
struct wslay_frame_iocb;

namespace xmpp::detail {

/// RFC 6455 7.4.1.
namespace websocket_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t none = 1005;      // never on the wire: a close frame without a code
inline constexpr std::uint16_t abnormal = 1006;  // never on the wire: the link ended without one
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t too_big = 1009;
}  // namespace websocket_code

/// Clients mask what they send, servers must not (RFC 6455 5.1).
enum class websocket_role { client, server };

/// How the peer closed.
struct websocket_close {
    std::uint16_t code;
    std::string reason;
};

/// Takes messages, their fragments joined.
using websocket_receiver = message_receiver;

/// RFC 6455 without I/O: the frames of a text protocol; libwslay takes those apart that come. The
/// same bytes give the same messages however they are cut into pieces.
///
/// A message that has arrived in one piece is handed out where it lies. Control frames never hold
/// more than 125 bytes, and of the pings that came only the last is answered (5.5.3): a flood of
/// them takes no memory.
class websocket_codec {
 public:
    /// \param max_message_bytes the most that one message may have, however many its fragments
    websocket_codec(websocket_role role, std::size_t max_message_bytes);
    ~websocket_codec();
    websocket_codec(const websocket_codec&) = delete;
    websocket_codec& operator=(const websocket_codec&) = delete;

    /// Takes the next bytes from the peer and hands the messages that they complete to `receiver`.
    /// After the peer's close frame, and after an error, bytes are ignored.
    /// \throws protocol_error(protocol::websocket) with the code to close with: 1002 for what
    /// breaks
    ///         the protocol and 1003 for binary messages (both errc::bad_format), 1007 for text
    ///         that is no UTF-8 (stream_condition::not_well_formed), 1009 for a message that is too
    ///         big (stream_condition::policy_violation); what `receiver` throws
    void feed(std::string_view bytes, websocket_receiver& receiver);

    /// The peer's close frame, once it came. Its answer is queued then.
    const std::optional<websocket_close>& closed() const noexcept { return closed_; }

    // What is queued for the peer; nothing more once a close frame is.
    void add_text(std::string_view text);
    /// `payload`: at most 125 bytes.
    void add_ping(std::string_view payload);
    /// After an error of feed() its code replaces `code`. \param reason at most 123 bytes of UTF-8
    void add_close(std::uint16_t code, std::string_view reason = {});
    bool close_queued() const noexcept { return close_queued_; }

    bool has_output() const noexcept { return !output_.empty() || pong_; }
    /// Exchanges `bytes`, which must be empty, for all frames that are queued: buffers go back and
    /// forth and are used again.
    void take_output(std::string& bytes);

 private:
    struct callbacks;
    struct free_context {
        void operator()(wslay_frame_context* context) const noexcept;
    };

    bool read_frame(websocket_receiver& receiver);
    void begin_frame(const wslay_frame_iocb& frame);
    void take_frame(const wslay_frame_iocb& frame, websocket_receiver& receiver);
    void take_message(std::string_view text, websocket_receiver& receiver);
    void take_control(std::uint8_t opcode);
    void take_close();
    [[noreturn]] void fail(std::uint16_t code, const char* reason);
    void add_frame(std::uint8_t opcode, std::string_view payload);

    const websocket_role role_;
    const std::size_t max_message_bytes_;
    std::unique_ptr<wslay_frame_context, free_context> context_;

    std::string_view input_;        // while feed() runs
    std::uint64_t frame_left_ = 0;  // payload of the current frame that is yet to come
    std::string message_;           // what came of a message in pieces
    std::string control_;           // payload of the current control frame
    bool in_message_ = false;       // its first frame came, its last did not end
    bool stopped_ = false;          // by the peer's close frame, or an error
    std::optional<websocket_close> closed_;
    std::uint16_t failure_code_ = 0;

    std::string output_;
    std::optional<std::string> pong_;
    bool close_queued_ = false;
};

}  // namespace xmpp::detail
