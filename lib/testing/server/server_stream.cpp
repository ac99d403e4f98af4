#include "testing/server/server_stream.hpp"

#include <xmpp/ns.hpp>

#include "testing/serve_websocket.hpp"
#include "testing/server/routing.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace xmpp::detail::serving {
namespace {

/// How long a client may take to answer our closing tag.
constexpr std::chrono::seconds farewell_time(3);

/// The stream error that a failure calls for; nothing when the connection itself is broken.
std::optional<stream_condition> condition_for(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& thrown) {
        if (thrown.code().category() == stream_category()) {
            return static_cast<stream_condition>(thrown.code().value());
        }
        return std::nullopt;
    } catch (...) {
        return stream_condition::internal_server_error;
    }
}

}  // namespace

server_stream::server_stream(asio::any_io_executor executor, std::shared_ptr<local_domain> domain,
                             std::shared_ptr<const stream_settings> settings,
                             std::unique_ptr<byte_stream> bytes, entrance begin)
    : executor_(std::move(executor)),
      domain_(std::move(domain)),
      settings_(std::move(settings)),
      link_(std::make_shared<xml_link>(executor_, std::move(bytes), settings_->limits)),
      outbox_(std::make_shared<server_outbox>(executor_, settings_->queue_bytes)),
      begin_(begin) {}

task<> server_stream::run(std::shared_ptr<server_stream> self) {
    self->start_writer();
    std::exception_ptr failure;
    try {
        co_await self->serve();
    } catch (...) {
        failure = std::current_exception();
    }
    self->leave();
    const auto reason = failure ? condition_for(failure) : std::nullopt;
    if (failure && !reason) {
        self->abort();
    } else {
        self->say_goodbye(reason);
    }
    self->outbox_->finish();
    try {
        co_await self->link_->drain();
    } catch (const std::exception&) {
        self->abort();  // the client has gone without waiting for our last word
    }
    co_await self->outbox_->ended();
    self->linger_.reset();
}

/// What comes before the first byte of XML.
task<> server_stream::prepare_link() {
    const auto& web_identity = settings_->web_identity;
    switch (begin_) {
        case entrance::starttls:
            break;
        case entrance::direct_tls:
            co_await link_->secure(settings_->identity);
            break;
        case entrance::websocket:
            if (web_identity) co_await link_->secure(web_identity);
            link_->wrap([this](std::unique_ptr<byte_stream> bytes) {
                return serve_websocket(executor_, std::move(bytes));
            });
            break;
        case entrance::http:
            if (web_identity) link_->encrypted_elsewhere();
            break;
    }
}

task<> server_stream::serve() {
    co_await prepare_link();
    const bool established = co_await negotiate();
    if (!established) co_return;
    for (;;) {
        auto event = co_await link_->read();
        if (!event || event->kind() == stream_event_kind::stream_closed) co_return;
        const stanza received(std::move(*event).content());
        if (!leaving_) route(*domain_, *this, received);
    }
}

void server_stream::start_writer() {
    writer_.start(executor_, server_outbox::run(outbox_, link_),
                  [outbox = outbox_, link = link_](std::exception_ptr failure) {
                      outbox->writer_ended(failure == nullptr);
                      if (failure) link->abort();
                  });
}

void server_stream::send(std::string_view bytes) {
    if (outbox_->push(bytes)) return;
    // Not from here: whoever delivers to many must not see the table change under its hands.
    post(executor_, [self = shared_from_this()] { self->abort(); });
}

void server_stream::deliver(builder element) {
    send(std::move(element).take());
}

void server_stream::end(stream_condition reason) {
    leave();
    say_goodbye(reason);
}

void server_stream::abort() noexcept {
    link_->abort();
}

/// Out of the table, and out of everybody's sight.
void server_stream::leave() {
    if (std::exchange(leaving_, true) || !bound_) return;
    become_unavailable(*domain_, *this);
    domain_->sessions.unbind(*this);
    if (temporary_account_) domain_->users.remove(user_.local());
}

// RFC 6120 4.4 and 4.9: an error comes in an open stream.
void server_stream::say_goodbye(std::optional<stream_condition> reason) {
    if (outbox_->finished()) return;
    if (!header_sent_) send_header();
    if (reason) {
        send(fmt::format("<stream:error><{} xmlns='{}'/></stream:error>",
                         condition_name(make_error_code(*reason)), ns::stream_errors));
    }
    send("</stream:stream>");
    outbox_->finish();
    const auto& time = settings_->time;
    linger_ =
        time->call_at(executor_, time->now() + farewell_time, [link = link_] { link->abort(); });
}

}  // namespace xmpp::detail::serving
