#include "dispatch/handlers.hpp"

#include "base/spawn.hpp"

#include <algorithm>
#include <utility>

namespace xmpp::detail {

class handlers::consumer {
 public:
    explicit consumer(match which) : which(std::move(which)) {}
    consumer(const consumer&) = delete;
    consumer& operator=(const consumer&) = delete;
    virtual ~consumer() = default;

    /// False when it failed.
    virtual bool deliver(const std::shared_ptr<consumer>& self, const stanza& received,
                         const receipt& open) = 0;
    virtual bool wants_pause(bool) const { return false; }
    /// True for a consumer whose time ends with the session.
    virtual bool end_with_session(const std::exception_ptr&) { return false; }
    virtual void abort(const std::exception_ptr&) {}
    virtual bool gone() const { return removed; }
    virtual void remove() { removed = true; }

    match which;
    handler_id id{};
    bool removed = false;
};

class handlers::plain_handler final : public consumer {
 public:
    plain_handler(match which, std::function<bool(const stanza&)> handler, const trace& observers)
        : consumer(std::move(which)), handler_(std::move(handler)), observers_(observers) {}

    bool deliver(const std::shared_ptr<consumer>&, const stanza& received,
                 const receipt&) override {
        try {
            if (!handler_(received)) removed = true;
            return true;
        } catch (...) {
            observers_.log(log_level::error, "a stanza handler threw: {}",
                           describe(std::current_exception()));
            return false;
        }
    }

 private:
    std::function<bool(const stanza&)> handler_;
    const trace& observers_;
};

/// A coroutine is called for one stanza at a time; the others wait in a queue.
class handlers::coroutine_handler final : public consumer {
 public:
    coroutine_handler(match which, std::function<task<bool>(stanza)> handler,
                      std::shared_ptr<stanza_queue> queue, asio::any_io_executor executor,
                      std::function<void(std::exception_ptr)> report)
        : consumer(std::move(which)),
          handler_(std::move(handler)),
          queue_(std::move(queue)),
          executor_(std::move(executor)),
          report_(std::move(report)) {}

    bool deliver(const std::shared_ptr<consumer>& self, const stanza& received,
                 const receipt& open) override {
        queue_->deliver(received, open);
        if (!std::exchange(running_, true)) {
            spawn(executor_, run(std::static_pointer_cast<coroutine_handler>(self)),
                  [](const std::exception_ptr&) {});
        }
        return true;
    }
    bool wants_pause(bool reply_awaited) const override {
        return queue_->wants_pause(reply_awaited);
    }
    bool gone() const override { return removed || queue_->closed(); }
    void remove() override {
        removed = true;
        queue_->drop();
    }

 private:
    // What the handler captured lives as long as this frame, removed or not.
    static task<> run(std::shared_ptr<coroutine_handler> self) {
        while (self->queue_->has_items()) {
            auto received = co_await self->queue_->next();
            std::exception_ptr failure;
            bool keep = true;
            try {
                keep = co_await self->handler_(std::move(*received));
            } catch (...) {
                failure = std::current_exception();
            }
            self->queue_->done();
            if (self->removed) co_return;
            if (failure) self->report_(failure);
            if (!keep) self->remove();
        }
        self->running_ = false;
    }

    std::function<task<bool>(stanza)> handler_;
    std::shared_ptr<stanza_queue> queue_;
    asio::any_io_executor executor_;
    std::function<void(std::exception_ptr)> report_;
    bool running_ = false;
};

class handlers::subscription final : public consumer {
 public:
    subscription(match which, std::shared_ptr<stanza_queue> queue)
        : consumer(std::move(which)), queue_(std::move(queue)) {}

    bool deliver(const std::shared_ptr<consumer>&, const stanza& received,
                 const receipt& open) override {
        queue_->deliver(received, open);
        return true;
    }
    bool wants_pause(bool reply_awaited) const override {
        return queue_->wants_pause(reply_awaited);
    }
    bool end_with_session(const std::exception_ptr& reason) override {
        queue_->close(reason);
        return true;
    }
    void abort(const std::exception_ptr& reason) override { queue_->abort(reason); }
    bool gone() const override { return removed || queue_->closed(); }
    void remove() override {
        removed = true;
        queue_->close();
    }

 private:
    std::shared_ptr<stanza_queue> queue_;
};

handlers::handlers(asio::any_io_executor executor, stanza_queue::limits bounds,
                   const trace& observers, std::function<void()> relieved)
    : executor_(std::move(executor)),
      bounds_(bounds),
      observers_(observers),
      relieved_(std::move(relieved)) {}

handlers::~handlers() {
    clear();
}

handler_id handlers::add(std::shared_ptr<consumer> added) {
    added->id = next_id();
    consumers_.push_back(std::move(added));
    return consumers_.back()->id;
}

handler_id handlers::add(match which, std::function<bool(const stanza&)> handler) {
    return add(std::make_shared<plain_handler>(std::move(which), std::move(handler), observers_));
}

handler_id handlers::add(match which, std::function<task<bool>(stanza)> handler) {
    auto report = [this](const std::exception_ptr& failure) {
        observers_.log(log_level::error, "a stanza handler threw: {}", describe(failure));
    };
    return add(std::make_shared<coroutine_handler>(
        std::move(which), std::move(handler),
        std::make_shared<stanza_queue>(executor_, bounds_, relieved_), executor_,
        std::move(report)));
}

std::shared_ptr<stanza_queue> handlers::subscribe(match which) {
    auto queue = std::make_shared<stanza_queue>(executor_, bounds_, relieved_);
    add(std::make_shared<subscription>(std::move(which), queue));
    return queue;
}

void handlers::remove(handler_id id) {
    for (const auto& each : consumers_) {
        if (each->id == id) each->remove();
    }
    sweep();
}

void handlers::clear() {
    for (const auto& each : consumers_) each->remove();
    sweep();
}

dispatched handlers::dispatch(const stanza& received, const receipt& open) {
    auto result = dispatched::unclaimed;
    ++dispatching_;
    // By index: a handler may add others, which are to see the next stanza only.
    const auto count = consumers_.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto each = consumers_[i];
        if (each->gone() || !each->which.matches(received)) continue;
        const bool well = each->deliver(each, received, open);
        if (each->which.answers_for(received)) {
            result = std::max(result, well ? dispatched::taken : dispatched::failed);
        }
    }
    --dispatching_;
    sweep();
    return result;
}

bool handlers::want_pause(bool reply_awaited) const {
    return std::any_of(consumers_.begin(), consumers_.end(), [&](const auto& each) {
        return !each->gone() && each->wants_pause(reply_awaited);
    });
}

void handlers::end_subscriptions(const std::exception_ptr& reason) {
    for (const auto& each : consumers_) {
        if (each->end_with_session(reason)) each->removed = true;
    }
    sweep();
}

void handlers::abort_subscriptions(const std::exception_ptr& reason) {
    for (const auto& each : consumers_) each->abort(reason);
}

void handlers::sweep() {
    if (dispatching_ > 0) return;
    std::erase_if(consumers_, [](const auto& each) { return each->gone(); });
}

}  // namespace xmpp::detail
