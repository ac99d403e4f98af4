#include "cut_plan.hpp"

#include <algorithm>
#include <functional>

namespace xmpp::test {
namespace {

/// About as much as a login takes each way, so that some cuts fall into one.
constexpr int bytes_of_a_login = 6000;
/// One cut of so many is followed by another one at once.
constexpr int followed = 4;

}  // namespace

cut_plan::cut_plan(std::vector<fault_proxy*> proxies, int cuts, int messages, std::uint32_t seed)
    : chance_(seed), left_(cuts) {
    for (auto* proxy : proxies) places_.push_back({proxy});
    for (int i = 0; i < cuts; ++i) behind_.push_back(1 + any_of(messages));
    std::sort(behind_.begin(), behind_.end(), std::greater<>());
}

void cut_plan::heard_one() {
    ++heard_;
    while (!behind_.empty() && behind_.back() <= heard_) {
        behind_.pop_back();
        auto& where = places_[static_cast<std::size_t>(any_of(static_cast<int>(places_.size())))];
        ++where.due;
        if (!where.armed) arm(where);
    }
}

int cut_plan::any_of(int count) {
    // Not a distribution of the standard library: those differ from one to the other.
    return static_cast<int>(chance_() % static_cast<std::uint32_t>(count));
}

void cut_plan::arm(place& where) {
    where.armed = true;
    const auto which = any_of(2) == 0 ? flow::to_server : flow::to_client;
    const auto bytes = 1 + any_of(bytes_of_a_login);
    where.proxy->cut_after(which, static_cast<std::uint64_t>(bytes),
                           [this, &where] { made(where); });
}

void cut_plan::made(place& where) {
    where.armed = false;
    --where.due;
    --left_;
    if (!behind_.empty() && any_of(followed) == 0) {
        behind_.erase(behind_.begin());  // instead of the last of all
        ++where.due;
    }
    if (where.due > 0) arm(where);
}

}  // namespace xmpp::test
