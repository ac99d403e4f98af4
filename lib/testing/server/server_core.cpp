#include "testing/server/server_core.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "testing/serve_websocket.hpp"

#include <exception>
#include <utility>

namespace xmpp::detail::serving {
namespace {

testing::certificate identity_of(const testing::server_options& settings) {
    if (settings.identity()) return *settings.identity();
    const testing::test_authority authority("Authority of " + settings.domain());
    return authority.issue(testing::certificate_request::for_server(settings.domain()));
}

std::shared_ptr<const tls_context> context_for(const testing::certificate& identity,
                                               std::string protocol) {
    tls_settings settings(tls_role::server);
    settings.certificate_pem(identity.chain_pem(), identity.key_pem());
    settings.alpn(std::vector<std::string>(1, std::move(protocol)));
    return shared_tls_context(settings);
}

std::shared_ptr<local_domain> make_domain(const testing::server_options& settings) {
    auto made = std::make_shared<local_domain>();
    const jid domain(settings.domain());
    made->name = domain.str();
    for (const auto& [name, password] : settings.users()) {
        made->users.add(jid(name + "@" + made->name), password);
    }
    if (!settings.echo().empty()) made->echo = jid(settings.echo() + "@" + made->name);
    return made;
}

}  // namespace

server_core::server_core(asio::any_io_executor executor, const testing::server_options& settings)
    : executor_(std::move(executor)), domain_(make_domain(settings)) {
    const auto identity = identity_of(settings);
    ca_pem_ = identity.ca_pem();
    auto common = std::make_shared<stream_settings>();
    common->tls = settings.tls();
    common->identity = context_for(identity, "xmpp-client");
    if (common->tls != tls_mode::disabled) common->web_identity = context_for(identity, "http/1.1");
    common->mechanisms = settings.mechanisms();
    common->limits.stanza_bytes = settings.max_stanza_bytes();
    common->queue_bytes = settings.queue_bytes();
    common->time = settings.time_source();
    settings_ = std::move(common);
}

std::unique_ptr<listener> server_core::listen(entrance begin) {
    return std::make_unique<listener>(
        executor_, [weak = weak_from_this(), begin](std::unique_ptr<byte_stream> bytes) {
            if (const auto self = weak.lock()) self->serve(std::move(bytes), begin);
        });
}

std::unique_ptr<http_port> server_core::listen_for_http() {
    auto serve_session = [weak = weak_from_this()](std::unique_ptr<byte_stream> bytes) {
        if (const auto self = weak.lock()) self->serve(std::move(bytes), entrance::http);
    };
    return std::make_unique<http_port>(executor_, settings_->time, settings_->web_identity,
                                       settings_->limits, std::move(serve_session));
}

void server_core::start() {
    if (starttls_) return;
    starttls_ = listen(entrance::starttls);
    direct_tls_ = listen(entrance::direct_tls);
    if (can_serve_websocket()) websocket_ = listen(entrance::websocket);
    http_ = listen_for_http();
}

std::vector<std::shared_ptr<server_stream>> server_core::open_streams() const {
    std::vector<std::shared_ptr<server_stream>> open;
    for (const auto& weak : streams_) {
        if (auto stream = weak.lock()) open.push_back(std::move(stream));
    }
    return open;
}

/// The connections of HTTP stay: they have to take the last words of their sessions.
void server_core::stop_listening() {
    starttls_.reset();
    direct_tls_.reset();
    websocket_.reset();
    if (http_) http_->stop_listening();
}

void server_core::stop() {
    stop_listening();
    for (const auto& stream : open_streams()) stream->end(stream_condition::system_shutdown);
}

void server_core::close() {
    closed_ = true;
    stop_listening();
    http_.reset();
    for (const auto& stream : open_streams()) stream->abort();
    domain_->hook = nullptr;
    domain_->sessions = session_table();  // which holds streams that hold the domain
}

std::uint16_t server_core::port(entrance begin) const noexcept {
    const auto of = [](const auto& open) { return open ? open->port() : std::uint16_t{0}; };
    switch (begin) {
        case entrance::starttls:
            return of(starttls_);
        case entrance::direct_tls:
            return of(direct_tls_);
        case entrance::websocket:
            return of(websocket_);
        case entrance::http:
            break;
    }
    return of(http_);
}

void server_core::serve(std::unique_ptr<byte_stream> bytes, entrance begin) {
    std::erase_if(streams_, [](const auto& weak) { return weak.expired(); });
    const auto stream =
        std::make_shared<server_stream>(executor_, domain_, settings_, std::move(bytes), begin);
    streams_.push_back(stream);
    // A stream reports what is wrong to its client; there is nobody else to tell.
    spawn(executor_, server_stream::run(stream), [](std::exception_ptr) {});
}

task<std::unique_ptr<byte_stream>> server_core::dial(std::shared_ptr<server_core> self,
                                                     entrance begin) {
    if (!self || self->closed_) throw error(errc::connection_refused, "the server is gone");
    auto ends = testing::memory_stream_pair(self->executor_);
    self->serve(std::move(ends.first), begin);
    co_return std::move(ends.second);
}

}  // namespace xmpp::detail::serving
