#include "net/dns/srv_order.hpp"

#include "base/crypto/crypto.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace xmpp::detail {
namespace {

using iterator = std::vector<service_record>::iterator;

/// Draws one of [begin, end), which are of one priority and stand with those of weight 0 first:
/// they have a small chance, too.
iterator draw(iterator begin, iterator end, const random_number& random) {
    std::uint32_t sum = 0;
    for (auto each = begin; each != end; ++each) sum += each->record.weight;
    const auto lot = random(sum);
    std::uint32_t running = 0;
    for (auto each = begin; each != end; ++each) {
        running += each->record.weight;
        if (running >= lot) return each;
    }
    return std::prev(end);
}

}  // namespace

std::uint32_t secure_random_number(std::uint32_t limit) {
    // Of 64 bits, the remainder is even enough: off by less than 2^-32.
    std::uint64_t bits = 0;
    random_bytes(std::span(reinterpret_cast<unsigned char*>(&bits), sizeof bits));
    return static_cast<std::uint32_t>(bits % (std::uint64_t{limit} + 1));
}

std::vector<service_record> put_in_order(std::vector<service_record> records, std::size_t count,
                                         const random_number& random) {
    std::multimap<std::pair<std::uint16_t, bool>, service_record> sorted;
    for (auto& each : records) {
        const std::pair place(each.record.priority, each.record.weight != 0);
        sorted.emplace(place, std::move(each));
    }
    records.clear();
    for (auto& [place, each] : sorted) records.push_back(std::move(each));

    count = std::min(count, records.size());
    const auto enough = records.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto next = records.begin(); next != enough; ++next) {
        const auto group_end = std::find_if(next, records.end(), [&](const auto& each) {
            return each.record.priority != next->record.priority;
        });
        const auto drawn = draw(next, group_end, random);
        std::rotate(next, drawn, std::next(drawn));  // the others keep their order
    }
    records.erase(enough, records.end());
    return records;
}

}  // namespace xmpp::detail
