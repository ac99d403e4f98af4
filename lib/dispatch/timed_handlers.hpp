#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/handler.hpp>

#include "transport/trace.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace xmpp::detail {

/// Functions that are called again and again while the session is established. Between sessions
/// nothing waits for them: a context that has nothing else to do comes to its end.
class timed_handlers {
 public:
    timed_handlers(asio::any_io_executor executor, std::shared_ptr<clock> time,
                   const trace& observers);

    void add(handler_id id, std::chrono::milliseconds period, std::function<bool()> handler);
    void remove(handler_id id);
    void clear();

    /// A session is up: each is due when its period, counted from add(), comes round again.
    void start();
    void stop() noexcept;

 private:
    struct entry {
        std::chrono::milliseconds period;
        std::function<bool()> handler;
        clock::time_point due;
        std::unique_ptr<clock::timer> timer;
    };

    void arm(handler_id id, entry& timed);
    void fire(handler_id id);

    asio::any_io_executor executor_;
    std::shared_ptr<clock> clock_;
    const trace& observers_;
    bool started_ = false;
    std::map<handler_id, std::shared_ptr<entry>> entries_;
};

}  // namespace xmpp::detail
