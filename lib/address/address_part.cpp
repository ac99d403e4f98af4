#include "address/address_part.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xmpp::detail {
namespace {

std::string_view name_of(address_part part) {
    switch (part) {
        case address_part::local:
            return "local";
        case address_part::domain:
            return "domain";
        case address_part::resource:
            break;
    }
    return "resource";
}

}  // namespace

void refuse(address_part part, std::string_view why) {
    throw error(errc::invalid_jid, fmt::format("the {} part {}", name_of(part), why));
}

void refuse_domain(std::string_view name, std::string_view why) {
    std::string quoted(name);
    std::replace_if(quoted.begin(), quoted.end(), [](char c) { return is_control(c); }, '?');
    refuse(address_part::domain, fmt::format("'{}' is not a domain name: {}", quoted, why));
}

void check_length(address_part part, std::string_view text) {
    if (text.empty()) refuse(part, "is empty");
    if (text.size() > max_part_bytes) {
        refuse(part,
               fmt::format("has {} bytes, at most {} are allowed", text.size(), max_part_bytes));
    }
}

void refuse_beyond_ascii(address_part part) {
    refuse(part, "has characters beyond ASCII, which need a build with ICU (-Dicu=enabled)");
}

}  // namespace xmpp::detail
