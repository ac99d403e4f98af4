#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "login/negotiation_io.hpp"
#include "session/run.hpp"

#include <fmt/format.h>

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
task<> run::run_stream(std::shared_ptr<link> current) {
    const auto wire = current->wire();
    for (;;) {
        if (should_pause()) {
            current->suspend_reading();
            while (should_pause() && !current->dropped()) co_await session_->relieved->wait();
            if (!reconnecting()) current->resume_reading();
        }
        const auto received = co_await wire->read();
        if (!received) co_return;
        throw_if_stream_error(*received);
        receive(*received);
    }
}

bool run::should_pause() const {
    // What is left on a link that has broken is read as far as the hard bound lets it.
    const bool urgent = requests_.awaited() || link_->write_failure();
    return is<established>() &&
           (session_->stanza_handlers.want_pause(urgent) || delivery_->wants_pause(urgent));
}

void run::receive(const stanza& received) {
    receipt open;
    if (delivery_->takes(received, open)) {
        link_->manage(delivery_->managed());
        return;
    }
    // What servers say to each other (jabber:server) is no stanza here.
    if (received.kind() == stanza_kind::other || received->ns() != ns::client) {
        throw error(stream_condition::unsupported_stanza_type,
                    "the server sent an element that is no stanza");
    }
    if (requests_.accept(received, user()) || link_->takes(received, user())) return;
    if (!is<established>()) return;  // disconnect() was called: nobody listens any more
    if (is_component() && received->attr("from").empty()) {
        observers().log(log_level::warning, "ignoring a <{}> from nobody", received->name());
        return;
    }
    if (received.kind() == stanza_kind::iq) return receive_request(received, open);
    session_->stanza_handlers.dispatch(received, open);
}

// RFC 6120 8.2.3: a request has exactly one child, and gets exactly one reply; a reply gets none.
void run::receive_request(const stanza& request, const receipt& open) {
    const auto type = request.type();
    if (type == "result" || type == "error") {
        observers().log(log_level::debug, "a reply to no request of ours, id '{}'", request.id());
        session_->stanza_handlers.dispatch(request, open);
        return;
    }
    if (request.id().empty()) {
        observers().log(log_level::warning, "ignoring an IQ without id");
        return;
    }
    if ((type != "get" && type != "set") || count_children(request.root()) != 1) {
        answer(request, error_reply(request, stanza_error("bad-request")));
        return;
    }
    // Whoever asked over an earlier stream waits no more.
    auto reply = [weak = weak_from_this(), asked = requests_.stream(), request](builder result) {
        const auto self = weak.lock();
        if (self && self->requests_.stream() == asked) self->answer(request, std::move(result));
    };
    auto failed = [weak = weak_from_this()](const std::exception_ptr& failure) {
        const auto self = weak.lock();
        if (!self) return;
        self->observers().log(log_level::error, "a responder threw: {}", describe(failure));
    };
    const bool answered =
        session_->iq_responders.answer(request, open, std::move(reply), std::move(failed));
    const auto result = session_->stanza_handlers.dispatch(request, open);
    if (answered || result == dispatched::taken) return;
    answer(request, error_reply(request, stanza_error(result == dispatched::failed
                                                          ? "internal-server-error"
                                                          : "service-unavailable")));
}

/// Whoever asked gets a reply, be it that there is one which our server lets nobody have: the
/// condition is that of XEP-0478 section 3.
void run::answer(const stanza& request, builder reply) {
    if (!accepts()) return;
    const auto failure = submit_answer(std::move(reply));
    if (failure != errc::stanza_too_large) return;
    // A failure of this one is in the log, and nothing is left to try.
    static_cast<void>(submit_answer(error_reply(
        request, stanza_error("policy-violation", "the answer is larger than my server allows"))));
}

std::error_code run::submit_answer(builder reply) {
    try {
        submit(std::move(reply));
    } catch (const error& failure) {
        observers().log(log_level::error, "a reply could not be sent: {}", failure.what());
        return failure.code();
    }
    return {};
}

void run::leave_with_presence(const std::string& reason) {
    auto farewell = presence().type("unavailable");
    if (!reason.empty()) farewell.status(reason);
    try {
        const auto xml = std::move(farewell).take();
        delivery_->check_size(xml);
        delivery_->farewell(xml);
    } catch (const error& failure) {
        observers().log(log_level::warning, "leaving without presence: {}", failure.what());
    }
}

/// Queues the farewell; the reader goes on until the server has answered it, or until the deadline.
void run::leave(const std::string& reason) {
    const auto limit = settings().disconnection_timeout();
    state_ = closing{time().call_at(session_->executor, time().now() + limit, [this, limit] {
        end(ending::overdue,
            std::make_exception_ptr(
                error(errc::disconnect_timeout, fmt::format("waited {} ms", limit.count()))));
    })};
    session_->timers.stop();
    report(status(status_code::disconnecting, reason));
    if (auto* const owned = link_->wire()->shared()) {
        owned->leave(reason);
    } else if (!is_component()) {
        leave_with_presence(reason);
    }
    delivery_->closing();
    link_->out()->finish({});
    session_->relieved->pulse();
}

/// Closes our side of a stream that is left, or that is broken; bounded.
task<> run::close_stream(const failure& why) {
    auto stream_error = closing_error(why);
    if (!link_ || !stream_error) co_return;
    const auto current = link_;
    try {
        co_await current->close(std::move(*stream_error));
    } catch (const std::exception& failed) {
        observers().log(log_level::debug, "the stream could not be closed: {}", failed.what());
    }
}

}  // namespace xmpp::detail
