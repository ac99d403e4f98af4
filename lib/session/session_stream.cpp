#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "session/negotiation_io.hpp"
#include "session/outcome.hpp"
#include "session/session.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

namespace xmpp::detail {
namespace {

std::size_t count_children(const element& parent) {
    const auto children = parent.children();
    return static_cast<std::size_t>(std::distance(children.begin(), children.end()));
}

}  // namespace

// RFC 6120 4.1 and 8: stanzas, until the server closes its stream. Nothing in here awaits a user.
task<> session::run_stream() {
    const auto wire = wire_;
    for (;;) {
        while (should_pause()) co_await relieved_->wait();
        const auto received = co_await wire->read();
        if (!received) co_return;
        throw_if_stream_error(*received);
        receive(*received);
    }
}

bool session::should_pause() const {
    return phase_ == phase::established && stanza_handlers.want_pause(!replies_.empty());
}

void session::receive(const stanza& received) {
    // What servers say to each other (jabber:server) is no stanza here.
    if (received.kind() == stanza_kind::other || received->ns() != ns::client) {
        throw error(stream_condition::unsupported_stanza_type,
                    "the server sent an element that is no stanza");
    }
    if (replies_.accept(received, user_)) return;
    if (phase_ != phase::established) return;  // disconnect() was called: nobody listens any more
    if (received.kind() == stanza_kind::iq) return receive_request(received);
    stanza_handlers.dispatch(received);
}

// RFC 6120 8.2.3: a request has exactly one child, and gets exactly one reply; a reply gets none.
void session::receive_request(const stanza& request) {
    const auto type = request.type();
    if (type == "result" || type == "error") {
        observers.log(log_level::debug, "a reply to no request of ours, id '{}'", request.id());
        stanza_handlers.dispatch(request);
        return;
    }
    if (request.id().empty()) {
        observers.log(log_level::warning, "ignoring an IQ without id");
        return;
    }
    if ((type != "get" && type != "set") || count_children(request.root()) != 1) {
        answer(error_reply(request, stanza_error("bad-request")));
        return;
    }
    auto reply = [weak = weak_from_this(), epoch = epoch_](builder result) {
        const auto self = weak.lock();
        if (self && self->epoch_ == epoch) self->answer(std::move(result));
    };
    auto failed = [weak = weak_from_this()](const std::exception_ptr& failure) {
        const auto self = weak.lock();
        if (!self) return;
        self->observers.log(log_level::error, "a responder threw: {}", describe(failure));
    };
    const bool answered = iq_responders.answer(request, std::move(reply), std::move(failed));
    const auto result = stanza_handlers.dispatch(request);
    if (answered || result == dispatched::taken) return;
    answer(
        error_reply(request, stanza_error(result == dispatched::failed ? "internal-server-error"
                                                                       : "service-unavailable")));
}

void session::answer(builder reply) {
    if (phase_ != phase::established) return;
    try {
        enqueue(std::move(reply));
    } catch (const error& failure) {
        observers.log(log_level::error, "a reply could not be sent: {}", failure.what());
    }
}

void session::start_writer() {
    outbox_ = std::make_shared<outbox>(executor_, settings_.send_high(), settings_.send_hard());
    writing_ = true;
    spawn(executor_, write_stream(wire_, outbox_),
          [self = shared_from_this(), epoch = epoch_](const std::exception_ptr& failure) {
              self->writer_ended(epoch, failure);
          });
}

task<> session::write_stream(std::shared_ptr<transport> wire, std::shared_ptr<outbox> out) {
    co_await out->run(*wire);
    if (!out->closed()) co_await wire->close_stream(out->closing_condition());
}

void session::writer_ended(std::uint64_t epoch, const std::exception_ptr& failure) {
    if (epoch != epoch_ || !wire_) return;
    writing_ = false;
    changed_.pulse();
    if (!failure) return;
    writer_failure_ = failure;
    wire_->abort();  // which ends the reader
}

/// Queues the farewell; the reader goes on until the server has answered it, or until the deadline.
void session::leave(const std::string& reason) {
    const auto& time = settings_.time_source();
    deadline_ = time->call_at(executor_, time->now() + settings_.disconnection_timeout(),
                              [this] { end(stop::disconnect_timeout); });
    auto farewell = presence().type("unavailable");
    if (!reason.empty()) farewell.status(reason);
    try {
        outbox_->push(std::move(farewell).take());
    } catch (const error& failure) {
        observers.log(log_level::warning, "leaving without presence: {}", failure.what());
    }
    outbox_->finish({});
    relieved_->pulse();
}

/// Closes our side of a stream that the server has closed, or that is broken; bounded.
task<> session::say_goodbye(std::exception_ptr failure) {
    const auto condition = closing_condition(failure);
    if (!wire_ || !condition) co_return;
    const auto wire = wire_;
    const auto& time = settings_.time_source();
    deadline_ = time->call_at(executor_, time->now() + settings_.disconnection_timeout(),
                              [wire] { wire->abort(); });
    try {
        if (outbox_) {
            outbox_->finish(*condition);
            while (writing_) co_await changed_.wait();
        } else {
            co_await wire->close_stream(*condition);
        }
        said_goodbye_ = !writer_failure_;
    } catch (const std::exception& failed) {
        observers.log(log_level::debug, "the stream could not be closed: {}", failed.what());
    }
}

}  // namespace xmpp::detail
