#pragma once

#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>

#include "session/item_queue.hpp"

#include <cstddef>
#include <functional>

namespace xmpp::detail {

/// The stanzas that wait for one consumer, bounded by its overflow policy.
class stanza_queue final : public item_queue<stanza> {
 public:
    struct limits {
        std::size_t soft;
        std::size_t hard;
        overflow policy;
    };

    /// `relieved` is called when the queue no longer asks for a pause.
    stanza_queue(const asio::any_io_executor& executor, limits bounds,
                 std::function<void()> relieved);

    /// Takes a stanza, or does what the policy says at the bound.
    void deliver(const stanza& received);

    /// Reading should stop for this consumer's sake: with `reply_awaited` only at the hard bound,
    /// because a consumer that waits for a reply can't take anything before it has come.
    bool wants_pause(bool reply_awaited) const noexcept;

 private:
    void taken() noexcept override;

    limits bounds_;
    std::function<void()> relieved_;
};

}  // namespace xmpp::detail
