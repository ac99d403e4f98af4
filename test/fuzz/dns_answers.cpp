// What a name server says about a domain's services, and the places that follow from it.
#include <xmpp/error.hpp>

#include "net/dial/discovery.hpp"
#include "net/dns/dns_message.hpp"
#include "target.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace xmpp;

namespace {

constexpr std::size_t most_places = 10;
// A name has 255 bytes, and none of them takes more than four characters.
constexpr std::size_t longest_name = 255 * 4;
constexpr auto longest_life = std::chrono::seconds(0x7FFF'FFFF);

void check_record(const detail::srv_record& record) {
    const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
    const auto& name = record.target;
    if (name.empty() || name.size() > longest_name) fuzz::fail("a name without or beyond bounds");
    if (!std::all_of(name.begin(), name.end(), is_visible)) {
        fuzz::fail("a name that can't be shown");
    }
}

/// Numbers within their limits, as the input has them.
class lots {
 public:
    explicit lots(std::string_view bytes) : bytes_(bytes) {}

    std::uint32_t draw(std::uint32_t limit) {
        state_ = state_ * 31 + (bytes_.empty() ? 0U : static_cast<unsigned char>(bytes_.back()));
        if (!bytes_.empty()) bytes_.remove_suffix(1);
        return limit == UINT32_MAX ? state_ : state_ % (limit + 1);
    }

 private:
    std::string_view bytes_;
    std::uint32_t state_ = 1;
};

using records = std::vector<detail::srv_record>;

std::size_t count_usable(const std::vector<detail::service_answer>& answers) {
    std::size_t count = 0;
    for (const auto& each : answers) {
        const auto& all = each.answer.records;
        count += static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [](const detail::srv_record& record) {
                return record.target != "." && record.port != 0;
            }));
    }
    return count;
}

void check_places(const std::vector<detail::service_answer>& answers, lots numbers) {
    const auto random = [&numbers](std::uint32_t limit) { return numbers.draw(limit); };
    const auto usable = count_usable(answers);
    try {
        const auto found = detail::choose_places("example.org", answers, random);
        const auto wanted = usable == 0 ? 1 : std::min(usable, most_places);
        if (found.places.size() != wanted) fuzz::fail("more or fewer places than there are");
        for (const auto& place : found.places) {
            if (place.port() == 0 || place.host().empty()) fuzz::fail("a place that is none");
        }
    } catch (const error&) {
        if (usable > 0) fuzz::fail("no place although there is one");
    }
}

/// In the order of their priority, and each once.
void check_order(const records& all, lots numbers) {
    std::vector<detail::service_record> both;
    for (const auto& each : all) both.push_back({each, each.port % 2 == 0});
    const auto ordered = detail::put_in_order(
        both, both.size(), [&numbers](std::uint32_t limit) { return numbers.draw(limit); });
    const bool rising = std::is_sorted(
        ordered.begin(), ordered.end(),
        [](const auto& a, const auto& b) { return a.record.priority < b.record.priority; });
    if (!rising) fuzz::fail("a record before one of a better priority");
    if (!std::is_permutation(ordered.begin(), ordered.end(), both.begin(), both.end())) {
        fuzz::fail("records that are lost or made up");
    }
}

detail::service_answer answer_of(const records& all, bool direct_tls) {
    detail::service_answer answer;
    answer.name = "_xmpp-client._tcp.example.org";
    answer.direct_tls = direct_tls;
    answer.answer.outcome = all.empty() ? detail::dns_outcome::no_data : detail::dns_outcome::found;
    answer.answer.records = all;
    return answer;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto message = detail::parse_srv_message({data, size}, "_xmpp-client._tcp.example.org");
    if (!message) return 0;
    for (const auto& record : message->records) check_record(record);
    const auto life = message->time_to_live;
    if (life < std::chrono::seconds(0) || life > longest_life) fuzz::fail("a life without bounds");

    const lots numbers(fuzz::as_text(data, size));
    const auto& all = message->records;
    const records first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
    const records rest(all.begin() + static_cast<std::ptrdiff_t>(first.size()), all.end());
    check_places({answer_of(first, true), answer_of(rest, false)}, numbers);
    check_order(all, numbers);
    return 0;
}
