#include <xmpp/error.hpp>

#include "address/received_jid.hpp"
#include "base/crypto/crypto.hpp"
#include "sasl/resource.hpp"
#include "session/run.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace xmpp::detail {
namespace {

/// A request in its coroutine's frame: waits for the reply, the deadline or the session's end.
class pending_reply final : public reply_waiter {
 public:
    pending_reply(const asio::any_io_executor& executor, reply_table& table, stanza_kind kind,
                  std::string_view id, std::string_view to)
        : done_(executor), entry_(table, kind, id, to, *this) {}

    void complete(const stanza& reply) override {
        reply_ = reply;
        done_.set();
    }
    void fail(std::exception_ptr reason) override {
        failure_ = std::move(reason);
        done_.set();
    }

    task<> wait() { return done_.wait(); }
    stanza take() {
        if (failure_) std::rethrow_exception(failure_);
        if (reply_->type() == "error") throw stanza_error(*reply_);
        const auto payload = reply_->root().children();
        const bool several = reply_->kind() == stanza_kind::iq &&
                             payload.begin() != payload.end() &&
                             std::next(payload.begin()) != payload.end();
        if (several) throw error(errc::bad_format, "the result has more than one payload");
        return std::move(*reply_);
    }

 private:
    event done_;
    std::optional<stanza> reply_;
    std::exception_ptr failure_;
    reply_table::entry entry_;
};

}  // namespace

void run::require(phase wanted) const {
    if (where() == wanted) return;
    throw error(errc::not_connected, is<closing>() ? "the session is being closed"
                                                   : "connect() first, and wait for CONNECTED");
}

bool run::accepts() const noexcept {
    const auto now = where();
    return now == phase::established || (reconnecting() && now != phase::ending);
}

void run::require_accepting() const {
    if (draining_) throw error(errc::not_connected, "drain() was called");
    if (!accepts()) require(phase::established);
}

std::uint64_t run::submit(builder element) {
    if (is_component()) sign(element);
    return delivery_->submit(std::move(element).take());
}

/// Says for whom a component's stanza speaks. A server ends the stream over an address that is not
/// the component's, and with it everybody's session who is behind it: such a stanza does not leave.
void run::sign(builder& element) const {
    const auto from = element.from();
    if (from.empty()) {
        element.set_root_attr("from", user().str());
        return;
    }
    const auto sender = received_jid(from);
    if (sender && sender->domain() == user().domain()) return;
    throw error(stream_condition::invalid_from,
                fmt::format("'{}' is no address at {}, which is all that this component may speak "
                            "for",
                            from, user().domain()));
}

/// What waits waits no more when nothing can be sent any longer.
void run::throw_if_send_failed() const {
    if (accepts() && !send_failure_ && !draining_) return;
    if (send_failure_) std::rethrow_exception(send_failure_);
    require(phase::established);
    throw error(errc::disconnected, "the session ended");
}

/// Returns when submit() can be called.
task<> run::make_room() {
    require_accepting();
    while (delivery_->congested()) {
        co_await delivery_->progress()->wait();
        throw_if_send_failed();
    }
}

task<> run::acknowledged(std::uint64_t number) {
    if (delivery_->confirms()) {
        link_->wire()->http()->ask_to_confirm();
        co_await delivery::arrived_there(delivery_);
        co_return;
    }
    if (number == 0) throw error(errc::not_supported, "only stanzas are acknowledged");
    co_await delivery::acknowledged(delivery_, number);
}

task<> run::flush() {
    require_accepting();
    bool written = false;
    while (!written) {
        while (reconnecting()) {
            co_await delivery_->progress()->wait();
            throw_if_send_failed();
        }
        const auto out = link_->out();
        const auto target = out->accepted();
        while (out->written() < target && !out->closed()) {
            co_await delivery_->progress()->wait();
            throw_if_send_failed();
        }
        written = out->written() >= target;
    }
}

bool run::drained() const {
    if (!connected()) return false;
    const auto& out = *link_->out();
    return out.written() >= out.accepted() && delivery_->settled() && !delivery_->holds_messages();
}

task<bool> run::drain(std::chrono::milliseconds limit, std::string reason) {
    require_accepting();
    const auto progress = delivery_->progress();
    bool late = false;
    auto expire = [&late, progress] {
        late = true;
        progress->pulse();
    };
    const auto deadline = time().call_at(session_->executor, time().now() + limit, expire);
    draining_ = true;
    while (!late && !drained() && accepts()) co_await progress->wait();
    const bool all = drained();
    co_await disconnect(std::move(reason));
    co_return all;
}

// RFC 6120 8.2.3: a request, and the one reply that it gets.
task<stanza> run::request(stanza_kind kind, builder element, std::chrono::milliseconds timeout) {
    require_accepting();
    if (element.id().empty()) element.set_id(random_id());
    pending_reply reply(session_->executor, requests_.replies(), kind, element.id(), element.to());

    auto expire = [&reply, timeout] {
        reply.fail(std::make_exception_ptr(
            error(errc::iq_timeout, fmt::format("waited {} ms for the reply", timeout.count()))));
    };
    const auto deadline = time().call_at(session_->executor, time().now() + timeout, expire);

    co_await make_room();
    submit(std::move(element));
    session_->relieved->pulse();  // reading goes on while a reply is awaited
    co_await reply.wait();
    co_return reply.take();
}

void run::pause() {
    if (!link_ || !link_->out()) return;
    paused_ = true;
    link_->out()->pause();
}

void run::resume() {
    paused_ = false;
    if (link_ && link_->out()) link_->out()->resume();
}

task<> run::bind(std::string resource) {
    require(phase::binding);
    check_resource(resource);
    std::get<binding>(state_).resource = std::move(resource);
    session_->changed->pulse();
    while (is<binding>() || logging_in()) co_await session_->changed->wait();
    throw_unless_up();
}

// RFC 6120 4.4, preceded by the unavailable presence of RFC 6121 4.5.
task<> run::disconnect(std::string reason) {
    if (over()) co_return;
    reason = sendable_text(reason);
    if (is<established>()) {
        leave(reason);
    } else if (logging_in() || is<binding>()) {
        report(status(status_code::disconnecting, reason));
        end(ending::disconnected);
    }
    while (!over()) co_await session_->changed->wait();
    if (ending_.why == ending::closed) std::rethrow_exception(send_failure_);
}

xmpp::health run::health() const {
    const auto& counts = session_->counts;
    xmpp::health now;
    now.last_received = counts.bytes.last_received;
    now.last_acknowledgement = delivery_->last_acknowledgement();
    now.round_trip = delivery_->round_trip();
    if (link_ && link_->out()) now.queued_bytes = link_->out()->queued();
    now.unacked_stanzas = delivery_->unacked().size() + delivery_->held().size();
    now.unacked_bytes = delivery_->unacked().bytes() + delivery_->held().bytes();
    now.pending_requests = requests_.size();
    now.bytes_received = counts.bytes.bytes_received;
    now.bytes_sent = counts.bytes.bytes_sent;
    now.stanzas_received = counts.stanzas.received;
    now.stanzas_sent = counts.stanzas.sent;
    now.stanzas_resent = counts.stanzas.resent;
    now.reconnects = counts.reconnects;
    now.resumptions = counts.resumptions;
    return now;
}

}  // namespace xmpp::detail
