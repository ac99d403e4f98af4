#pragma once

#include <xmpp/status.hpp>

#include "dispatch/item_queue.hpp"

namespace xmpp::detail {

/// The statuses of one connect(), bounded for a consumer that never pulls: the oldest are forgotten
/// first, those that end a session never.
class status_feed final : public item_queue<status> {
 public:
    using item_queue::item_queue;

    void report(status step);

 private:
    static constexpr std::size_t capacity = 64;
};

}  // namespace xmpp::detail
