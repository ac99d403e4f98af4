#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/element.hpp>

#include "xml/tree_walk.hpp"

#include <algorithm>

namespace xmpp {
namespace {

using detail::tree_walk;

bool has_children(const element& e) {
    return !e.children().empty();
}

/// Whitespace beside elements only lays them out; a text node has elements beside it by definition.
bool is_layout(const element& node) {
    return detail::tree_access::record(node).is_text && detail::is_blank(node.text());
}

tree_walk::step next_that_counts(tree_walk& walk) {
    auto step = walk.next();
    while (step == tree_walk::step::text && is_layout(walk.node())) step = walk.next();
    return step;
}

bool same_attributes(const element& a, const element& b) {
    const auto ours = a.attributes();
    if (ours.size() != b.attributes().size()) return false;
    return std::all_of(ours.begin(), ours.end(), [&](const attribute& x) {
        return b.has_attr(x.name, x.ns) && b.attr(x.name, x.ns) == x.value;
    });
}

bool same_tag(const element& a, const element& b) {
    return a.name() == b.name() && a.ns() == b.ns() && same_attributes(a, b) &&
           has_children(a) == has_children(b);
}

}  // namespace

bool equivalent(const element& a, const element& b) {
    tree_walk left(a);
    tree_walk right(b);
    while (true) {
        const auto step = next_that_counts(left);
        if (step != next_that_counts(right)) return false;
        switch (step) {
            case tree_walk::step::open:
                if (!same_tag(left.node(), right.node())) return false;
                break;
            case tree_walk::step::text:
                if (left.node().text() != right.node().text()) return false;
                break;
            case tree_walk::step::close:
                break;
            case tree_walk::step::done:
                return true;
        }
    }
}

}  // namespace xmpp
