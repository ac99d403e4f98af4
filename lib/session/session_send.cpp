#include <xmpp/error.hpp>

#include "base/crypto.hpp"
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
    if (phase_ == wanted) return;
    throw error(errc::not_connected, phase_ == phase::closing
                                         ? "the session is being closed"
                                         : "connect() first, and wait for CONNECTED");
}

void session::enqueue(builder element) {
    require(phase::established);
    if (is_component()) sign(element);
    link_->out()->push(std::move(element).take());
}

task<> session::send(std::shared_ptr<session> self, builder element) {
    self->require(phase::established);
    const auto out = self->link_->out();
    if (out->full()) co_await out->room();
    self->require(phase::established);
    self->enqueue(std::move(element));
}

task<> session::flush(std::shared_ptr<session> self) {
    self->require(phase::established);
    const auto out = self->link_->out();
    co_await out->flushed();
}

// RFC 6120 8.2.3: a request, and the one reply that it gets.
task<stanza> session::request(std::shared_ptr<session> self, stanza_kind kind, builder element,
                              std::chrono::milliseconds timeout) {
    self->require(phase::established);
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
