#include "dispatch/timed_handlers.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace xmpp::detail {

timed_handlers::timed_handlers(asio::any_io_executor executor, std::shared_ptr<clock> time,
                               const trace& observers)
    : executor_(std::move(executor)), clock_(std::move(time)), observers_(observers) {}

void timed_handlers::add(handler_id id, std::chrono::milliseconds period,
                         std::function<bool()> handler) {
    auto timed = std::make_shared<entry>();
    timed->period = std::max(period, std::chrono::milliseconds(1));
    timed->handler = std::move(handler);
    timed->due = clock_->now() + timed->period;
    if (started_) arm(id, *timed);
    entries_.emplace(id, std::move(timed));
}

void timed_handlers::start() {
    started_ = true;
    const auto now = clock_->now();
    for (const auto& [id, timed] : entries_) {
        if (timed->due <= now)
            timed->due += (1 + (now - timed->due) / timed->period) * timed->period;
        arm(id, *timed);
    }
}

void timed_handlers::stop() noexcept {
    started_ = false;
    for (const auto& [id, timed] : entries_) timed->timer.reset();
}

void timed_handlers::remove(handler_id id) {
    entries_.erase(id);
}
void timed_handlers::clear() {
    entries_.clear();
}

void timed_handlers::arm(handler_id id, entry& timed) {
    timed.timer = clock_->call_at(executor_, timed.due, [this, id] { fire(id); });
}

void timed_handlers::fire(handler_id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    const auto timed = found->second;  // the handler may remove itself
    bool keep = true;
    try {
        keep = timed->handler();
    } catch (...) {
        observers_.log(log_level::error, "a timed handler threw: {}",
                       describe(std::current_exception()));
    }
    // The handler may have destroyed all of this object's world but for what `timed` holds.
    if (timed.use_count() == 1) return;
    if (!keep) {
        entries_.erase(id);
        return;
    }
    // From the due time, not from now: the period doesn't drift. A clock that jumped is caught up.
    timed->due = std::max(timed->due + timed->period, clock_->now());
    if (started_) arm(id, *timed);
}

}  // namespace xmpp::detail
