#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"

#include <asio/io_context.hpp>

#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace xmpp::test {

/// A coroutine that runs beside the test, and what became of it.
template <class T>
class background {
 public:
    background(asio::io_context& context, task<T> work) : ended_(context.get_executor()) {
        job_.start(context.get_executor(), keep(std::move(work), &result_),
                   [this](std::exception_ptr failure) {
                       failure_ = std::move(failure);
                       ended_.set();
                   });
    }

    /// Returns once it has ended, well or not.
    task<> wait() { return ended_.wait(); }
    void cancel() { job_.cancel(); }
    bool ended() const { return ended_.is_set(); }
    const T& result() const { return result_.value(); }

    std::error_code code() const {
        try {
            if (failure_) std::rethrow_exception(failure_);
        } catch (const std::system_error& thrown) {
            return thrown.code();
        }
        return {};
    }
    std::string what() const {
        try {
            if (failure_) std::rethrow_exception(failure_);
        } catch (const std::exception& thrown) {
            return thrown.what();
        }
        return {};
    }
    std::string condition() const {
        try {
            if (failure_) std::rethrow_exception(failure_);
        } catch (const error& thrown) {
            return std::string(thrown.condition());
        }
        return {};
    }

 private:
    static task<> keep(task<T> work, std::optional<T>* into) {
        auto result = co_await std::move(work);
        into->emplace(std::move(result));
    }

    detail::job job_;
    detail::event ended_;
    std::optional<T> result_;
    std::exception_ptr failure_;
};

}  // namespace xmpp::test
