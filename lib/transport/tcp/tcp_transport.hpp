#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/options.hpp>

#include "transport/transport.hpp"
#include "xml/parser/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// An encrypted stream, and what SASL wants to know of it.
struct secured_stream {
    std::unique_ptr<byte_stream> bytes;
    std::vector<channel_binding_data> bindings;
    std::string description;
};

/// Encrypts a stream: the handshake included.
using tls_upgrade = std::function<task<secured_stream>(std::unique_ptr<byte_stream> plain)>;

/// XMPP's own binding (RFC 6120), and the one of components (XEP-0114): one XML document in each
/// direction over a stream of bytes.
class tcp_transport final : public transport {
 public:
    tcp_transport(std::unique_ptr<byte_stream> bytes, const xml_limits& limits, tls_upgrade upgrade,
                  wire_observer& observer);

    /// TLS before the first byte of XML (XEP-0368).
    task<> secure_now();
    /// The same, when it was done before.
    void already_secure(std::string encryption, std::vector<channel_binding_data> bindings);
    /// The stream is a component's (XEP-0114): another content namespace, and a header of its own.
    void of_component() noexcept;
    /// Called by established().
    void on_established(std::function<void()> action) { on_established_ = std::move(action); }

    task<stanza> open_stream(stream_header header) override;
    task<std::optional<stanza>> read() override;
    task<> write(const outgoing_batch& batch) override;
    void forbid_white_space() noexcept override { parser_.forbid_white_space(); }
    task<> start_tls() override;
    task<> close_stream(std::string stream_error) override;
    void abort() noexcept override;
    void established() noexcept override;
    bool secure() const noexcept override { return secure_; }
    std::string encryption() const override { return encryption_; }
    std::vector<channel_binding_data> channel_bindings() const override { return bindings_; }

 private:
    task<stream_event> read_event();
    task<> write_bytes(std::string_view bytes);

    std::unique_ptr<byte_stream> bytes_;
    stream_parser parser_;
    tls_upgrade upgrade_;
    wire_observer& observer_;
    std::function<void()> on_established_;
    std::vector<channel_binding_data> bindings_;
    std::string encryption_;
    bool of_component_ = false;
    bool secure_ = false;
    bool opened_ = false;  // our header is out, so that a closing tag makes sense
    bool aborted_ = false;
};

}  // namespace xmpp::detail
