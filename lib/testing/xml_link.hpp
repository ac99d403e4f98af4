#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include "xml/parser/limits.hpp"
#include "xml/parser/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

class tls_context;

/// The accepting end of an XML stream: bytes, the parser above them, and TLS in between.
///
/// One coroutine reads and one writes; whoever awaits a task keeps the link alive meanwhile.
class xml_link {
 public:
    xml_link(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
             const xml_limits& limits = {});

    /// The next event; nothing when the peer ended its direction without a closing tag.
    /// \throws what the parser and the byte stream throw
    task<std::optional<stream_event>> read();

    /// Did anything arrive within that time, be it the end of the stream? Bytes are kept for
    /// read().
    static task<bool> anything_within(std::shared_ptr<xml_link> link, clock::duration period,
                                      std::shared_ptr<clock> time);

    /// Reads until the peer has ended its direction, whatever it sends.
    task<> drain();

    task<> write(std::string bytes);

    /// Encrypts the link, as the server of the handshake.
    task<> secure(std::shared_ptr<const tls_context> context);

    /// Puts another stream around the bytes. A channel binding of what lies below would not be
    /// known to programs behind it.
    template <class Wrap>
    void wrap(Wrap around) {
        bytes_ = around(std::move(bytes_));
        bindings_.clear();
    }
    /// The bytes were encrypted before they came here.
    void encrypted_elsewhere() noexcept { encrypted_ = true; }

    /// Ends our direction: close_notify, FIN.
    task<> close() { return bytes_->close(); }
    /// Drops the link; what waits on it ends with an error.
    void abort() noexcept { bytes_->abort(); }

    /// The peer is a component: see stream_parser.
    void of_component() noexcept { parser_.of_component(); }
    /// Begins a new stream on the same link.
    void restart() { parser_.reset(); }
    /// No byte has come that was not handed out.
    bool idle() const noexcept { return parser_.idle(); }
    bool encrypted() const noexcept { return encrypted_; }
    /// Names and data of TLS channel bindings, best first; none without TLS.
    const std::vector<std::pair<std::string, std::string>>& bindings() const noexcept {
        return bindings_;
    }

 private:
    task<> read_bytes();
    static task<> read_ahead(std::shared_ptr<xml_link> link);

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> bytes_;
    stream_parser parser_;
    std::vector<std::pair<std::string, std::string>> bindings_;
    bool encrypted_ = false;
    bool ended_ = false;
};

}  // namespace xmpp::detail
