#include "sasl/scram/scram_message.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace xmpp::detail::sasl {
namespace {

[[noreturn]] void refuse_message(const std::string& why) {
    throw error(errc::bad_challenge, "SCRAM message: " + why);
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

scram_attribute parse_attribute(std::string_view text) {
    if (text.size() < 3 || !is_letter(text[0]) || text[1] != '=') {
        refuse_message("an attribute is not of the form letter=value");
    }
    if (text.find('\0') != std::string_view::npos) refuse_message("a NUL character");
    if (text[0] == 'm') refuse_message("a mandatory extension that we don't know");
    return {text[0], text.substr(2)};
}

}  // namespace

std::vector<scram_attribute> parse_attributes(std::string_view message) {
    std::vector<scram_attribute> attributes;
    for (;;) {
        const auto comma = message.find(',');
        const auto attribute = parse_attribute(message.substr(0, comma));
        const auto same_name = [&](const scram_attribute& a) { return a.name == attribute.name; };
        if (std::any_of(attributes.begin(), attributes.end(), same_name)) {
            refuse_message(std::string("the attribute ") + attribute.name + " occurs twice");
        }
        attributes.push_back(attribute);
        if (comma == std::string_view::npos) return attributes;
        message.remove_prefix(comma + 1);
    }
}

std::string escape_name(std::string_view name) {
    std::string escaped;
    escaped.reserve(name.size());
    for (const char c : name) {
        if (c == ',') {
            escaped += "=2C";
        } else if (c == '=') {
            escaped += "=3D";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::string unescape_name(std::string_view escaped) {
    std::string name;
    name.reserve(escaped.size());
    while (!escaped.empty()) {
        if (escaped.starts_with("=2C")) {
            name += ',';
        } else if (escaped.starts_with("=3D")) {
            name += '=';
        } else if (escaped[0] == '=' || escaped[0] == ',' || escaped[0] == '\0') {
            refuse_message("a name with an unescaped comma or equals sign");
        } else {
            name += escaped[0];
            escaped.remove_prefix(1);
            continue;
        }
        escaped.remove_prefix(3);
    }
    return name;
}

bool is_nonce(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c > 0x20 && c < 0x7f && c != ',';
    });
}

std::uint32_t parse_iterations(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || text[0] == '0' || !std::all_of(text.begin(), text.end(), is_digit)) {
        refuse_message("the iteration count is not a positive number");
    }
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() ? number : std::numeric_limits<std::uint32_t>::max();
}

std::string decode_value(std::string_view value, const char* what) {
    auto bytes = base64_decode(value);
    if (!bytes || bytes->empty()) refuse_message(std::string(what) + " is not valid base64");
    return std::move(*bytes);
}

}  // namespace xmpp::detail::sasl
