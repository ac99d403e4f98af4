#pragma once

#include <xmpp/byte_stream.hpp>

#include "base/event.hpp"
#include "net/websocket/websocket_stream.hpp"
#include "xml/parser/framed_parser.hpp"
#include "xml/parser/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The server's end of XMPP over WebSocket, seen as the byte stream of RFC 6120 that it stands for:
/// `<open/>` reads as a stream header, `<close/>` as the closing tag, and what is written leaves as
/// one message for each element. So whoever serves TCP serves WebSocket by putting this between.
///
/// The first read() grants the upgrade; write() waits for that. What is written and is no XML
/// leaves as a message as it is, for tests of what no good server would send.
class websocket_server_stream final : public byte_stream, private websocket_receiver {
 public:
    websocket_server_stream(const asio::any_io_executor& executor,
                            std::unique_ptr<byte_stream> lower);

    task<std::string_view> read() override;
    task<> write(std::string_view bytes) override;
    /// After the closing tag of a stream: ends our direction with a close frame (1000), once the
    /// client has closed its stream too, which read() finds out (RFC 7395 3.6). Before it: ends our
    /// direction as it is, without a close frame.
    task<> close() override;
    /// Sends a close frame and ends our direction.
    task<> close(std::uint16_t code);
    void abort() noexcept override;

 private:
    task<> accept();
    void message(std::string_view text) override;
    void queue(std::string_view bytes);
    task<> end_if_wanted();

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> lower_;  // until the upgrade
    std::unique_ptr<websocket_stream> socket_;
    event accepted_;
    framed_parser in_;
    stream_parser out_;
    std::string incoming_;
    std::string handed_out_;
    bool ours_closed_ = false;  // the streams in both directions
    bool theirs_closed_ = false;
    bool end_wanted_ = false;  // as soon as both are
    bool aborted_ = false;
};

}  // namespace xmpp::detail
