#include "base/address_part.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

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
