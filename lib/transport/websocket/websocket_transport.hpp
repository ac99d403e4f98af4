#pragma once

#include <xmpp/ns.hpp>

#include "net/websocket/message_link.hpp"
#include "transport/transport.hpp"
#include "xml/parser/framed_parser.hpp"
#include "xml/parser/start_tag.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// XMPP over WebSocket (RFC 7395), or over any other messages: each element is one of its own, and
/// `<open/>` and `<close/>` stand for the tags of the stream.
///
/// Both ends close twice: the stream, then the WebSocket. After disconnect(), read() does both and
/// returns when the server has answered. Where nobody reads any more, close_stream() says all that
/// there is to say at once.
class websocket_transport final : public transport, private message_receiver {
 public:
    /// \param socket after the upgrade
    /// \param secure TLS is below, or nothing that leaves the machine
    /// \param bindings of the TLS below
    /// \param observer must outlive the transport; sees messages, not frames, as bytes
    websocket_transport(std::unique_ptr<message_link> socket, const xml_limits& limits, bool secure,
                        std::vector<channel_binding_data> bindings, wire_observer& observer);

    /// What encryption() tells of the TLS below.
    void encrypted_by(std::string description) { encryption_ = std::move(description); }
    /// Called by established().
    void on_established(std::function<void()> action) { on_established_ = std::move(action); }

    task<stanza> open_stream(stream_header header) override;
    task<std::optional<stanza>> read() override;
    task<> write(const outgoing_batch& batch) override;
    std::size_t element_overhead() const noexcept override { return declaration_size(ns::client); }
    /// \throws error(errc::not_supported): TLS comes before the WebSocket, or not at all
    task<> start_tls() override;
    task<> close_stream(std::string stream_error) override;
    void abort() noexcept override { socket_->abort(); }
    void established() noexcept override;
    bool secure() const noexcept override { return secure_; }
    std::string encryption() const override { return encryption_; }
    std::vector<channel_binding_data> channel_bindings() const override { return bindings_; }

 private:
    class reading;
    void message(std::string_view text) override;

    task<stanza> read_element();
    void take_close(const stanza& close);
    task<> shake_hands();
    void add_message(std::string_view element, bool secret = false);

    std::unique_ptr<message_link> socket_;
    framed_parser parser_;
    wire_observer& observer_;
    std::function<void()> on_established_;
    std::vector<channel_binding_data> bindings_;
    std::string text_;  // of the message that is being queued
    std::string encryption_;
    std::exception_ptr broken_;  // why nothing more can be read
    const bool secure_;
    bool opened_ = false;      // our <open/> is out, so that <close/> makes sense
    bool close_sent_ = false;  // <close/>
    bool peer_closed_ = false;
    bool reading_ = false;
};

}  // namespace xmpp::detail
