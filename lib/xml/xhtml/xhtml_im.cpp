#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/xhtml_im.hpp>

#include "xml/parser/document_parser.hpp"
#include "xml/tree_walk.hpp"
#include "xml/writer/escape.hpp"
#include "xml/xhtml/xhtml_rules.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <vector>

namespace xmpp {
namespace {

using detail::tree_walk;
using detail::xhtml::verdict;

/// Judges the elements of XHTML's own namespace; all others are taken apart.
verdict judge(const element& node) {
    return node.ns() == ns::xhtml ? detail::xhtml::judge(node.name()) : verdict::unwrap;
}

/// HTML knows no end tag of these, and wants one of all others.
bool is_void(std::string_view name) {
    return name == "br" || name == "img";
}

void append_start_tag(std::string& out, const element& node, html_images images) {
    out.append("<").append(node.name());
    for (const auto& attribute : node.attributes()) {
        if (!attribute.ns.empty()) continue;
        const auto value =
            detail::xhtml::attribute(node.name(), attribute.name, attribute.value, images);
        if (!value) continue;
        out.append(" ").append(attribute.name).append("='");
        detail::append_attribute_value(out, *value);
        out += '\'';
    }
    out += is_void(node.name()) ? "/>" : ">";
}

/// The content of `body` as far as the rules let it pass; elements stand in no namespace.
std::string safe_content(const element& body, html_images images) {
    std::string out;
    std::vector<bool> needs_end_tag;  // of the elements that are open
    std::size_t hidden = 0;           // open elements of which nothing may be seen
    tree_walk walk(body);
    for (auto step = walk.next(); step != tree_walk::step::done; step = walk.next()) {
        const element& node = walk.node();
        if (step == tree_walk::step::text) {
            if (hidden == 0) detail::append_text(out, node.text());
        } else if (step == tree_walk::step::open) {
            const auto decision = &node == &body ? verdict::unwrap : judge(node);
            if (hidden != 0 || decision == verdict::drop) ++hidden;
            const bool keep = hidden == 0 && decision == verdict::keep;
            if (keep) append_start_tag(out, node, images);
            needs_end_tag.push_back(keep && !is_void(node.name()));
        } else {
            if (needs_end_tag.back()) out.append("</").append(node.name()).append(">");
            if (hidden != 0) --hidden;
            needs_end_tag.pop_back();
        }
    }
    return out;
}

const element* find_body(const element& html) {
    if (html.name() == "body" && html.ns() == ns::xhtml) return &html;
    return html.child("body", ns::xhtml);
}

}  // namespace

builder xhtml_im(std::string_view markup, html_images images) {
    const auto document =
        detail::parse_document(fmt::format("<body xmlns='{}'>{}</body>", ns::xhtml, markup));
    return builder("html", ns::xhtml_im)
        .c("body", ns::xhtml)
        .add(unsafe_xml(safe_content(document.root(), images)));
}

std::string safe_html(const element& html, html_images images) {
    const element* body = find_body(html);
    return body ? safe_content(*body, images) : std::string();
}

}  // namespace xmpp
