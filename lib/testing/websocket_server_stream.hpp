#pragma once

#include <xmpp/byte_stream.hpp>

#include "base/event.hpp"
#include "net/websocket_stream.hpp"
#include "xml/framed_parser.hpp"
#include "xml/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

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
    /// Sends a close frame (1000) and ends our direction.
    task<> close() override;
    void abort() noexcept override;

 private:
    task<> accept();
    void message(std::string_view text) override;
    void queue(std::string_view bytes);

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> lower_;  // until the upgrade
    std::unique_ptr<websocket_stream> socket_;
    event accepted_;
    framed_parser in_;
    stream_parser out_;
    std::string incoming_;
    std::string handed_out_;
    bool aborted_ = false;
};

}  // namespace xmpp::detail
