#include "testing/websocket_server_stream.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "testing/websocket_accept.hpp"
#include "transport/tcp/opening_tag.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

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

bool is_close(const stanza& received) {
    return received->ns() == ns::framing && received->name() == "close";
}

std::string bytes_from(const stanza& received) {
    if (received->ns() == ns::framing && received->name() == "open") {
        return opening_tag(with_attributes_of(received.root(), "stream", {}));
    }
    if (is_close(received)) return "</stream:stream>";
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
    co_await end_if_wanted();
    std::swap(handed_out_, incoming_);
    co_return handed_out_;
}

void websocket_server_stream::message(std::string_view text) {
    try {
        in_.feed(text);
        while (auto element = in_.next()) {
            const stanza received(std::move(*element));
            if (is_close(received)) theirs_closed_ = true;
            incoming_ += bytes_from(received);
        }
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
    std::vector<std::string> messages;
    bool whole = false;
    try {
        out_.feed(bytes);
        while (const auto event = out_.next()) {
            if (event->kind() == stream_event_kind::stream_closed) ours_closed_ = true;
            messages.push_back(message_from(*event));
        }
        whole = out_.idle();
    } catch (const error&) {
        // Left to the client, as all that is not whole.
    }
    if (!whole) {
        messages.assign(1, std::string(bytes));
        out_.reset();
    }
    for (const auto& message : messages) socket_->add_text(message);
}

task<> websocket_server_stream::close() {
    while (!accepted_.is_set()) co_await accepted_.wait();
    if (ours_closed_) {
        end_wanted_ = true;
        co_await end_if_wanted();
    } else {
        co_await socket_->end();
    }
}

task<> websocket_server_stream::end_if_wanted() {
    if (!end_wanted_ || !theirs_closed_) co_return;
    end_wanted_ = false;
    try {
        co_await close(websocket_code::normal);
    } catch (const std::system_error&) {
        // The client did not wait for that; whoever reads will find out.
    }
}

task<> websocket_server_stream::close(std::uint16_t code) {
    while (!accepted_.is_set()) co_await accepted_.wait();
    socket_->add_close(code);
    co_await socket_->end();
}

void websocket_server_stream::abort() noexcept {
    aborted_ = true;
    if (lower_) lower_->abort();
    if (socket_) socket_->abort();
}

}  // namespace xmpp::detail
