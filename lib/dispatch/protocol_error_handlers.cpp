#include "dispatch/protocol_error_handlers.hpp"

#include <exception>
#include <utility>

namespace xmpp::detail {

void protocol_error_handlers::add(handler_id id, protocol which, int number, function handler) {
    auto added = std::make_shared<entry>();
    added->id = id;
    added->which = which;
    added->number = number;
    added->handler = std::move(handler);
    entries_.push_back(std::move(added));
}

void protocol_error_handlers::remove(handler_id id) {
    std::erase_if(entries_, [id](const std::shared_ptr<entry>& each) {
        if (each->id == id) each->removed = true;
        return each->removed;
    });
}

void protocol_error_handlers::clear() {
    for (const auto& each : entries_) each->removed = true;
    entries_.clear();
}

void protocol_error_handlers::call(const protocol_error& failure) const {
    const auto present = entries_;  // who is added meanwhile sees the next
    const auto& log = log_;
    for (const auto& each : present) {
        const bool meant = each->which == failure.which() && each->number == failure.number();
        if (!meant || each->removed) continue;
        try {
            each->handler(failure);
        } catch (...) {
            log.log(log_level::error, "a handler of protocol errors threw: {}",
                    describe(std::current_exception()));
        }
    }
}

}  // namespace xmpp::detail
