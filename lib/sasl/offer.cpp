#include "sasl/offer.hpp"

#include "base/crypto/base64.hpp"

#include <algorithm>

namespace xmpp::detail::sasl {
namespace {

/// Sorted bytewise. The separators can't occur in XML.
void append_sorted(std::string& text, std::vector<std::string>& names) {
    constexpr char between_names = '\x1e';
    std::sort(names.begin(), names.end());
    bool first = true;
    for (const auto& name : names) {
        if (!first) text += between_names;
        first = false;
        text += name;
    }
}

}  // namespace

std::string offer_hash(detail::hash algorithm, offer offered) {
    constexpr char between_lists = '\x1f';
    std::string text;
    append_sorted(text, offered.mechanisms);
    if (offered.binding_types) {
        text += between_lists;
        append_sorted(text, *offered.binding_types);
    }
    return base64_encode(digest(algorithm, text));
}

}  // namespace xmpp::detail::sasl
