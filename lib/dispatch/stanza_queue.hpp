#pragma once

#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>

#include "dispatch/item_queue.hpp"
#include "dispatch/receipt.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

namespace xmpp::detail {

/// The stanzas that wait for one consumer, bounded in number and in bytes by its overflow policy.
class stanza_queue final : public item_queue<stanza> {
 public:
    struct bound {
        std::size_t stanzas;
        std::size_t bytes;
    };
    struct limits {
        bound soft;
        bound hard;
        overflow policy;
    };

    /// `relieved` is called when the queue no longer asks for a pause.
    stanza_queue(const asio::any_io_executor& executor, limits bounds,
                 std::function<void()> relieved);

    /// Takes a stanza, or does what the policy says at the bound. `open` is held until the consumer
    /// is done with the stanza.
    void deliver(const stanza& received, receipt open);

    task<std::optional<stanza>> next() override;
    /// The consumer is done with what it took last; next() implies it.
    void done() noexcept { in_hand_ = receipt(); }

    /// Reading should stop for this consumer's sake: with `reply_awaited` only at the hard bound,
    /// because a consumer that waits for a reply can't take anything before it has come.
    bool wants_pause(bool reply_awaited) const noexcept;

 private:
    void taken(const stanza& next) noexcept override;
    void emptied() noexcept override;
    void add_receipt(receipt open);
    receipt take_receipt() noexcept;
    bool reached(const bound& limit) const noexcept {
        return items_.size() >= limit.stanzas || (bytes_ > 0 && bytes_ >= limit.bytes);
    }

    limits bounds_;
    std::deque<receipt> receipts_;  // one for each of items_, or none at all
    receipt in_hand_;
    std::size_t bytes_ = 0;  // of what waits
    bool crowded_ = false;   // the soft bound was reached, and less than half of it not yet
    std::function<void()> relieved_;
};

}  // namespace xmpp::detail
