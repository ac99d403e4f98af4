#pragma once

#include "support/fault_proxy.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace xmpp::test {

/// Spreads cuts over a conversation: each begins to be due behind a message that is chosen by
/// chance, and falls behind a byte that is, too. Some follow at once, while the link before is
/// still being replaced.
class cut_plan {
 public:
    /// `messages` is how many will be heard at least.
    cut_plan(std::vector<fault_proxy*> proxies, int cuts, int messages, std::uint32_t seed);
    cut_plan(const cut_plan&) = delete;
    cut_plan& operator=(const cut_plan&) = delete;

    /// A message has arrived somewhere.
    void heard_one();
    /// Cuts that have not been made.
    int left() const noexcept { return left_; }

 private:
    struct place {
        fault_proxy* proxy;
        int due = 0;
        bool armed = false;
    };

    int any_of(int count);
    void arm(place& where);
    void made(place& where);

    std::mt19937 chance_;
    std::vector<place> places_;
    std::vector<int> behind_;  // which message, the last first
    int heard_ = 0;
    int left_;
};

}  // namespace xmpp::test
