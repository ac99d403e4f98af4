#include "base/address_preparation.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xmpp::detail {
namespace {

constexpr std::size_t max_part_bytes = 1023;  // RFC 7622 3.1
constexpr std::size_t max_label_bytes = 63;   // RFC 1035 2.3.4

constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

[[noreturn]] void refuse(std::string explanation) {
    throw error(errc::invalid_jid, std::move(explanation));
}

void check_length(std::string_view part, std::string_view name) {
    if (part.empty()) refuse(fmt::format("the {} part is empty", name));
    if (part.size() > max_part_bytes) {
        refuse(fmt::format("the {} part has {} bytes, at most {} are allowed", name, part.size(),
                           max_part_bytes));
    }
}

void check_ascii(std::string_view part, std::string_view name) {
    if (std::all_of(part.begin(), part.end(), is_ascii)) return;
    refuse(fmt::format("the {} part has characters beyond ASCII, which this build can't prepare",
                       name));
}

/// An IPv6 address with an optional zone between brackets; the resolver judges its details.
bool is_ipv6_literal(std::string_view text) {
    if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
    const auto inside = text.substr(1, text.size() - 2);
    const auto address = inside.substr(0, inside.find('%'));
    return address.find(':') != std::string_view::npos &&
           address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

}  // namespace

std::string prepare_local(std::string_view text) {
    check_length(text, "local");
    check_ascii(text, "local");
    std::string prepared(text);
    for (char& c : prepared) {
        if (is_control(c) || std::string_view(" \"&'/:<>@").find(c) != std::string_view::npos) {
            refuse(fmt::format("the local part holds {}, which must be escaped (XEP-0106)",
                               is_control(c) ? std::string("a control character")
                                             : fmt::format("'{}'", c)));
        }
        c = to_lower(c);
    }
    return prepared;
}

std::string prepare_domain(std::string_view text) {
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);
    check_length(text, "domain");
    check_ascii(text, "domain");
    std::string prepared(text);
    std::transform(prepared.begin(), prepared.end(), prepared.begin(), to_lower);
    if (is_ipv6_literal(prepared)) return prepared;
    std::size_t label_length = 0;
    for (const char c : prepared) {
        if (c == '.' && label_length > 0) {
            label_length = 0;
        } else if (is_host_character(c) && label_length < max_label_bytes) {
            ++label_length;
        } else {
            refuse(fmt::format("'{}' is not a domain name", prepared));
        }
    }
    if (label_length == 0) refuse(fmt::format("'{}' is not a domain name", prepared));
    return prepared;
}

std::string prepare_resource(std::string_view text) {
    check_length(text, "resource");
    check_ascii(text, "resource");
    if (std::any_of(text.begin(), text.end(), is_control)) {
        refuse("the resource part holds a control character");
    }
    return std::string(text);
}

}  // namespace xmpp::detail
