#pragma once

#include <xmpp/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace xmpp::detail {

/// Values that are good for some time. Bounded: what is stored beyond that takes the place of what
/// would go next. Thread-safe.
///
/// A value is found by the clock that it was stored with only: different clocks do not compare.
template <class Value>
class ttl_cache {
 public:
    explicit ttl_cache(std::size_t max_entries) : max_entries_(max_entries) {}

    std::optional<Value> find(const std::string& key, const std::shared_ptr<clock>& time) const {
        const std::scoped_lock lock(mutex_);
        const auto found = entries_.find(key);
        if (found == entries_.end()) return std::nullopt;
        const auto& [value, until, stored_with] = found->second;
        if (stored_with.lock() != time || time->now() >= until) return std::nullopt;
        return value;
    }

    void store(const std::string& key, const std::shared_ptr<clock>& time, Value value,
               clock::duration lifetime) {
        if (lifetime <= clock::duration::zero()) return;
        const std::scoped_lock lock(mutex_);
        if (entries_.size() >= max_entries_ && entries_.count(key) == 0) make_room();
        entries_.insert_or_assign(key, entry{std::move(value), time->now() + lifetime, time});
    }

    /// Forgets what `unwanted(key, value)` is true of.
    template <class Predicate>
    void erase_if(Predicate unwanted) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(entries_,
                      [&](const auto& each) { return unwanted(each.first, each.second.value); });
    }

    std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return entries_.size();
    }

 private:
    struct entry {
        Value value;
        clock::time_point until;
        std::weak_ptr<clock> stored_with;
    };

    void make_room() {
        const auto earliest = std::min_element(
            entries_.begin(), entries_.end(),
            [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
        if (earliest != entries_.end()) entries_.erase(earliest);
    }

    std::size_t max_entries_;
    mutable std::mutex mutex_;
    std::map<std::string, entry> entries_;
};

}  // namespace xmpp::detail
