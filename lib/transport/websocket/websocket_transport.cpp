#include "transport/websocket/websocket_transport.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/secret.hpp"
#include "base/kept_capacity.hpp"
#include "net/dial/attempt_write.hpp"
#include "xml/parser/start_tag.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

bool is_framing(const stanza& element, std::string_view name) {
    return element->name() == name && element->ns() == ns::framing;
}

/// RFC 7395 3.4.
std::string framed_opening(const stream_header& header) {
    builder open("open", ns::framing);
    open.attr("to", header.to);
    if (!header.from.empty()) open.attr("from", header.from);
    open.attr("version", "1.0").attr("xml:lang", header.language);
    return open.to_xml();
}

/// Takes nothing.
class deaf_receiver final : public message_receiver {
 public:
    void message(std::string_view) override {}
};

}  // namespace

/// Notes that somebody reads.
class websocket_transport::reading {
 public:
    explicit reading(websocket_transport& owner) noexcept : owner_(owner) {
        owner_.reading_ = true;
    }
    reading(const reading&) = delete;
    reading& operator=(const reading&) = delete;
    ~reading() { owner_.reading_ = false; }

 private:
    websocket_transport& owner_;
};

websocket_transport::websocket_transport(std::unique_ptr<message_link> socket,
                                         const xml_limits& limits, bool secure,
                                         std::vector<channel_binding_data> bindings,
                                         wire_observer& observer)
    : socket_(std::move(socket)),
      parser_(limits),
      observer_(observer),
      bindings_(std::move(bindings)),
      secure_(secure) {}

void websocket_transport::message(std::string_view text) {
    observer_.bytes_received(text);
    parser_.feed(text);
}

task<stanza> websocket_transport::open_stream(stream_header header) {
    if (!parser_.idle()) {
        throw error(errc::unexpected_data, "the server sent more before the stream began anew");
    }
    parser_.reset();
    const std::string ours = framed_opening(header);
    opened_ = true;
    observer_.bytes_sent(ours);
    socket_->add_text(ours);
    co_await attempt_write(socket_->flush());

    const reading mark(*this);
    auto theirs = co_await read_element();
    if (is_framing(theirs, "close")) {
        take_close(theirs);
        throw error(errc::closed_by_server, "in place of its <open/>");
    }
    if (theirs->name() == "error" && theirs->ns() == ns::streams) {
        throw refusal(stream_error_from(theirs.root()), theirs);
    }
    if (!is_framing(theirs, "open")) {
        throw error(errc::bad_format,
                    fmt::format("the server's first message is <{} xmlns='{}'>, not the <open/> of "
                                "RFC 7395",
                                theirs->name(), theirs->ns()));
    }
    parser_.language(theirs->lang());
    co_return theirs;
}

task<stanza> websocket_transport::read_element() {
    for (;;) {
        if (auto element = parser_.next()) {
            stanza received(std::move(*element));
            observer_.element_received(received);
            co_return received;
        }
        if (broken_) std::rethrow_exception(broken_);
        if (socket_->peer_closed()) socket_->throw_closed();
        try {
            co_await socket_->read(*this);
        } catch (const error&) {
            broken_ = std::current_exception();  // what came whole before it comes first
        }
    }
}

task<std::optional<stanza>> websocket_transport::read() {
    if (peer_closed_) co_return std::nullopt;
    const reading mark(*this);
    std::optional<stanza> received;
    try {
        received = co_await read_element();
    } catch (const error&) {
        // Some servers answer <close/> by closing the WebSocket: the end that was asked for.
        if (!close_sent_ || !socket_->peer_closed()) throw;
        peer_closed_ = true;
    }
    if (received && !is_framing(*received, "close")) co_return received;
    if (received) take_close(*received);
    if (close_sent_) co_await shake_hands();
    co_return std::nullopt;
}

// RFC 7395 3.6.1: the caller gets to know of another place, unless it wants to leave anyway.
void websocket_transport::take_close(const stanza& close) {
    peer_closed_ = true;
    if (close_sent_) return;
    std::string uri(close->attr("see-other-uri"));
    if (uri.empty()) return;
    auto explanation = fmt::format("it refers us to {}", uri);
    throw see_other_uri(error(errc::closed_by_server, "see-other-uri", {}, std::move(explanation)),
                        std::move(uri), close);
}

/// RFC 6455 7.1.2: the stream is closed in good order, and so is the WebSocket, unless the server
/// has no patience for that.
task<> websocket_transport::shake_hands() {
    try {
        socket_->add_close();
        co_await socket_->flush();
        deaf_receiver deaf;
        while (!socket_->peer_closed()) co_await socket_->read(deaf);
        co_await socket_->end();
    } catch (const std::system_error& failure) {
        if (failure.code() == asio::error::operation_aborted) throw;
    }
}

// No coroutine of its own: what it does before it waits needs no frame.
task<> websocket_transport::write(const outgoing_batch& batch) {
    batch.for_each([&](std::string_view element) {
        observer_.element_sent(element);
        add_message(element, batch.secret);
    });
    if (batch.only_white_space()) socket_->add_ping();  // nothing is between messages
    if (text_.capacity() > kept_capacity) text_ = std::string();
    return socket_->flush();
}

void websocket_transport::add_message(std::string_view element, bool secret) {
    text_.clear();
    text_.reserve(element.size() + declaration_size(ns::client));
    append_declared(text_, element, ns::client);  // on other transports, the stream declares it
    observer_.bytes_sent(text_);
    if (secret) {
        socket_->add_secret_text(text_);
        wipe(text_);
    } else {
        socket_->add_text(text_);
    }
}

task<> websocket_transport::start_tls() {
    throw error(errc::not_supported,
                "STARTTLS over WebSocket; use a wss:// service, which is encrypted from the start");
    co_return;
}

// RFC 7395 3.5 and 3.6.
task<> websocket_transport::close_stream(std::string stream_error) {
    if (!opened_ || close_sent_) co_return;
    close_sent_ = true;
    if (!socket_->peer_closed()) {
        if (!stream_error.empty()) {
            add_message(fmt::format("<stream:error xmlns='{}' xmlns:stream='{}'>{}</stream:error>",
                                    ns::client, ns::streams, stream_error));
        }
        add_message(fmt::format("<close xmlns='{}'/>", ns::framing));
    }
    if (reading_ && !peer_closed_) {
        co_await socket_->flush();  // the reader does the rest, once the server has answered
        co_return;
    }
    socket_->add_close();
    co_await socket_->end();
}

void websocket_transport::established() noexcept {
    if (auto action = std::move(on_established_)) action();
}

}  // namespace xmpp::detail
