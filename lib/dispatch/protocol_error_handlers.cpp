#include "dispatch/protocol_error_handlers.hpp"

#include <exception>

namespace xmpp::detail {

void protocol_error_handlers::call(const protocol_error& failure) const {
    const auto& log = log_;  // a handler may destroy this
    entries_.for_each([&](const entry& each) {
        if (each.which != failure.which() || each.number != failure.number()) return;
        try {
            each.handler(failure);
        } catch (...) {
            log.log(log_level::error, "a handler of protocol errors threw: {}",
                    describe(std::current_exception()));
        }
    });
}

}  // namespace xmpp::detail
