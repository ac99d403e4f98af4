#include "base/percent.hpp"

#include <charconv>
#include <cstddef>

namespace xmpp::detail {

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            result += text[at];
            continue;
        }
        const auto digits = text.substr(at + 1, 2);
        if (digits.size() < 2) return std::nullopt;
        unsigned char byte = 0;
        const auto* const last = digits.data() + digits.size();
        if (std::from_chars(digits.data(), last, byte, 16).ptr != last) return std::nullopt;
        result += static_cast<char>(byte);
        at += 2;
    }
    return result;
}

}  // namespace xmpp::detail
