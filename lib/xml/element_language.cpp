#include <xmpp/element.hpp>
#include <xmpp/ns.hpp>

#include "base/ascii.hpp"

#include <algorithm>

namespace xmpp {
namespace {

/// Language tags know no case (RFC 5646 2.1.1).
bool same_tag(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return detail::to_lower(x) == detail::to_lower(y); });
}

/// The tag without its last part, nor a single letter that would end it then (RFC 4647 3.4).
std::string_view shortened(std::string_view tag) noexcept {
    auto end = tag.rfind('-');
    if (end == std::string_view::npos) return {};
    if (end >= 2 && tag[end - 2] == '-') end -= 2;
    return tag.substr(0, end);
}

}  // namespace

const element* element::child_for(std::string_view name, std::string_view language) const noexcept {
    const auto candidates = children(name);
    for (auto tag = language; !tag.empty(); tag = shortened(tag)) {
        for (const auto& each : candidates) {
            if (same_tag(each.lang(), tag)) return &each;
        }
    }
    for (const auto& each : candidates) {
        if (!each.has_attr("lang", ns::xml)) return &each;
    }
    return child(name);
}

}  // namespace xmpp
