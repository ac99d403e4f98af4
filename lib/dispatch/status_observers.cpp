#include "dispatch/status_observers.hpp"

#include "base/spawn.hpp"

#include <exception>
#include <utility>

namespace xmpp::detail {

status_observers::status_observers(asio::any_io_executor executor, const trace& log)
    : executor_(std::move(executor)), log_(log) {}

void status_observers::clear() {
    cleared_ = true;
    waiting_.clear();
    observers_.clear();
}

void status_observers::report(const std::shared_ptr<status_feed>& feed, status step) {
    enqueue({feed, std::move(step), nullptr});
}

void status_observers::close(const std::shared_ptr<status_feed>& feed) {
    enqueue({feed, std::nullopt, nullptr});
}

void status_observers::call(std::function<void()> told) {
    enqueue({nullptr, std::nullopt, std::move(told)});
}

void status_observers::enqueue(delivery next) {
    // What was reported before goes first, even if its observers have left.
    if (waiting_.empty() && !scheduled_ && observers_.empty()) return hand_over(next);
    waiting_.push_back(std::move(next));
    if (scheduled_) return;
    scheduled_ = true;
    post(executor_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->deliver_all();
    });
}

void status_observers::deliver_all() {
    while (!waiting_.empty()) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        if (next.step) notify(*next.step);
        hand_over(next);
    }
    scheduled_ = false;
}

void status_observers::notify(const status& step) {
    observers_.for_each([&](const std::function<void(const status&)>& observer) {
        try {
            observer(step);
        } catch (...) {
            if (cleared_) return;  // the log has gone with the connection
            log_.log(log_level::error, "a status observer threw: {}",
                     describe(std::current_exception()));
        }
    });
}

void status_observers::hand_over(delivery& next) {
    if (next.told) {
        next.told();
    } else if (next.step) {
        next.feed->report(std::move(*next.step));
    } else {
        next.feed->close();
    }
}

}  // namespace xmpp::detail
