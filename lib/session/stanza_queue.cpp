#include "session/stanza_queue.hpp"

#include <xmpp/error.hpp>

#include <exception>
#include <utility>

namespace xmpp::detail {

stanza_queue::stanza_queue(const asio::any_io_executor& executor, limits bounds,
                           std::function<void()> relieved)
    : item_queue(executor), bounds_(bounds), relieved_(std::move(relieved)) {}

void stanza_queue::deliver(const stanza& received) {
    const bool full = items_.size() >= bounds_.soft;
    if (full && bounds_.policy == overflow::drop_oldest) items_.pop_front();
    if (full && bounds_.policy == overflow::fail) {
        close(std::make_exception_ptr(
            error(errc::queue_overflow, "the consumer of a subscription was too slow")));
        return;
    }
    push(received);
}

bool stanza_queue::wants_pause(bool reply_awaited) const noexcept {
    if (bounds_.policy != overflow::pause) return false;
    return items_.size() >= (reply_awaited ? bounds_.hard : bounds_.soft);
}

void stanza_queue::taken() noexcept {
    // Half empty before reading goes on, so that a slow consumer does not toggle it per stanza.
    if (bounds_.policy == overflow::pause && items_.size() == bounds_.soft / 2) relieved_();
    if (dropped()) relieved_();
}

}  // namespace xmpp::detail
