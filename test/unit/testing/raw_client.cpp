#include "raw_client.hpp"

#include <xmpp/ns.hpp>

#include "net/tls/tls_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace xmpp::testing {

raw_client::raw_client(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes)
    : executor_(std::move(executor)), bytes_(std::move(bytes)) {}

task<> raw_client::write(std::string bytes) {
    co_await bytes_->write(bytes);
}

task<> raw_client::open(std::string domain, std::string more_attributes) {
    parser_.reset();
    co_await write(
        fmt::format("<?xml version='1.0'?><stream:stream to='{}' version='1.0' "
                    "xmlns='{}' xmlns:stream='{}' {}>",
                    domain, ns::client, ns::streams, more_attributes));
}

task<std::string> raw_client::read_bytes(std::size_t count) {
    while (rest_.size() < count) {
        const auto received = co_await bytes_->read();
        if (received.empty()) break;
        rest_ += received;
    }
    auto result = rest_.substr(0, count);
    rest_.erase(0, count);
    co_return result;
}

task<std::optional<detail::stream_event>> raw_client::event() {
    for (;;) {
        auto next = parser_.next();
        if (next) co_return next;
        const auto received = co_await bytes_->read();
        if (received.empty()) co_return std::nullopt;
        parser_.feed(received);
    }
}

task<stanza> raw_client::header() {
    auto next = co_await event();
    if (!next || next->kind() != detail::stream_event_kind::stream_opened) {
        throw std::runtime_error("no stream header came");
    }
    co_return stanza(std::move(*next).content());
}

task<stanza> raw_client::element() {
    auto next = co_await event();
    if (!next) throw std::runtime_error("the connection ended in place of an element");
    if (next->kind() == detail::stream_event_kind::stream_closed) {
        throw std::runtime_error("the stream was closed in place of an element");
    }
    co_return stanza(std::move(*next).content());
}

task<bool> raw_client::closed() {
    auto next = co_await event();
    if (!next) co_return false;
    if (next->kind() == detail::stream_event_kind::stream_closed) co_return true;
    const stanza received(std::move(*next).content());
    throw std::runtime_error(fmt::format("unexpected: {}", received->to_xml()));
}

task<> raw_client::end() {
    co_await bytes_->close();
}

task<> raw_client::secure(std::string ca_pem, std::string domain) {
    const auto context = detail::shared_tls_context(
        detail::tls_settings(detail::tls_role::client).ca_pem(std::move(ca_pem)));
    auto encrypted =
        std::make_unique<detail::tls_stream>(executor_, std::move(bytes_), context, domain, domain);
    tls_ = encrypted.get();
    bytes_ = std::move(encrypted);
    co_await tls_->handshake();
}

std::vector<std::pair<std::string, std::string>> raw_client::bindings() const {
    return tls_->channel_bindings();
}

}  // namespace xmpp::testing
