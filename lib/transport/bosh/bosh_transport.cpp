#include "transport/bosh/bosh_transport.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "transport/bosh/bosh_exchange.hpp"
#include "xml/parser/document_parser.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view version = "1.11";  // of XEP-0124

/// XEP-0124 section 7.1, XEP-0206 section 3.
bosh_body_writer first_body(std::uint64_t rid, const stream_header& header,
                            const bosh_settings& settings) {
    bosh_body_writer body(rid);
    body.attr("to", header.to);
    if (!header.from.empty()) body.attr("from", header.from);
    body.attr("xml:lang", header.language);
    body.attr("wait", static_cast<std::uint64_t>(settings.wait.count()));
    body.attr("hold", static_cast<std::uint64_t>(settings.hold));
    body.attr("content", "text/xml; charset=utf-8").attr("ver", version);
    body.attr("xmpp:version", "1.0").attr("xmlns:xmpp", ns::xbosh);
    if (!settings.route.empty()) body.attr("route", settings.route);
    if (settings.acks) body.attr("ack", "1");
    return body;
}

/// The stream header that a server would have sent elsewhere. One that does not say its version
/// speaks XMPP 1.0: XEP-0206 knows no other.
stanza header_from(const element& body) {
    std::string_view stream_version = "1.0";
    for (const auto& attribute : body.attributes()) {
        if (attribute.ns == ns::xbosh && attribute.name == "version") {
            stream_version = attribute.value;
        }
    }
    builder header("stream", ns::streams);
    header.attr("version", stream_version);
    if (body.has_attr("from")) header.attr("from", body.attr("from"));
    if (body.has_attr("authid")) header.attr("id", body.attr("authid"));
    return parse_document(header.to_xml());
}

}  // namespace

bosh_transport::bosh_transport(asio::any_io_executor executor, std::shared_ptr<http_client> client,
                               bool secure, bosh_settings settings, std::shared_ptr<clock> time,
                               wire_observer& observer)
    : exchange_(std::make_shared<bosh_exchange>(std::move(executor), std::move(client), settings,
                                                std::move(time), observer)),
      settings_(std::move(settings)),
      secure_(secure) {}

bosh_transport::~bosh_transport() {
    abort();
}

task<> bosh_transport::attach(bosh_session existing) {
    opened_ = true;
    exchange_->attach(existing);
    const auto exchange = exchange_;
    co_await bosh_exchange::begun(exchange);
    joined_.emplace();
    joined_->user = std::move(existing.user);
}

std::optional<joined_session> bosh_transport::joined() const {
    return joined_;
}

task<stanza> bosh_transport::open_stream(stream_header header) {
    const auto exchange = exchange_;
    if (opened_) {
        exchange->restart(header.to, header.language);
    } else {
        opened_ = true;
        const auto rid = first_rid_.value_or(random_bosh_rid());
        exchange->create(first_body(rid, header, settings_), rid);
        co_await bosh_exchange::begun(exchange);
    }
    co_return header_from(exchange->beginning()->root());
}

task<std::optional<stanza>> bosh_transport::read() {
    return bosh_exchange::read(exchange_);
}

task<> bosh_transport::write(const outgoing_batch& batch) {
    return bosh_exchange::write(exchange_, batch);
}

task<> bosh_transport::start_tls() {
    throw error(errc::not_supported, "over HTTP, encryption is the business of https");
    co_return;
}

task<> bosh_transport::close_stream(std::string) {
    if (!opened_) co_return;
    const auto exchange = exchange_;
    co_await bosh_exchange::terminate(exchange);
}

void bosh_transport::abort() noexcept {
    exchange_->abort();
}

std::optional<bosh_session> bosh_transport::tokens() const {
    if (!exchange_->beginning()) return std::nullopt;
    return exchange_->tokens();
}

void bosh_transport::pause_requests(std::chrono::seconds time) {
    exchange_->pause(time);
}

void bosh_transport::established() noexcept {
    exchange_->count_from_here();
}

void bosh_transport::ask_to_confirm() {
    exchange_->ask_to_confirm();
}

std::string bosh_transport::last_response_headers() const {
    return exchange_->last_headers();
}

}  // namespace xmpp::detail
