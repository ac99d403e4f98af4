#include "completion.hpp"

#include <algorithm>

namespace chat {

completion complete(std::string_view typed, const std::vector<std::string>& names) {
    completion result;
    if (names.empty()) return result;
    std::string_view common = names.front();
    for (const std::string_view name : names) {
        const auto [end, other] =
            std::mismatch(common.begin(), common.end(), name.begin(), name.end());
        common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
    }
    // Not in the middle of a character of several bytes.
    const auto& first = names.front();
    while (common.size() < first.size() && !common.empty() &&
           (static_cast<unsigned char>(first[common.size()]) & 0xC0u) == 0x80)
        common.remove_suffix(1);

    if (common.size() > typed.size()) result.insert = common.substr(typed.size());
    if (names.size() == 1) {
        result.insert += ' ';
    } else if (result.insert.empty()) {
        result.candidates = names;
    }
    return result;
}

}  // namespace chat
