#include "net/dial/dial.hpp"

#include "net/dial/ip_text.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds attempt_limit(10);
constexpr milliseconds shortest_delay(10);    // RFC 8305 section 5
constexpr milliseconds resolution_delay(50);  // RFC 8305 section 3
constexpr std::size_t addresses_of_a_host = 10;

}  // namespace

connection_race::connection_race(asio::any_io_executor executor, std::vector<endpoint> places,
                                 dial_tools tools, std::string before)
    : executor_(std::move(executor)),
      places_(std::move(places)),
      tools_(std::move(tools)),
      log_(std::move(before)),
      changed_(executor_),
      next_start_(tools_.time->now()) {
    tools_.attempt_delay = std::max(tools_.attempt_delay, shortest_delay);
}

task<dialled> connection_race::next() {
    winner_.reset();
    for (;;) {
        changed_.reset();
        advance();
        if (winner_) break;
        if (!has_more() && running_.empty()) log_.fail();
        co_await changed_.wait();
        if (winner_) break;
    }
    wake_up_.reset();
    co_return std::move(*winner_);
}

bool connection_race::is_due() const {
    return running_.empty() || tools_.time->now() >= next_start_;
}

bool connection_race::has_more() const {
    return !waiting_.empty() || look_up_ || next_place_ < places_.size() || !last_.empty();
}

bool connection_race::comes_last(const candidate& what) const {
    const bool others = !waiting_.empty() || look_up_ || next_place_ < places_.size();
    return others && tools_.doubtful &&
           tools_.doubtful->is_doubtful(what.address, places_[what.place].port());
}

/// Starts what is due, and sees to being called when the next is.
void connection_race::advance() {
    wake_up_.reset();
    while (has_more()) {
        if (!is_due()) {
            wake_up_ = tools_.time->call_at(executor_, next_start_, [this] { changed_.set(); });
            return;
        }
        if (waiting_.empty() && look_up_) return;  // its answer is a change
        if (waiting_.empty() && next_place_ < places_.size()) {
            begin_look_up(next_place_++);
            continue;
        }
        if (waiting_.empty()) std::swap(waiting_, last_);
        auto what = std::move(waiting_.front());
        waiting_.pop_front();
        if (comes_last(what)) {
            last_.push_back(std::move(what));
        } else {
            start(std::move(what));
        }
    }
}

void connection_race::begin_look_up(place_number number) {
    addresses_left_ = addresses_of_a_host;
    const auto& place = places_[number];
    if (auto address = as_ip_address(place.host())) {
        waiting_.push_back({number, std::move(*address)});
        return;
    }
    look_up_.emplace(number);
    look_up_->asked = tools_.names->addresses(
        place.host(), place.how(),
        [this](address_answer part, bool last) { take_answer(std::move(part), last); });
}

void connection_race::take_answer(address_answer part, bool last) {
    auto& found = look_up_->addresses;
    const bool v6 = !part.addresses.empty() && is_ipv6(part.addresses.front());
    found.insert(v6 ? found.begin() : found.end(), part.addresses.begin(), part.addresses.end());
    look_up_->any_found = look_up_->any_found || !part.addresses.empty();
    const auto reason = reason_of(part);
    auto& problem = look_up_->problem;
    if (part.addresses.empty() && problem != reason) {
        problem += problem.empty() ? reason : fmt::format(", {}", reason);
    }

    const bool waited = look_up_->patience != nullptr;
    if (!last && !v6 && !waited) {
        if (part.addresses.empty()) return;
        const auto until = tools_.time->now() + resolution_delay;
        look_up_->patience =
            tools_.time->call_at(executor_, until, [this] { pass_on_addresses(); });
        return;
    }
    pass_on_addresses();
    if (!last) return;
    if (!look_up_->any_found) log_.host_failed(places_[look_up_->place], problem);
    look_up_.reset();
    changed_.set();
}

/// Late addresses mix with those of the same host that still wait.
void connection_race::pass_on_addresses() {
    auto fresh = interleave(look_up_->addresses);  // before any is left out
    look_up_->addresses.clear();
    if (fresh.size() > addresses_left_) {
        log_.note(fmt::format("{} further addresses of '{}' left out",
                              fresh.size() - addresses_left_, places_[look_up_->place].host()));
        fresh.resize(addresses_left_);
    }
    addresses_left_ -= fresh.size();
    for (const auto& other : waiting_) {
        if (other.place == look_up_->place) fresh.push_back(other.address);
    }
    std::erase_if(waiting_, [&](const auto& other) { return other.place == look_up_->place; });
    for (auto& address : interleave(fresh)) {
        waiting_.push_back({look_up_->place, std::move(address)});
    }
    changed_.set();
}

void connection_race::start(candidate what) {
    next_start_ = tools_.time->now() + tools_.attempt_delay;
    const auto which = running_.emplace(running_.end(), std::move(what));
    const auto end = tools_.time->now() + attempt_limit;
    which->limit = tools_.time->call_at(
        executor_, end, [this, which] { finish(which, asio::error::timed_out, nullptr); });
    which->attempt = tools_.sockets->connect(
        which->what.address, places_[which->what.place].port(),
        [this, which](std::error_code failure, std::unique_ptr<tcp_stream> stream) {
            finish(which, failure, std::move(stream));
        });
}

void connection_race::finish(running_attempt which, std::error_code failure,
                             std::unique_ptr<tcp_stream> stream) {
    if (stream) {
        winner_ = dialled{std::move(stream), places_[which->what.place], which->what.address};
        running_.erase(which);
        give_up_the_others();
    } else {
        log_.address_failed(places_[which->what.place], which->what.address, failure);
        running_.erase(which);
        next_start_ = tools_.time->now();
    }
    changed_.set();
}

/// They go back to where they came from: before all that wait.
void connection_race::give_up_the_others() {
    for (auto each = running_.rbegin(); each != running_.rend(); ++each) {
        waiting_.push_front(std::move(each->what));
    }
    running_.clear();
}

std::vector<std::string> interleave(const std::vector<std::string>& addresses) {
    if (addresses.empty()) return {};
    const bool first_family = is_ipv6(addresses.front());
    std::vector<std::string> first, second, mixed;
    for (const auto& address : addresses) {
        (is_ipv6(address) == first_family ? first : second).push_back(address);
    }
    for (std::size_t i = 0; i < first.size() || i < second.size(); ++i) {
        if (i < first.size()) mixed.push_back(first[i]);
        if (i < second.size()) mixed.push_back(second[i]);
    }
    return mixed;
}

}  // namespace xmpp::detail
