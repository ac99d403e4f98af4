#pragma once

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace xmpp {

/// The one source of time: every deadline and delay of the SDK is asked of a clock, so that tests
/// can run on a virtual one (xmpp::testing::virtual_clock).
class clock {
 public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// An appointment; destroying it cancels the call.
    class timer {
     public:
        timer() = default;
        timer(const timer&) = delete;
        timer& operator=(const timer&) = delete;
        virtual ~timer() = default;
    };

    clock() = default;
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    virtual ~clock() = default;

    virtual time_point now() const noexcept = 0;

    /// The date, for stamps that others read (XEP-0203). Nothing waits by it. Default: the
    /// system's.
    virtual std::chrono::system_clock::time_point date() const noexcept;

    /// A random time below `limit`, for a wait that shall not coincide with that of others.
    /// Default: one that nobody can guess.
    virtual duration random_wait(duration limit) const;

    /// Calls `action` on `executor` once `when` has come, unless the timer is destroyed before.
    /// Destroy it on that executor.
    virtual std::unique_ptr<timer> call_at(asio::any_io_executor executor, time_point when,
                                           std::function<void()> action) = 0;

    /// The steady clock of the system; shared, never null.
    static std::shared_ptr<clock> steady();
};

}  // namespace xmpp
