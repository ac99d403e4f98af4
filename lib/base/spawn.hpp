#pragma once

#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace xmpp::detail {

/// A coroutine that runs beside its owner. co_spawn is instantiated here and nowhere else.
class job {
 public:
    job();
    ~job();
    job(const job&) = delete;
    job& operator=(const job&) = delete;

    /// Starts `work` on `executor`; `done` is called there with what it threw, if anything.
    void start(const asio::any_io_executor& executor, task<> work,
               std::function<void(std::exception_ptr)> done);
    /// Emits a terminal cancellation. Call it on the executor of start().
    void cancel();
    bool running() const noexcept;

 private:
    struct state;
    std::shared_ptr<state> state_;  // outlives the job while the coroutine runs
};

/// Starts `work` on `executor` with nobody to cancel it; `done` as above.
void spawn(const asio::any_io_executor& executor, task<> work,
           std::function<void(std::exception_ptr)> done);

/// Queues `action` on `executor`.
void post(const asio::any_io_executor& executor, std::function<void()> action);

}  // namespace xmpp::detail
