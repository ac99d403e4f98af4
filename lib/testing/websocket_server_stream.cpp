#include "testing/websocket_server_stream.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "testing/websocket_accept.hpp"
#include "transport/opening_tag.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// An element with the attributes of `original`, xml:lang among them.
builder with_attributes_of(const element& original, std::string_view name, std::string_view ns) {
    builder copy(name, ns);
    for (const auto& attribute : original.attributes()) {
        const bool lang = attribute.ns == ns::xml && attribute.name == "lang";
        if (lang) copy.attr("xml:lang", attribute.value);
        if (attribute.ns.empty()) copy.attr(attribute.name, attribute.value);
    }
    return copy;
}

std::string bytes_from(const stanza& received) {
    if (received->ns() == ns::framing && received->name() == "open") {
        return opening_tag(with_attributes_of(received.root(), "stream", {}));
    }
    if (received->ns() == ns::framing && received->name() == "close") return "</stream:stream>";
    return received->to_xml();
}

std::string message_from(const stream_event& written) {
    switch (written.kind()) {
        case stream_event_kind::stream_opened:
            return with_attributes_of(written.content().root(), "open", ns::framing).to_xml();
        case stream_event_kind::stanza_received:
            return written.content().root().to_xml();
        case stream_event_kind::stream_closed:
            break;
    }
    return fmt::format("<close xmlns='{}'/>", ns::framing);
}

}  // namespace

websocket_server_stream::websocket_server_stream(const asio::any_io_executor& executor,
                                                 std::unique_ptr<byte_stream> lower)
    : executor_(executor), lower_(std::move(lower)), accepted_(executor) {}

task<> websocket_server_stream::accept() {
    socket_ = co_await accept_websocket(executor_, std::move(lower_));
    if (aborted_) socket_->abort();
    accepted_.set();
}

task<std::string_view> websocket_server_stream::read() {
    if (!socket_) co_await accept();
    handed_out_.clear();
    while (incoming_.empty() && !socket_->closed()) co_await socket_->read(*this);
    std::swap(handed_out_, incoming_);
    co_return handed_out_;
}

void websocket_server_stream::message(std::string_view text) {
    try {
        in_.feed(text);
        while (auto element = in_.next()) incoming_ += bytes_from(stanza(std::move(*element)));
    } catch (const error&) {
        incoming_ += text;  // whoever reads will find out
        in_.reset();
    }
}

task<> websocket_server_stream::write(std::string_view bytes) {
    while (!accepted_.is_set()) co_await accepted_.wait();
    queue(bytes);
    co_await socket_->flush();
}

void websocket_server_stream::queue(std::string_view bytes) {
    if (bytes.starts_with("<?xml") || bytes.starts_with("<stream:stream")) out_.reset();
    try {
        out_.feed(bytes);
        while (const auto event = out_.next()) socket_->add_text(message_from(*event));
    } catch (const error&) {
        socket_->add_text(bytes);
        out_.reset();
    }
}

task<> websocket_server_stream::close() {
    while (!accepted_.is_set()) co_await accepted_.wait();
    socket_->add_close(websocket_code::normal);
    co_await socket_->end();
}

void websocket_server_stream::abort() noexcept {
    aborted_ = true;
    if (lower_) lower_->abort();
    if (socket_) socket_->abort();
}

}  // namespace xmpp::detail
