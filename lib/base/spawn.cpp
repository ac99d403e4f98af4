#include "base/spawn.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <utility>

namespace xmpp::detail {

struct job::state {
    asio::cancellation_signal signal;
    std::shared_ptr<bool> running = std::make_shared<bool>(false);  // of the last start
};

job::job() : state_(std::make_shared<state>()) {}
job::~job() = default;

void job::start(const asio::any_io_executor& executor, task<> work,
                std::function<void(std::exception_ptr)> done) {
    state_->running = std::make_shared<bool>(true);
    // Also when its context destroys the coroutine: what it waited for is gone then, and must not
    // be told of a cancellation.
    std::shared_ptr<void> over(nullptr, [flag = state_->running](void*) { *flag = false; });
    auto finished = [state = state_, flag = state_->running, over = std::move(over),
                     done = std::move(done)](std::exception_ptr failure) {
        *flag = false;
        done(std::move(failure));
    };
    asio::co_spawn(executor, std::move(work),
                   asio::bind_cancellation_slot(state_->signal.slot(), std::move(finished)));
}

void job::cancel() {
    const auto keep = state_;  // the cancelled coroutine may destroy this job
    if (*keep->running) keep->signal.emit(asio::cancellation_type::terminal);
}

bool job::running() const noexcept {
    return *state_->running;
}

void spawn(const asio::any_io_executor& executor, task<> work,
           std::function<void(std::exception_ptr)> done) {
    asio::co_spawn(executor, std::move(work), std::move(done));
}

void post(const asio::any_io_executor& executor, std::function<void()> action) {
    asio::post(executor, std::move(action));
}

}  // namespace xmpp::detail
