#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// Addresses that were reached, and that somebody else than the server may have answered at: others
/// are to be tried before them. One session's, over all its links.
class doubtful_addresses {
 public:
    /// A connection leads there; empty for none that has an address.
    void reached(std::string address, std::uint16_t port) {
        last_ = place(std::move(address), port);
    }
    /// Whoever answers where the last connection led may not be the server.
    void doubt_last() {
        if (last_.first.empty() || is_doubtful(last_.first, last_.second)) return;
        if (places_.size() >= most) places_.erase(places_.begin());
        places_.push_back(last_);
    }
    bool is_doubtful(const std::string& address, std::uint16_t port) const {
        for (const auto& each : places_) {
            if (each.first == address && each.second == port) return true;
        }
        return false;
    }
    void clear() noexcept { places_.clear(); }

 private:
    using place = std::pair<std::string, std::uint16_t>;
    static constexpr std::size_t most = 64;

    place last_;
    std::vector<place> places_;
};

}  // namespace xmpp::detail
