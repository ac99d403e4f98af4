#include "transport/tcp/tcp_transport.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "net/dial/attempt_write.hpp"
#include "transport/tcp/opening_tag.hpp"
#include "transport/watched_stream.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view closing_tag = "</stream:stream>";

/// One write, because servers stall on a sliced header.
std::string opening_of_client(const stream_header& header) {
    builder stream("stream");
    stream.attr("to", header.to);
    if (!header.from.empty()) stream.attr("from", header.from);
    stream.attr("version", "1.0").attr("xml:lang", header.language);
    return opening_tag(stream);
}

/// XEP-0114 section 3 has no version and no language.
std::string opening_of_component(const stream_header& header) {
    return opening_tag(builder("stream").attr("to", header.to), ns::component);
}

}  // namespace

tcp_transport::tcp_transport(std::unique_ptr<byte_stream> bytes, const xml_limits& limits,
                             tls_upgrade upgrade, wire_observer& observer)
    : bytes_(std::move(bytes)),
      parser_(limits),
      upgrade_(std::move(upgrade)),
      observer_(observer) {}

void tcp_transport::of_component() noexcept {
    of_component_ = true;
    parser_.of_component();
}

task<> tcp_transport::secure_now() {
    auto plain = std::move(bytes_);
    auto secured = co_await upgrade_(std::move(plain));
    bytes_ = std::move(secured.bytes);
    bindings_ = std::move(secured.bindings);
    encryption_ = std::move(secured.description);
    secure_ = true;
    if (aborted_) bytes_->abort();
}

void tcp_transport::already_secure(std::string encryption,
                                   std::vector<channel_binding_data> bindings) {
    encryption_ = std::move(encryption);
    bindings_ = std::move(bindings);
    secure_ = true;
}

// RFC 6120 5.4.3.3: what came before TLS is forgotten; what came with <proceed/> is an injection.
task<> tcp_transport::start_tls() {
    if (!parser_.idle()) {
        throw error(errc::unexpected_data,
                    "unencrypted data follows <proceed/>; somebody may be tampering with the link");
    }
    co_await secure_now();
}

task<stanza> tcp_transport::open_stream(stream_header header) {
    if (!parser_.idle()) {
        throw error(errc::unexpected_data, "the server sent more before the stream began anew");
    }
    parser_.reset();
    opened_ = true;
    const std::string tag =
        of_component_ ? opening_of_component(header) : opening_of_client(header);
    co_await attempt_write(write_bytes(tag));
    auto event = co_await read_event();
    if (event.kind() == stream_event_kind::stream_closed) {
        throw error(errc::closed_by_server, "in place of its stream header");
    }
    stanza theirs(std::move(event).content());
    observer_.element_received(theirs);
    co_return theirs;
}

task<std::optional<stanza>> tcp_transport::read() {
    auto event = co_await read_event();
    if (event.kind() == stream_event_kind::stream_closed) co_return std::nullopt;
    stanza received(std::move(event).content());
    observer_.element_received(received);
    co_return received;
}

task<stream_event> tcp_transport::read_event() {
    for (;;) {
        auto event = parser_.next();
        if (event) co_return std::move(*event);
        if (!bytes_) throw std::system_error(asio::error::operation_aborted);
        const auto received = co_await bytes_->read();
        if (received.empty()) {
            throw error(errc::connection_lost, "the link ended without a closing stream tag");
        }
        observer_.bytes_received(received);
        parser_.feed(received);
    }
}

task<> tcp_transport::write(const outgoing_batch& batch) {
    batch.for_each([this](std::string_view element) { observer_.element_sent(element); });
    return write_bytes(batch.bytes);
}

task<> tcp_transport::write_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, most_per_write);
        observer_.bytes_sent(piece);
        observer_.write_started();
        try {
            co_await bytes_->write(piece);
        } catch (...) {
            if (!aborted_) observer_.write_failed(std::current_exception());
            throw;
        }
        observer_.write_finished();
        bytes.remove_prefix(piece.size());
    }
}

// RFC 6120 4.4 and 4.9.
task<> tcp_transport::close_stream(std::string stream_error) {
    if (!opened_ || !bytes_) co_return;
    std::string farewell;
    if (!stream_error.empty()) {
        farewell = fmt::format("<stream:error>{}</stream:error>", stream_error);
    }
    farewell += closing_tag;
    co_await write_bytes(farewell);
    co_await bytes_->close();
}

void tcp_transport::abort() noexcept {
    aborted_ = true;
    if (bytes_) bytes_->abort();
}

void tcp_transport::established() noexcept {
    if (auto action = std::move(on_established_)) action();
}

}  // namespace xmpp::detail
