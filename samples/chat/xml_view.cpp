#include "xml_view.hpp"

#include "terminal/safe_text.hpp"

#include <algorithm>

namespace chat {
namespace {

/// `name="value"` pairs up to the end of a tag.
std::string paint_attributes(std::string_view attributes, const palette& colours) {
    std::string painted;
    while (!attributes.empty()) {
        const auto equals = attributes.find('=');
        const auto opening = attributes.find_first_of("\"'", equals);
        if (equals == std::string_view::npos || opening == std::string_view::npos) break;
        const auto closing = attributes.find(attributes[opening], opening + 1);
        if (closing == std::string_view::npos) break;
        painted += colours.paint(colour::cyan, attributes.substr(0, equals));
        painted += attributes.substr(equals, opening - equals);
        painted += colours.paint(colour::green, attributes.substr(opening, closing + 1 - opening));
        attributes.remove_prefix(closing + 1);
    }
    painted += attributes;
    return painted;
}

/// Where a tag ends that begins at the front: a '>' may stand inside an attribute's value.
std::size_t tag_size(std::string_view xml) noexcept {
    char quote = 0;
    for (std::size_t at = 0; at < xml.size(); ++at) {
        const char c = xml[at];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return at + 1;
        }
    }
    return xml.size();
}

std::string paint_tag(std::string_view tag, const palette& colours) {
    const auto inner = tag.substr(0, tag.ends_with('>') ? tag.size() - 1 : tag.size());
    const auto name_end = std::min(inner.find(' '), inner.size());
    const auto slash = inner.size() > name_end && inner.back() == '/' ? 1u : 0u;
    std::string painted = colours.paint(colour::blue, inner.substr(0, name_end));
    painted += paint_attributes(inner.substr(name_end, inner.size() - slash - name_end), colours);
    painted += colours.paint(colour::blue, tag.substr(inner.size() - slash));
    return painted;
}

}  // namespace

std::string paint_xml(std::string_view xml, const palette& colours) {
    const auto safe = safe_text(xml);
    std::string painted;
    for (std::string_view rest = safe; !rest.empty();) {
        const bool tag = rest.front() == '<';
        const auto size = tag ? tag_size(rest) : std::min(rest.find('<'), rest.size());
        if (tag) {
            painted += paint_tag(rest.substr(0, size), colours);
        } else {
            painted += rest.substr(0, size);
        }
        rest.remove_prefix(size);
    }
    return painted;
}

}  // namespace chat
