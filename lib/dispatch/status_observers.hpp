#pragma once

#include <xmpp/handler.hpp>
#include <xmpp/status.hpp>

#include "dispatch/registry.hpp"
#include "dispatch/status_feed.hpp"
#include "transport/trace.hpp"

#include <asio/any_io_executor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace xmpp::detail {

/// Who watches the statuses of a connection, and the way of a status to them and then into the
/// sequence of connect().
///
/// Where there are observers, a status takes that way in a turn of its own: they may do anything
/// with the connection, and none of it happens in the middle of a step of the session.
class status_observers : public std::enable_shared_from_this<status_observers> {
 public:
    /// `log` must live until clear() was called.
    status_observers(asio::any_io_executor executor, const trace& log);

    void add(handler_id id, std::function<void(const status&)> observer) {
        observers_.add(id, std::move(observer));
    }
    /// Effective at once, also from inside an observer.
    void remove(handler_id id) { observers_.remove(id); }
    /// For good: forgets observers and what is on its way.
    void clear();

    /// The next status of a session, and the end of its sequence.
    void report(const std::shared_ptr<status_feed>& feed, status step);
    void close(const std::shared_ptr<status_feed>& feed);
    /// Calls what is told of between statuses, behind those that were reported before.
    void call(std::function<void()> told);

 private:
    struct delivery {
        std::shared_ptr<status_feed> feed;
        std::optional<status> step;  // none: the sequence ends
        std::function<void()> told;  // instead of both
    };

    void enqueue(delivery next);
    void deliver_all();
    void notify(const status& step);
    static void hand_over(delivery& next);

    asio::any_io_executor executor_;
    const trace& log_;
    registry<std::function<void(const status&)>> observers_;
    std::deque<delivery> waiting_;
    bool scheduled_ = false;
    bool cleared_ = false;
};

}  // namespace xmpp::detail
