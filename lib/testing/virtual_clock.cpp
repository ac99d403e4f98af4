#include <xmpp/testing/virtual_clock.hpp>

#include "base/spawn.hpp"

#include <map>
#include <random>
#include <utility>
#include <vector>

namespace xmpp::testing {
namespace {

struct appointment {
    asio::any_io_executor executor;
    std::function<void()> action;
};

}  // namespace

class virtual_clock::state {
 public:
    // Time first, then the order of registration.
    using key = std::pair<time_point, std::uint64_t>;

    explicit state(std::uint64_t seed) : random_(seed) {}

    key add(time_point when, std::shared_ptr<appointment> made) {
        const key place(when, ++registered_);
        appointments_.emplace(place, std::move(made));
        return place;
    }
    void remove(const key& place) { appointments_.erase(place); }

    void move_to(time_point when) {
        now_ = std::max(now_, when);
        std::vector<std::shared_ptr<appointment>> due;
        while (!appointments_.empty() && appointments_.begin()->first.first <= now_) {
            due.push_back(std::move(appointments_.extract(appointments_.begin()).mapped()));
            if (shuffled_) std::swap(due.back(), due[random_() % due.size()]);
        }
        for (const auto& each : due) {
            // A timer that is destroyed before its call has come takes the appointment with it.
            detail::post(each->executor, [made = std::weak_ptr<appointment>(each)] {
                if (const auto alive = made.lock()) std::exchange(alive->action, nullptr)();
            });
        }
    }
    void shuffle() noexcept { shuffled_ = true; }

    time_point now() const noexcept { return now_; }
    duration passed() const noexcept { return now_ - began_; }
    std::uint64_t random() { return random_(); }
    std::size_t size() const noexcept { return appointments_.size(); }
    std::optional<time_point> next() const {
        if (appointments_.empty()) return std::nullopt;
        return appointments_.begin()->first.first;
    }

 private:
    // Not the epoch: arithmetic on "before now" must have room.
    const time_point began_{std::chrono::hours(24 * 365)};
    time_point now_ = began_;
    std::uint64_t registered_ = 0;
    bool shuffled_ = false;
    std::mt19937_64 random_;
    std::map<key, std::shared_ptr<appointment>> appointments_;
};

namespace {

template <class State, class Key>
class virtual_timer final : public clock::timer {
 public:
    virtual_timer(std::weak_ptr<State> owner, Key place, std::shared_ptr<appointment> made)
        : owner_(std::move(owner)), place_(place), made_(std::move(made)) {}
    ~virtual_timer() override {
        if (const auto owner = owner_.lock()) owner->remove(place_);
    }

 private:
    std::weak_ptr<State> owner_;
    Key place_;
    std::shared_ptr<appointment> made_;
};

}  // namespace

virtual_clock::virtual_clock(std::uint64_t seed) : state_(std::make_shared<state>(seed)) {}
virtual_clock::~virtual_clock() = default;

clock::time_point virtual_clock::now() const noexcept {
    return state_->now();
}

std::chrono::system_clock::time_point virtual_clock::date() const noexcept {
    using namespace std::chrono;
    constexpr sys_days first = year(2000) / January / 1;
    return first + duration_cast<system_clock::duration>(state_->passed());
}

clock::duration virtual_clock::random_wait(duration limit) const {
    if (limit.count() <= 0) return duration::zero();
    const auto values = static_cast<std::uint64_t>(limit.count());
    return duration(static_cast<duration::rep>(state_->random() % values));
}

std::unique_ptr<clock::timer> virtual_clock::call_at(asio::any_io_executor executor,
                                                     time_point when,
                                                     std::function<void()> action) {
    auto made = std::make_shared<appointment>();
    made->executor = std::move(executor);
    made->action = std::move(action);
    const auto place = state_->add(when, made);
    auto timer = std::make_unique<virtual_timer<state, state::key>>(state_, place, std::move(made));
    state_->move_to(state_->now());  // what is due already is posted at once
    return timer;
}

void virtual_clock::advance(duration by) {
    state_->move_to(state_->now() + by);
}

bool virtual_clock::advance_to_next() {
    const auto when = state_->next();
    if (when) state_->move_to(*when);
    return when.has_value();
}

void virtual_clock::shuffle() {
    state_->shuffle();
}

std::optional<clock::time_point> virtual_clock::next() const {
    return state_->next();
}

std::size_t virtual_clock::pending() const noexcept {
    return state_->size();
}

run_end run_until(asio::io_context& context, virtual_clock& time, std::function<bool()> done,
                  clock::duration limit) {
    const auto end = time.now() + limit;
    for (;;) {
        context.restart();
        do {
            if (done()) return run_end::done;
        } while (context.poll_one() != 0);
        const auto next = time.next();
        if (!next) return run_end::deadlock;
        if (*next > end) return run_end::time_limit;
        time.advance_to_next();
    }
}

void run_until_idle(asio::io_context& context) {
    context.restart();
    context.poll();
}

void run_for(asio::io_context& context, virtual_clock& time, clock::duration period) {
    const auto end = time.now() + period;
    for (;;) {
        run_until_idle(context);
        const auto next = time.next();
        if (!next || *next > end) break;
        time.advance_to_next();
    }
    time.advance(end - time.now());
    run_until_idle(context);
}

void run(asio::io_context& context, virtual_clock& time, task<> body, clock::duration limit) {
    struct outcome {
        bool finished = false;
        std::exception_ptr failure;
    };
    const auto ended = std::make_shared<outcome>();  // the body may outlive this call
    detail::spawn(context.get_executor(), std::move(body), [ended](std::exception_ptr thrown) {
        ended->finished = true;
        ended->failure = std::move(thrown);
    });
    const auto how = run_until(context, time, [ended] { return ended->finished; }, limit);
    if (how == run_end::deadlock) throw deadlock("the coroutine waits for what will never come");
    if (how == run_end::time_limit) throw deadlock("the coroutine does not finish in its time");
    if (ended->failure) std::rethrow_exception(ended->failure);
}

}  // namespace xmpp::testing
