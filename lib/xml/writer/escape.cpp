#include "xml/writer/escape.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace xmpp::detail {
namespace {

enum byte_class : unsigned char { plain, escape, forbidden, multibyte };
using class_table = std::array<unsigned char, 256>;

constexpr class_table make_table(std::string_view escaped) {
    class_table table{};
    for (unsigned c = 0; c < 0x20; ++c) table[c] = is_xml_char(c) ? plain : forbidden;
    for (unsigned c = 0x80; c < 0x100; ++c) table[c] = multibyte;
    for (const char c : escaped) table[static_cast<unsigned char>(c)] = escape;
    return table;
}

// A bare carriage return would reach the peer as a line feed (XML 1.0, 2.11), and line breaks in
// attributes as spaces (3.3.3).
constexpr class_table text_table = make_table("&<>\r");
constexpr class_table attribute_table = make_table("&<>'\"\n\t\r");

constexpr std::string_view reference(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\'':
            return "&apos;";
        case '"':
            return "&quot;";
        case '\n':
            return "&#10;";
        case '\t':
            return "&#9;";
        default:
            return "&#13;";
    }
}

[[noreturn]] void refuse(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned>(static_cast<unsigned char>(text[at]));
    throw error(errc::not_well_formed,
                byte < 0x20
                    ? fmt::format("the control character 0x{:02X} at byte {} can't stand in "
                                  "XML; remove it or encode the data (base64)",
                                  byte, at)
                    : fmt::format("the bytes at position {} are not UTF-8, or a character "
                                  "that XML excludes; convert the text to UTF-8 first",
                                  at));
}

/// Are the eight bytes at `p` plain in content and in attributes alike? May err on the side of no.
bool is_plain_word(const char* p) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t top_bits = each * 0x80U;
    const auto has_zero = [](std::uint64_t w) { return (w - each) & ~w & top_bits; };
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    const auto control = (word - each * 0x20U) & ~word;
    const auto quote = has_zero(word ^ each * '"');
    const auto ampersand_or_apostrophe = has_zero((word | each) ^ each * '\'');
    const auto angle = has_zero((word | each * 2U) ^ each * '>');
    return ((word | control | quote | ampersand_or_apostrophe | angle) & top_bits) == 0;
}

void append_escaped(std::string& out, std::string_view text, const class_table& table) {
    const std::size_t before = out.size();
    std::size_t run = 0;  // where the run of bytes that are copied as they are began
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.size() - at >= 8 && is_plain_word(text.data() + at)) {
            at += 8;
            continue;
        }
        const char c = text[at];
        const auto kind = table[static_cast<unsigned char>(c)];
        if (kind == plain) {
            ++at;
            continue;
        }
        if (kind == multibyte) {
            const auto size = decode_multibyte(text, at).size;
            if (size != 0) {
                at += size;
                continue;
            }
        }
        if (kind != escape) {
            out.resize(before);
            refuse(text, at);
        }
        out.append(text.data() + run, at - run);
        out.append(reference(c));
        run = ++at;
    }
    out.append(text.data() + run, text.size() - run);
}

/// The first byte from `at` on that can't stand in XML; the end where all can.
std::size_t unsendable_at(std::string_view text, std::size_t at) noexcept {
    while (at < text.size()) {
        const auto kind = text_table[static_cast<unsigned char>(text[at])];
        const auto size = kind == multibyte ? decode_multibyte(text, at).size : kind != forbidden;
        if (size == 0) return at;
        at += size;
    }
    return text.size();
}

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

void append_referenced(std::string& out, std::string_view name) {
    if (name == "amp") return out.push_back('&');
    if (name == "lt") return out.push_back('<');
    if (name == "gt") return out.push_back('>');
    if (name == "apos") return out.push_back('\'');
    if (name == "quot") return out.push_back('"');
    if (!name.starts_with('#')) return;
    const bool hex = name.starts_with("#x");
    std::uint32_t code = 0;
    const auto digits = name.substr(hex ? 2 : 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    append_utf8(out, code);
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
    append_escaped(out, text, text_table);
}

void append_attribute_value(std::string& out, std::string_view value) {
    append_escaped(out, value, attribute_table);
}

bool is_sendable(std::string_view text) noexcept {
    return unsendable_at(text, 0) == text.size();
}

std::string sendable_text(std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto bad = unsendable_at(text, at);
        kept.append(text.substr(at, bad - at));
        at = bad;
    }
    return kept;
}

std::string unescape(std::string_view escaped) {
    std::string out;
    out.reserve(escaped.size());
    while (true) {
        const auto at = escaped.find('&');
        const auto end = escaped.find(';', at == escaped.npos ? 0 : at);
        if (at == escaped.npos || end == escaped.npos) return out.append(escaped);
        out.append(escaped.substr(0, at));
        append_referenced(out, escaped.substr(at + 1, end - at - 1));
        escaped.remove_prefix(end + 1);
    }
}

}  // namespace xmpp::detail
