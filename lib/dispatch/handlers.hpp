#pragma once

#include <xmpp/handler.hpp>
#include <xmpp/match.hpp>

#include "dispatch/receipt.hpp"
#include "dispatch/stanza_queue.hpp"
#include "transport/trace.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace xmpp::detail {

/// What became of a stanza that was dispatched.
enum class dispatched : std::uint8_t {
    unclaimed,  ///< nobody who selects its kind of stanza was there
    failed,     ///< all who were there threw
    taken,
};

/// Who gets the stanzas: handlers and subscriptions, in the order of their registration.
class handlers {
 public:
    /// `relieved` is called when a consumer that wanted a pause has caught up.
    handlers(asio::any_io_executor executor, stanza_queue::limits bounds, const trace& observers,
             std::function<void()> relieved);
    handlers(const handlers&) = delete;
    handlers& operator=(const handlers&) = delete;
    ~handlers();

    handler_id add(match which, std::function<bool(const stanza&)> handler);
    handler_id add(match which, std::function<task<bool>(stanza)> handler);
    std::shared_ptr<stanza_queue> subscribe(match which);
    void remove(handler_id id);
    void clear();

    /// An id that no handler bears.
    handler_id next_id() noexcept { return handler_id(++last_id_); }

    /// Delivers to all that match; `open` is held until each of them is done with it.
    dispatched dispatch(const stanza& received, const receipt& open);

    /// A consumer's queue is full.
    bool want_pause(bool reply_awaited) const;

    /// Ends the subscriptions; handlers stay for the next session.
    void end_subscriptions(const std::exception_ptr& reason);
    /// The same, and forgets what waits in them.
    void abort_subscriptions(const std::exception_ptr& reason);

 private:
    class consumer;
    class plain_handler;
    class coroutine_handler;
    class subscription;

    handler_id add(std::shared_ptr<consumer> added);
    void sweep();

    asio::any_io_executor executor_;
    stanza_queue::limits bounds_;
    const trace& observers_;
    std::function<void()> relieved_;
    std::vector<std::shared_ptr<consumer>> consumers_;
    std::uint64_t last_id_ = 0;
    unsigned dispatching_ = 0;
};

}  // namespace xmpp::detail
