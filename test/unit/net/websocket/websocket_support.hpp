#pragma once

#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "net/websocket/websocket_stream.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

// First bytes of frames: the last one of a message, or one that more follow.
inline constexpr std::uint8_t text_frame = 0x81;
inline constexpr std::uint8_t first_fragment = 0x01;
inline constexpr std::uint8_t middle_fragment = 0x00;
inline constexpr std::uint8_t last_fragment = 0x80;
inline constexpr std::uint8_t close_frame = 0x88;
inline constexpr std::uint8_t ping_frame = 0x89;
inline constexpr std::uint8_t pong_frame = 0x8A;

/// A frame as a server sends it, made without the code under test.
std::string frame(std::uint8_t first_byte, std::string_view payload);
/// As a client sends it.
std::string masked_frame(std::uint8_t first_byte, std::string_view payload,
                         std::string_view key = "\x37\xFA\x21\x3D");
/// Payload of a close frame.
std::string close_payload(std::uint16_t code, std::string_view reason = {});

/// A frame that was taken apart, its mask removed.
struct parsed_frame {
    std::uint8_t first_byte;
    std::string payload;
    std::string mask;  // empty when there was none
};
/// All frames in `bytes`; fails the test where they are no frames.
std::vector<parsed_frame> parse_frames(std::string_view bytes);

/// Keeps messages.
class collector final : public detail::websocket_receiver {
 public:
    void message(std::string_view text) override { messages.emplace_back(text); }
    std::vector<std::string> messages;
};

/// What awaiting `work` throws; null when it returns.
task<std::exception_ptr> failure_of(task<> work);
/// The number of a protocol_error; 0 for anything else.
int number_of(const std::exception_ptr& failure);
std::error_code code_of(const std::exception_ptr& failure);

/// Lets everybody else go as far as they get.
task<> a_few_turns(asio::any_io_executor executor);

/// Both ends of a WebSocket over memory, after the upgrade, or the server's end of the link below.
struct websocket_pair {
    std::unique_ptr<detail::websocket_stream> client;
    std::unique_ptr<detail::websocket_stream> server;
};
websocket_pair make_websocket_pair(const asio::any_io_executor& executor,
                                   std::size_t max_message_bytes = 1U << 20U,
                                   std::size_t max_read = 1U << 20U);

/// The next message; nothing when the other end has closed.
task<std::string> next_message(detail::websocket_stream& stream, collector& received);

/// Notes what an observer sees.
class recorder final : public detail::wire_observer {
 public:
    void bytes_received(std::string_view bytes) override { received.emplace_back(bytes); }
    void bytes_sent(std::string_view bytes) override { sent.emplace_back(bytes); }
    void element_received(const stanza& element) override {
        elements_received.push_back(element->to_xml());
    }
    void element_sent(std::string_view element) override { elements_sent.emplace_back(element); }

    std::vector<std::string> received, sent, elements_received, elements_sent;
};

}  // namespace xmpp::test
