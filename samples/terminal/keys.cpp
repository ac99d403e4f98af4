#include "keys.hpp"

#include "utf8.hpp"

namespace chat {
namespace {

constexpr char escape = '\033';

/// ESC [ parameters final
std::size_t control_sequence(std::string_view typed) noexcept {
    for (std::size_t at = 2; at < typed.size(); ++at) {
        const auto byte = static_cast<unsigned char>(typed[at]);
        if (byte >= 0x40 && byte <= 0x7E) return at + 1;
        if (byte < 0x20 || byte > 0x7E) return at;  // not one after all
    }
    return 0;
}

}  // namespace

std::size_t first_key(std::string_view typed) noexcept {
    if (typed.empty()) return 0;
    if (typed.front() == escape) {
        if (typed.size() < 2) return 0;
        if (typed[1] == '[') return control_sequence(typed);
        const std::size_t prefix = typed[1] == 'O' ? 2 : 1;
        const auto length = first_key(typed.substr(prefix));
        return length == 0 ? 0 : prefix + length;
    }
    const auto length = utf8_length(static_cast<unsigned char>(typed.front()));
    for (std::size_t at = 1; at < length; ++at) {
        if (at == typed.size()) return 0;
        if ((static_cast<unsigned char>(typed[at]) & 0xC0u) != 0x80) return at;  // not UTF-8
    }
    return length;
}

}  // namespace chat
