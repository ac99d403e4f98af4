#include <xmpp/error.hpp>

#include "base/crypto/crypto.hpp"
#include "session/session.hpp"

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

void session::require(phase wanted) const {
    if (where() == wanted) return;
    throw error(errc::not_connected, phase_ == phase::closing
                                         ? "the session is being closed"
                                         : "connect() first, and wait for CONNECTED");
}

bool session::accepts() const noexcept {
    const auto now = where();
    return now == phase::established || (reconnecting_ && now != phase::ending);
}

void session::require_accepting() const {
    if (draining_) throw error(errc::not_connected, "drain() was called");
    if (!accepts()) require(phase::established);
}

std::uint64_t session::submit(builder element) {
    if (is_component()) sign(element);
    return delivery_->submit(std::move(element).take());
}

void session::enqueue(builder element) {
    require_accepting();
    submit(std::move(element));
}

/// What waits in session `epoch` waits no more when that can't send any longer.
void session::throw_if_past(std::uint64_t epoch) const {
    if (epoch_ == epoch && accepts() && !past_ && !draining_) return;
    if (epoch_ == epoch && past_) std::rethrow_exception(past_);
    if (epoch_ == epoch) require(phase::established);
    throw error(errc::disconnected, "the session ended");
}

/// Returns when submit() can be called.
task<> session::make_room(std::shared_ptr<session> self) {
    self->require_accepting();
    const auto epoch = self->epoch_;
    while (self->delivery_->congested()) {
        co_await self->delivery_->progress()->wait();
        self->throw_if_past(epoch);
    }
}

task<> session::send(std::shared_ptr<session> self, builder element) {
    co_await make_room(self);
    self->submit(std::move(element));
}

task<> session::send_acked(std::shared_ptr<session> self, builder element) {
    co_await make_room(self);
    if (!self->delivery_->acknowledges()) {
        throw error(errc::not_supported, "the server does not acknowledge stanzas (XEP-0198)");
    }
    const auto number = self->submit(std::move(element));
    if (self->delivery_->confirms()) {
        self->link_->wire()->ask_to_confirm();
        co_await delivery::arrived_there(self->delivery_);
        co_return;
    }
    if (number == 0) throw error(errc::not_supported, "only stanzas are acknowledged");
    co_await delivery::acknowledged(self->delivery_, number);
}

task<> session::flush(std::shared_ptr<session> self) {
    self->require_accepting();
    const auto epoch = self->epoch_;
    bool written = false;
    while (!written) {
        while (self->reconnecting_) {
            co_await self->delivery_->progress()->wait();
            self->throw_if_past(epoch);
        }
        const auto out = self->link_->out();
        const auto target = out->accepted();
        while (out->written() < target && !out->closed()) {
            co_await self->delivery_->progress()->wait();
            self->throw_if_past(epoch);
        }
        written = out->written() >= target;
    }
}

bool session::drained() const {
    if (!connected()) return false;
    const auto& out = *link_->out();
    return out.written() >= out.accepted() && delivery_->settled() && !delivery_->holds_messages();
}

task<bool> session::drain(std::shared_ptr<session> self, std::chrono::milliseconds limit,
                          std::string reason) {
    self->require_accepting();
    const auto epoch = self->epoch_;
    const auto progress = self->delivery_->progress();
    bool late = false;
    auto expire = [&late, progress] {
        late = true;
        progress->pulse();
    };
    const auto& time = *self->settings_.time_source();
    const auto deadline =
        self->settings_.time_source()->call_at(self->executor_, time.now() + limit, expire);
    self->draining_ = true;
    while (!late && !self->drained() && self->epoch_ == epoch && self->accepts()) {
        co_await progress->wait();
    }
    const bool all = self->epoch_ == epoch && self->drained();
    if (self->epoch_ == epoch) co_await disconnect(self, std::move(reason));
    co_return all;
}

// RFC 6120 8.2.3: a request, and the one reply that it gets.
task<stanza> session::request(std::shared_ptr<session> self, stanza_kind kind, builder element,
                              std::chrono::milliseconds timeout) {
    self->require_accepting();
    if (element.id().empty()) element.set_id(random_id());
    pending_reply reply(self->executor_, self->replies_, kind, element.id(), element.to());

    auto expire = [&reply, timeout] {
        reply.fail(std::make_exception_ptr(
            error(errc::iq_timeout, fmt::format("waited {} ms for the reply", timeout.count()))));
    };
    const auto& time = *self->settings_.time_source();
    const auto deadline =
        self->settings_.time_source()->call_at(self->executor_, time.now() + timeout, expire);

    co_await send(self, std::move(element));
    self->relieved_->pulse();  // reading goes on while a reply is awaited
    co_await reply.wait();
    co_return reply.take();
}

void session::pause() {
    if (!link_ || !link_->out()) return;
    paused_ = true;
    link_->out()->pause();
}

void session::resume() {
    paused_ = false;
    if (link_ && link_->out()) link_->out()->resume();
}

}  // namespace xmpp::detail
