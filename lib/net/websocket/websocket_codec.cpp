#include "net/websocket/websocket_codec.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/ascii.hpp"
#include "base/kept_capacity.hpp"
#include "net/websocket/websocket_frame.hpp"

#include <fmt/format.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::size_t max_reason_bytes = 123;

std::string_view view(const wslay_frame_iocb& frame) noexcept {
    return {reinterpret_cast<const char*>(frame.data), frame.data_length};
}

/// How many characters at its beginning are ASCII. Eight at a time: nearly all are, and this
/// touches every byte that is received.
std::size_t ascii_prefix(std::string_view text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    std::size_t at = 0;
    for (std::uint64_t word = 0; text.size() - at >= sizeof(word); at += sizeof(word)) {
        std::memcpy(&word, text.data() + at, sizeof(word));
        if ((word & high_bits) != 0) break;
    }
    while (at < text.size() && is_ascii(text[at])) ++at;
    return at;
}

bool is_utf8(std::string_view text) noexcept {
    for (;;) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        // What XML excludes beyond that, U+FFFE and U+FFFF, the parser would refuse in any case.
        const auto character = decode_multibyte(text, 0);
        if (character.size == 0) return false;
        text.remove_prefix(character.size);
    }
}

/// May it stand in a close frame (RFC 6455 7.4, and what IANA has registered since)?
bool is_close_code(unsigned code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != websocket_code::none &&
           code != websocket_code::abnormal;
}

bool is_control_opcode(std::uint8_t opcode) noexcept {
    return wslay_is_ctrl_frame(opcode) != 0;
}

}  // namespace

/// What libwslay calls.
struct websocket_codec::callbacks {
    static ssize_t receive(std::uint8_t* room, std::size_t size, int, void* user) {
        auto& input = static_cast<websocket_codec*>(user)->input_;
        const auto count = std::min(size, input.size());
        std::memcpy(room, input.data(), count);
        input.remove_prefix(count);
        return static_cast<ssize_t>(count);  // 0: nothing more for now
    }
};

void websocket_codec::free_context::operator()(wslay_frame_context* context) const noexcept {
    wslay_frame_context_free(context);
}

websocket_codec::websocket_codec(websocket_role role, std::size_t max_message_bytes)
    : role_(role), max_message_bytes_(max_message_bytes) {
    const wslay_frame_callbacks functions{nullptr, callbacks::receive, nullptr};
    wslay_frame_context* context = nullptr;
    if (wslay_frame_context_init(&context, &functions, this) != 0) throw std::bad_alloc();
    context_.reset(context);
}

websocket_codec::~websocket_codec() = default;

void websocket_codec::feed(std::string_view bytes, websocket_receiver& receiver) {
    input_ = bytes;
    try {
        while (!stopped_ && read_frame(receiver)) {
        }
    } catch (...) {
        stopped_ = true;
        throw;
    }
}

/// Reads a frame, or a piece of one. \returns false when more bytes are needed
bool websocket_codec::read_frame(websocket_receiver& receiver) {
    wslay_frame_iocb frame{};
    const auto result = wslay_frame_recv(context_.get(), &frame);
    if (result == WSLAY_ERR_WANT_READ) return !input_.empty();
    if (result < 0) {
        fail(websocket_code::protocol_error,
             "a frame with a malformed length, or a control frame that is too long or cut");
    }
    take_frame(frame, receiver);
    return true;
}

void websocket_codec::begin_frame(const wslay_frame_iocb& frame) {
    if (frame.rsv != 0) fail(websocket_code::protocol_error, "a frame with reserved bits");
    if ((frame.mask != 0) != (role_ == websocket_role::server)) {
        fail(websocket_code::protocol_error, role_ == websocket_role::client
                                                 ? "a masked frame from a server"
                                                 : "an unmasked frame from a client");
    }
    frame_left_ = frame.payload_length;
    switch (frame.opcode) {
        case WSLAY_CONNECTION_CLOSE:
        case WSLAY_PING:
        case WSLAY_PONG:
            control_.clear();
            return;
        case WSLAY_CONTINUATION_FRAME:
            if (!in_message_) fail(websocket_code::protocol_error, "a fragment of no message");
            break;
        case WSLAY_TEXT_FRAME:
            if (in_message_) fail(websocket_code::protocol_error, "a message inside another");
            break;
        case WSLAY_BINARY_FRAME:
            fail(websocket_code::unsupported_data, "a binary message; XMPP is text");
        default:
            fail(websocket_code::protocol_error, "a frame of an unknown kind");
    }
    if (frame.payload_length > max_message_bytes_ - message_.size()) {
        fail(websocket_code::too_big, "a message exceeds max_stanza_bytes");
    }
    in_message_ = true;
}

void websocket_codec::take_frame(const wslay_frame_iocb& frame, websocket_receiver& receiver) {
    if (frame_left_ == 0) begin_frame(frame);
    frame_left_ -= frame.data_length;
    const bool ended = frame_left_ == 0;
    if (is_control_opcode(frame.opcode)) {
        control_ += view(frame);
        if (ended) take_control(frame.opcode);
        return;
    }
    const bool last = ended && frame.fin != 0;
    if (last) in_message_ = false;
    if (last && message_.empty()) return take_message(view(frame), receiver);
    message_ += view(frame);
    if (!last) return;
    take_message(message_, receiver);
    if (message_.capacity() > kept_capacity) message_ = std::string();
    message_.clear();
}

void websocket_codec::take_message(std::string_view text, websocket_receiver& receiver) {
    if (!is_utf8(text)) fail(websocket_code::invalid_text, "a message that is no UTF-8");
    receiver.message(text);
}

void websocket_codec::take_control(std::uint8_t opcode) {
    if (opcode == WSLAY_CONNECTION_CLOSE) return take_close();
    if (opcode == WSLAY_PING && !close_queued_) pong_ = control_;
}

void websocket_codec::take_close() {
    websocket_close theirs{websocket_code::none, {}};
    if (control_.size() == 1) fail(websocket_code::protocol_error, "half a close code");
    if (control_.size() >= 2) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(control_[i]); };
        theirs.code = static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
        theirs.reason = control_.substr(2);
        if (!is_close_code(theirs.code)) {
            fail(websocket_code::protocol_error, "a close code that must not be sent");
        }
        if (!is_utf8(theirs.reason)) {
            fail(websocket_code::invalid_text, "a close reason that is no UTF-8");
        }
    }
    stopped_ = true;
    add_close(theirs.code);
    closed_ = std::move(theirs);
}

void websocket_codec::fail(std::uint16_t code, const char* reason) {
    stopped_ = true;
    failure_code_ = code;
    const auto text = fmt::format("the peer sent {} (WebSocket close code {})", reason, code);
    const auto typed = [&] {
        if (code == websocket_code::too_big) {
            return make_error_code(stream_condition::policy_violation);
        }
        if (code == websocket_code::invalid_text) {
            return make_error_code(stream_condition::not_well_formed);
        }
        return make_error_code(errc::bad_format);
    }();
    throw protocol_error(protocol::websocket, code, error(typed, text));
}

void websocket_codec::add_frame(std::uint8_t opcode, std::string_view payload) {
    if (close_queued_) return;
    append_websocket_frame(output_, opcode, payload, role_ == websocket_role::client);
}

void websocket_codec::add_text(std::string_view text) {
    add_frame(WSLAY_TEXT_FRAME, text);
}

void websocket_codec::add_ping(std::string_view payload) {
    add_frame(WSLAY_PING, payload);
}

void websocket_codec::add_close(std::uint16_t code, std::string_view reason) {
    if (failure_code_ != 0) code = failure_code_;
    std::string payload;
    if (code != websocket_code::none) {
        payload += static_cast<char>(code >> 8U);
        payload += static_cast<char>(code & 0xFFU);
        payload += reason.substr(0, max_reason_bytes);
    }
    add_frame(WSLAY_CONNECTION_CLOSE, payload);
    close_queued_ = true;
}

void websocket_codec::take_output(std::string& bytes) {
    if (pong_) {
        const auto payload = std::exchange(pong_, std::nullopt);
        add_frame(WSLAY_PONG, *payload);
    }
    if (bytes.capacity() > kept_capacity) bytes = std::string();
    std::swap(bytes, output_);
}

}  // namespace xmpp::detail
