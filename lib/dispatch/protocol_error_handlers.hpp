#pragma once

#include <xmpp/handler.hpp>
#include <xmpp/protocol_error.hpp>

#include "dispatch/registry.hpp"
#include "transport/trace.hpp"

#include <functional>
#include <utility>

namespace xmpp::detail {

/// Who is called for failures below XMPP that have a number.
class protocol_error_handlers {
 public:
    using function = std::function<void(const protocol_error&)>;

    /// `log` must live until clear() was called.
    explicit protocol_error_handlers(const trace& log) : log_(log) {}

    void add(handler_id id, protocol which, int number, function handler) {
        entries_.add(id, {which, number, std::move(handler)});
    }
    /// Effective at once, also from inside a handler.
    void remove(handler_id id) { entries_.remove(id); }
    void clear() { entries_.clear(); }

    /// Calls the handlers of that number, in the order of their registration. One of them may do
    /// anything, destroying this too.
    void call(const protocol_error& failure) const;

 private:
    struct entry {
        protocol which;
        int number;
        function handler;
    };

    const trace& log_;
    registry<entry> entries_;
};

}  // namespace xmpp::detail
