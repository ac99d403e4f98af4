#include "base/printable.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace xmpp::detail {
namespace {

/// The size of the UTF-8 sequence that a text begins with; 0 for what is none.
std::size_t sequence_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    std::size_t size = 1;
    if (lead >= 0x80) size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead >= 0xF5 || (lead >= 0x80 && lead < 0xC2) || size > text.size()) return 0;
    const auto rest = text.substr(1, size - 1);
    const bool continued = std::all_of(rest.begin(), rest.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    });
    return continued ? size : 0;
}

void append_ascii(std::string& to, char c) {
    switch (c) {
        case '\n':
            to += "\\n";
            return;
        case '\r':
            to += "\\r";
            return;
        case '\t':
            to += "\\t";
            return;
        default:
            break;
    }
    if (is_control(c)) {
        fmt::format_to(std::back_inserter(to), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
        to += c;
    }
}

/// C1 (U+0080 to U+009F), LINE SEPARATOR and PARAGRAPH SEPARATOR; nothing of the rest.
std::string_view escape_of(std::string_view sequence, std::string& room) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    if (sequence.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) {
        return room = fmt::format("\\u{{{:04x}}}", unsigned{byte(1)});
    }
    if (sequence == "\u2028") return "\\u{2028}";
    if (sequence == "\u2029") return "\\u{2029}";
    return {};
}

}  // namespace

std::string printable(std::string text) {
    const bool plain = std::none_of(text.begin(), text.end(),
                                    [](char c) { return is_control(c) || !is_ascii(c); });
    if (plain) return text;
    std::string result;
    result.reserve(text.size());
    std::string room;
    for (std::string_view rest = text; !rest.empty();) {
        const auto size = sequence_size(rest);
        const auto sequence = rest.substr(0, std::max<std::size_t>(size, 1));
        rest.remove_prefix(sequence.size());
        if (size == 0) {
            fmt::format_to(std::back_inserter(result), "\\x{:02x}",
                           static_cast<unsigned char>(sequence.front()));
        } else if (size == 1) {
            append_ascii(result, sequence.front());
        } else {
            const auto escape = escape_of(sequence, room);
            result += escape.empty() ? sequence : escape;
        }
    }
    return result;
}

}  // namespace xmpp::detail
