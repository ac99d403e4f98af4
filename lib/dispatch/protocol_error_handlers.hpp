#pragma once

#include <xmpp/handler.hpp>
#include <xmpp/protocol_error.hpp>

#include "transport/trace.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace xmpp::detail {

/// Who is called for failures below XMPP that have a number.
class protocol_error_handlers {
 public:
    using function = std::function<void(const protocol_error&)>;

    /// `log` must live until clear() was called.
    explicit protocol_error_handlers(const trace& log) : log_(log) {}

    void add(handler_id id, protocol which, int number, function handler);
    /// Effective at once, also from inside a handler.
    void remove(handler_id id);
    void clear();

    /// Calls the handlers of that number, in the order of their registration. One of them may do
    /// anything, destroying this too.
    void call(const protocol_error& failure) const;

 private:
    struct entry {
        handler_id id;
        protocol which;
        int number;
        function handler;
        bool removed = false;
    };

    const trace& log_;
    std::vector<std::shared_ptr<entry>> entries_;
};

}  // namespace xmpp::detail
