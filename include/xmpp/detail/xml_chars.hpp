#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// \file
/// What may stand in XML 1.0, usable at compile time.

namespace xmpp::detail {

/// A character decoded from UTF-8; `size` 0 means that the bytes are no UTF-8, or a character that
/// XML excludes (surrogates, U+FFFE, U+FFFF).
struct decoded_char {
    char32_t value;
    std::size_t size;
};

/// Decodes the character that begins at `at`, which must not be ASCII.
constexpr decoded_char decode_multibyte(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const auto trails = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const std::size_t left = text.size() - at;
    const char32_t lead = byte(0);
    if (lead >= 0xC2 && lead <= 0xDF && left >= 2 && trails(1))
        return {(lead & 0x1FU) << 6 | (byte(1) & 0x3FU), 2};
    if (lead >= 0xE0 && lead <= 0xEF && left >= 3 && trails(1) && trails(2)) {
        const char32_t value = (lead & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
        const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
        if (value >= 0x800 && !surrogate && value < 0xFFFE) return {value, 3};
    }
    if (lead >= 0xF0 && lead <= 0xF4 && left >= 4 && trails(1) && trails(2) && trails(3)) {
        const char32_t value = (lead & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 |
                               (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU);
        if (value >= 0x10000 && value <= 0x10FFFF) return {value, 4};
    }
    return {0, 0};
}

/// May the code point stand in a document (XML 1.0, production 2)?
constexpr bool is_xml_char(char32_t c) noexcept {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

constexpr bool is_xml_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool is_blank(std::string_view text) noexcept {
    for (const char c : text)
        if (!is_xml_space(c)) return false;
    return true;
}

/// May a name without a prefix begin with it (XML 1.0, production 4; Namespaces 1.0, 4)?
constexpr bool is_name_start(char32_t c) noexcept {
    struct range {
        char32_t first, last;
    };
    constexpr std::array<range, 15> ranges{{{'A', 'Z'},
                                            {'_', '_'},
                                            {'a', 'z'},
                                            {0xC0, 0xD6},
                                            {0xD8, 0xF6},
                                            {0xF8, 0x2FF},
                                            {0x370, 0x37D},
                                            {0x37F, 0x1FFF},
                                            {0x200C, 0x200D},
                                            {0x2070, 0x218F},
                                            {0x2C00, 0x2FEF},
                                            {0x3001, 0xD7FF},
                                            {0xF900, 0xFDCF},
                                            {0xFDF0, 0xFFFD},
                                            {0x10000, 0xEFFFF}}};
    for (const auto& r : ranges)
        if (c >= r.first && c <= r.last) return true;
    return false;
}

constexpr bool is_name_char(char32_t c) noexcept {
    return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == 0xB7 ||
           (c >= 0x300 && c <= 0x36F) || (c >= 0x203F && c <= 0x2040) || is_name_start(c);
}

/// For ASCII: 1 may stand in a name, 3 may begin one as well.
inline constexpr auto ascii_name_table = [] {
    std::array<unsigned char, 128> table{};
    for (char32_t c = 0; c < 128; ++c) {
        if (is_name_char(c)) table[c] = 1;
        if (is_name_start(c)) table[c] = 3;
    }
    return table;
}();

/// Length of the name without a prefix at the beginning of `text`; 0 when there is none.
constexpr std::size_t name_length(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const unsigned char wanted = at == 0 ? 2 : 1;
        if (byte < 0x80) {
            if ((ascii_name_table[byte] & wanted) == 0) break;
            ++at;
            continue;
        }
        const auto c = decode_multibyte(text, at);
        if (c.size == 0 || !(at == 0 ? is_name_start(c.value) : is_name_char(c.value))) break;
        at += c.size;
    }
    return at;
}

constexpr bool is_name(std::string_view text) noexcept {
    return !text.empty() && name_length(text) == text.size();
}

/// Is it one of the namespaces that a stream's stanzas are in? The transport knows which.
constexpr bool is_content_namespace(std::string_view ns) noexcept {
    return ns == "jabber:client" || ns == "jabber:server" || ns == "jabber:component:accept";
}

constexpr bool is_stanza_name(std::string_view name) noexcept {
    return name == "message" || name == "presence" || name == "iq";
}

}  // namespace xmpp::detail
