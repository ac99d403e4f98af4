#include "transport/bosh/bosh_inbox.hpp"

#include <utility>

namespace xmpp::detail {

void bosh_inbox::add(bosh_response response, content which) {
    if (response.elements.empty() && !response.rest) return;
    parts_.push_back({std::move(response.elements), std::move(response.rest), which});
}

std::optional<stanza> bosh_inbox::take() {
    while (!parts_.empty()) {
        auto element = next_of_first();
        auto& first = parts_.front();
        const bool wanted =
            element && (first.which == content::all || element->kind() != stanza_kind::other);
        if (first.taken == first.elements.size() && !first.rest) parts_.pop_front();
        if (wanted) return element;
    }
    return std::nullopt;
}

std::optional<stanza> bosh_inbox::next_of_first() {
    auto& first = parts_.front();
    if (first.taken < first.elements.size()) return std::move(first.elements[first.taken++]);
    try {
        auto element = first.rest->next();
        if (!element) first.rest.reset();
        return element;
    } catch (...) {
        parts_.clear();
        throw;
    }
}

}  // namespace xmpp::detail
