#include "address/domain_name.hpp"

#include "address/address_part.hpp"
#include "address/ip_literal.hpp"
#include "base/ascii.hpp"

#ifdef XMPP_HAVE_ICU
#include "address/idna.hpp"
#endif

namespace xmpp::detail {
namespace {

constexpr std::size_t max_label_bytes = 63;  // RFC 1035 2.3.4
constexpr std::size_t max_name_bytes = 253;  // 255 octets on the wire

constexpr bool is_host_character(char c) {
    // The underscore has no place in a host's name, but hosts in private networks are named with
    // it.
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

void check_label(std::string_view label, std::string_view name) {
    if (label.empty()) refuse_domain(name, "a label is empty");
    if (label.front() == '-' || label.back() == '-') {
        refuse_domain(name, "a label begins or ends with a hyphen");
    }
    for (const char c : label) {
        if (is_ascii(c) && !is_host_character(c)) {
            refuse_domain(name, "only letters, digits, hyphens and dots are allowed");
        }
    }
}

/// What goes for names in lower case, whatever their script.
void check_name(std::string_view name) {
    std::size_t dots = 0;
    for (auto rest = name;; ++dots) {
        const auto dot = rest.find('.');
        check_label(rest.substr(0, dot), name);
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    const bool is_four_numbers =
        dots == 3 && name.find_first_not_of("0123456789.") == std::string_view::npos;
    if (is_four_numbers && !is_ipv4_address(name)) {
        refuse_domain(name, "an IPv4 address consists of four numbers from 0 to 255");
    }
}

void check_sizes(std::string_view name) {
    if (name.size() > max_name_bytes) refuse_domain(name, "it is longer than 253 bytes");
    for (auto rest = name; rest.size() > max_label_bytes;) {
        const auto dot = rest.find('.');
        if (dot > max_label_bytes) refuse_domain(name, "a label is longer than 63 bytes");
        rest.remove_prefix(dot + 1);
    }
}

/// Whether some label begins as A-labels do; `name` is in lower case.
bool has_a_label(std::string_view name) {
    return name.starts_with("xn--") || name.find(".xn--") != std::string_view::npos;
}

#ifdef XMPP_HAVE_ICU

std::string beyond_ascii(std::string_view name) {
    auto normal = idna_to_unicode(name);
    check_length(address_part::domain, normal);
    check_name(normal);
    return normal;
}

std::string a_labels_of(std::string_view normal_name) {
    return idna_to_ascii(normal_name);
}

#else

[[noreturn]] std::string beyond_ascii(std::string_view) {
    refuse_beyond_ascii(address_part::domain);
}

// Not reached: no name beyond ASCII has a normal form in such a build.
std::string a_labels_of(std::string_view normal_name) {
    return std::string(normal_name);
}

#endif

}  // namespace

void append_normal_domain(std::string& to, std::string_view text) {
    if (text.starts_with('[')) {
        const auto literal = normal_ipv6_literal(text);
        if (!literal) refuse_domain(text, "there is no IPv6 address between the brackets");
        check_length(address_part::domain, *literal);  // of a zone it may be longer than `text`
        to += *literal;
        return;
    }
    if (!is_ascii(text)) {
        to += beyond_ascii(text);
        return;
    }
    if (text.ends_with('.')) text.remove_suffix(1);
    check_length(address_part::domain, text);
    const auto begin = to.size();
    append_lowercase(to, text);
    const auto name = std::string_view(to).substr(begin);
    if (has_a_label(name)) {
        to.replace(begin, std::string::npos, beyond_ascii(text));
        return;
    }
    check_name(name);
    check_sizes(name);
}

std::string domain_to_ascii(std::string_view domain) {
    if (!is_ascii(domain)) {
        std::string normal;
        append_normal_domain(normal, domain);
        return a_labels_of(normal);
    }
    std::string name(domain);
    const auto zone = name.find("%25");
    if (name.starts_with('[') && zone != std::string::npos) name.erase(zone + 1, 2);
    return name;
}

}  // namespace xmpp::detail
