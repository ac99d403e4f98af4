#include <xmpp/clock.hpp>

#include <asio/steady_timer.hpp>

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

std::shared_ptr<clock> clock::steady() {
    static const auto shared = std::make_shared<system_steady_clock>();
    return shared;
}

}  // namespace xmpp
