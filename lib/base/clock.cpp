#include <xmpp/clock.hpp>

#include "base/crypto/crypto.hpp"

#include <asio/steady_timer.hpp>

#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

namespace xmpp {
namespace {

class steady_clock_timer final : public clock::timer {
 public:
    steady_clock_timer(asio::any_io_executor executor, clock::time_point when,
                       std::function<void()> action)
        : timer_(std::move(executor), when), alive_(std::make_shared<bool>(true)) {
        // Destroying the timer may come too late for a call that is already queued.
        timer_.async_wait([alive = std::weak_ptr<bool>(alive_),
                           action = std::move(action)](std::error_code failure) {
            if (!failure && alive.lock()) action();
        });
    }

 private:
    asio::steady_timer timer_;
    std::shared_ptr<bool> alive_;
};

class system_steady_clock final : public clock {
 public:
    time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    std::unique_ptr<timer> call_at(asio::any_io_executor executor, time_point when,
                                   std::function<void()> action) override {
        return std::make_unique<steady_clock_timer>(std::move(executor), when, std::move(action));
    }
};

}  // namespace

std::chrono::system_clock::time_point clock::date() const noexcept {
    return std::chrono::system_clock::now();
}

clock::duration clock::random_wait(duration limit) const {
    std::uint32_t value = 0;
    const auto bytes = detail::random_bytes(sizeof value);
    std::memcpy(&value, bytes.data(), sizeof value);
    constexpr double values = 4294967296.0;
    return duration(static_cast<duration::rep>(static_cast<double>(limit.count()) *
                                               (static_cast<double>(value) / values)));
}

std::shared_ptr<clock> clock::steady() {
    static const auto shared = std::make_shared<system_steady_clock>();
    return shared;
}

}  // namespace xmpp
