#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include <asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

namespace xmpp::testing {

/// Time that stands still until a test moves it. With it, a test of a 60-second timeout takes no
/// time and ends the same way every time:
///
///     auto clock = std::make_shared<xmpp::testing::virtual_clock>();
///     xmpp::connection conn(context.get_executor(), "", xmpp::options().time_source(clock));
///     xmpp::testing::run(context, *clock, body(conn));
///
/// What comes due is posted to its executor, in the order of its time and then of its
/// registration, but see shuffle(). Use it from one thread.
class virtual_clock final : public clock {
 public:
    /// \param seed what is drawn at random is the same again for the same seed
    explicit virtual_clock(std::uint64_t seed = 1);
    ~virtual_clock() override;

    /// Begins at some point in time and moves by the functions below only.
    time_point now() const noexcept override;

    /// 2000-01-01T00:00:00Z when the clock was made; moves with now().
    std::chrono::system_clock::time_point date() const noexcept override;

    duration random_wait(duration limit) const override;

    std::unique_ptr<timer> call_at(asio::any_io_executor executor, time_point when,
                                   std::function<void()> action) override;

    /// Moves time on in one step and posts what has come due. The actions run later, when now() has
    /// its new value already: to let actions make new appointments on the way, see run_for().
    void advance(duration by);

    /// Moves time to the next appointment and posts all that is due then; false when there is none.
    bool advance_to_next();

    /// From now on, what comes due in one step is posted in an order drawn from the seed, as if the
    /// system were late with each timer in its own way.
    void shuffle();

    /// When the next appointment is; nothing when there is none.
    std::optional<time_point> next() const;

    /// How many appointments there are.
    std::size_t pending() const noexcept;

 private:
    class state;
    std::shared_ptr<state> state_;  // shared with the timers, which may live longer
};

/// How a run on virtual time ended.
enum class run_end : std::uint8_t {
    done,        ///< the predicate holds
    deadlock,    ///< nothing is ready, and no appointment would change that
    time_limit,  ///< the limit of virtual time was reached
};

/// Thrown by run() for a coroutine that can't finish.
class deadlock : public std::logic_error {
 public:
    using std::logic_error::logic_error;
};

/// Runs the context until it has nothing to do, then moves the clock to the next appointment, and
/// so on until `done` holds. `done` is asked between two handlers. What waits for sockets is not
/// waited for: such tests need a clock that runs.
run_end run_until(asio::io_context& context, virtual_clock& time, std::function<bool()> done,
                  clock::duration limit = std::chrono::hours(1));

/// Runs the context until it has nothing to do, without moving the clock.
void run_until_idle(asio::io_context& context);

/// Lets virtual time pass, appointment by appointment, and runs the context at each.
void run_for(asio::io_context& context, virtual_clock& time, clock::duration period);

/// Runs a coroutine to its end, as run_until() does. What else runs on the context stays as it is
/// then.
/// \throws deadlock when it can't finish, or does not within `limit`; else what the coroutine
/// throws
void run(asio::io_context& context, virtual_clock& time, task<> body,
         clock::duration limit = std::chrono::hours(1));

}  // namespace xmpp::testing
