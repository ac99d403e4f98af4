#include "base/percent.hpp"

#include "base/whole_number.hpp"

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
        const auto byte = whole_number<unsigned char>(digits, 16);
        if (digits.size() < 2 || !byte) return std::nullopt;
        result += static_cast<char>(*byte);
        at += 2;
    }
    return result;
}

}  // namespace xmpp::detail
