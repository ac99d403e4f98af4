#include "base/event.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <system_error>

namespace xmpp::detail {

class event::state {
 public:
    explicit state(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}

    // Shares ownership: the event may be destroyed while a waiter is about to be resumed.
    static task<> wait(std::shared_ptr<state> self) {
        const auto pulses = self->pulses;
        while (!self->set && self->pulses == pulses) {
            std::error_code ignored;
            if (!self->abandoned) {
                co_await self->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
            const auto cancellation = co_await asio::this_coro::cancellation_state;
            const bool cancelled = cancellation.cancelled() != asio::cancellation_type::none;
            const bool passed = self->set || self->pulses != pulses;
            if (!passed && (cancelled || self->abandoned)) {
                throw std::system_error(asio::error::operation_aborted);
            }
        }
    }

    asio::steady_timer timer;
    std::uint64_t pulses = 0;
    bool set = false;
    bool abandoned = false;
};

event::event(const asio::any_io_executor& executor) : state_(std::make_shared<state>(executor)) {}

event::~event() {
    state_->abandoned = true;
    state_->timer.cancel();
}

void event::set() {
    state_->set = true;
    state_->timer.cancel();
}

void event::pulse() {
    ++state_->pulses;
    state_->timer.cancel();
}

void event::reset() noexcept {
    state_->set = false;
}
bool event::is_set() const noexcept {
    return state_->set;
}
task<> event::wait() {
    return state::wait(state_);
}

}  // namespace xmpp::detail
