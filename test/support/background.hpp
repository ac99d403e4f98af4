#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"

#include <asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace xmpp::test {

/// For background work without a result.
inline task<bool> done(task<> work) {
    co_await std::move(work);
    co_return true;
}

/// A coroutine that runs beside the test, and what became of it. Destroying this cancels it.
template <class T>
class background {
 public:
    background(asio::io_context& context, task<T> work)
        : state_(std::make_shared<state>(context.get_executor())) {
        job_.start(context.get_executor(), keep(std::move(work), state_),
                   [into = state_](std::exception_ptr failure) {
                       into->failure = std::move(failure);
                       into->ended.set();
                   });
    }
    background(const background&) = delete;
    background& operator=(const background&) = delete;
    ~background() { job_.cancel(); }

    /// Returns once it has ended, well or not.
    task<> wait() { return state_->ended.wait(); }
    void cancel() { job_.cancel(); }
    bool ended() const { return state_->ended.is_set(); }
    const T& result() const { return state_->result.value(); }

    std::error_code code() const {
        try {
            if (state_->failure) std::rethrow_exception(state_->failure);
        } catch (const std::system_error& thrown) {
            return thrown.code();
        }
        return {};
    }
    std::string what() const {
        try {
            if (state_->failure) std::rethrow_exception(state_->failure);
        } catch (const std::exception& thrown) {
            return thrown.what();
        }
        return {};
    }
    std::string condition() const {
        try {
            if (state_->failure) std::rethrow_exception(state_->failure);
        } catch (const error& thrown) {
            return std::string(thrown.condition());
        }
        return {};
    }

 private:
    struct state {
        explicit state(asio::any_io_executor executor) : ended(std::move(executor)) {}
        detail::event ended;
        std::optional<T> result;
        std::exception_ptr failure;
    };

    static task<> keep(task<T> work, std::shared_ptr<state> into) {
        auto result = co_await std::move(work);
        into->result.emplace(std::move(result));
    }

    std::shared_ptr<state> state_;
    detail::job job_;
};

}  // namespace xmpp::test
