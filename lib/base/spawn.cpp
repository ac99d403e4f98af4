#include "base/spawn.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <utility>

namespace xmpp::detail {

struct job::state {
    asio::cancellation_signal signal;
    bool running = false;
};

job::job() : state_(std::make_shared<state>()) {}
job::~job() = default;

void job::start(const asio::any_io_executor& executor, task<> work,
                std::function<void(std::exception_ptr)> done) {
    state_->running = true;
    auto finished = [state = state_, done = std::move(done)](std::exception_ptr failure) {
        state->running = false;
        done(std::move(failure));
    };
    asio::co_spawn(executor, std::move(work),
                   asio::bind_cancellation_slot(state_->signal.slot(), std::move(finished)));
}

void job::cancel() {
    const auto keep = state_;  // the cancelled coroutine may destroy this job
    keep->signal.emit(asio::cancellation_type::terminal);
}

bool job::running() const noexcept {
    return state_->running;
}

void spawn(const asio::any_io_executor& executor, task<> work,
           std::function<void(std::exception_ptr)> done) {
    asio::co_spawn(executor, std::move(work), std::move(done));
}

void post(const asio::any_io_executor& executor, std::function<void()> action) {
    asio::post(executor, std::move(action));
}

}  // namespace xmpp::detail
