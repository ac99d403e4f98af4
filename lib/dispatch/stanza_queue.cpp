#include "dispatch/stanza_queue.hpp"

#include <xmpp/error.hpp>

#include <exception>
#include <utility>

namespace xmpp::detail {

stanza_queue::stanza_queue(const asio::any_io_executor& executor, limits bounds,
                           std::function<void()> relieved)
    : item_queue(executor), bounds_(bounds), relieved_(std::move(relieved)) {}

void stanza_queue::deliver(const stanza& received, receipt open) {
    if (closed()) return;
    const bool full = !items_.empty() && reached(bounds_.soft);
    if (full && bounds_.policy == overflow::fail) {
        close(std::make_exception_ptr(
            error(errc::queue_overflow, "the consumer of a subscription was too slow")));
        return;
    }
    while (bounds_.policy == overflow::drop_oldest && !items_.empty() && reached(bounds_.soft)) {
        bytes_ -= items_.front().memory();
        items_.pop_front();
        take_receipt();
    }
    add_receipt(std::move(open));
    bytes_ += received.memory();
    push(received);
    crowded_ = crowded_ || reached(bounds_.soft);
}

task<std::optional<stanza>> stanza_queue::next() {
    done();
    return item_queue::next();
}

bool stanza_queue::wants_pause(bool reply_awaited) const noexcept {
    if (bounds_.policy != overflow::pause) return false;
    return reached(reply_awaited ? bounds_.hard : bounds_.soft);
}

/// Before the stanza is pushed.
void stanza_queue::add_receipt(receipt open) {
    if (receipts_.empty() && !open) return;
    receipts_.resize(items_.size());
    receipts_.push_back(std::move(open));
}

receipt stanza_queue::take_receipt() noexcept {
    if (receipts_.empty()) return {};
    auto open = std::move(receipts_.front());
    receipts_.pop_front();
    return open;
}

void stanza_queue::taken(const stanza& next) noexcept {
    bytes_ -= next.memory();
    in_hand_ = take_receipt();
    // Half empty before reading goes on, so that a slow consumer does not toggle it per stanza.
    const bound half{bounds_.soft.stanzas / 2 + 1, bounds_.soft.bytes / 2 + 1};
    if (!crowded_ || reached(half)) return;
    crowded_ = false;
    if (bounds_.policy == overflow::pause) relieved_();
}

void stanza_queue::emptied() noexcept {
    bytes_ = 0;
    receipts_.clear();
    done();
    relieved_();
}

}  // namespace xmpp::detail
