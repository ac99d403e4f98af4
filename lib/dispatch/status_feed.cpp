#include "dispatch/status_feed.hpp"

#include <algorithm>

namespace xmpp::detail {
namespace {

/// Statuses that may be forgotten: they announce something that a later one tells as well.
bool is_passing(const status& step) {
    switch (step.code) {
        case status_code::connecting:
        case status_code::authenticating:
        case status_code::reconnecting:
        case status_code::redirect:
        case status_code::connected:
        case status_code::bindrequired:
        case status_code::disconnecting:
            return true;
        default:
            return false;
    }
}

}  // namespace

void status_feed::report(status step) {
    if (items_.size() >= capacity) {
        const auto oldest = std::find_if(items_.begin(), items_.end(), is_passing);
        if (oldest != items_.end()) items_.erase(oldest);
    }
    push(std::move(step));
}

}  // namespace xmpp::detail
