#include "xml/serialize.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/ns.hpp>

#include "xml/escape.hpp"
#include "xml/tree_walk.hpp"

namespace xmpp::detail {

void append_declaration(std::string& out, std::string_view prefix, std::string_view uri) {
    out += " xmlns";
    if (!prefix.empty()) out.append(":").append(prefix);
    out += "='";
    append_attribute_value(out, uri);
    out += '\'';
}

namespace {

/// Attributes of one element that share a prefix share a namespace: one declaration serves them.
bool declared_before(const attribute_range& attributes, const attribute& a) {
    for (const auto other : attributes) {
        if (other.name.data() == a.name.data()) return false;
        if (other.prefix == a.prefix) return true;
    }
    return false;
}

void append_attributes(std::string& out, const element& e) {
    const auto attributes = e.attributes();
    for (const auto a : attributes) {
        if (!a.prefix.empty() && a.ns != ns::xml && !declared_before(attributes, a))
            append_declaration(out, a.prefix, a.ns);
        out += ' ';
        if (!a.prefix.empty()) out.append(a.prefix).append(":");
        out.append(a.name).append("='");
        append_attribute_value(out, a.value);
        out += '\'';
    }
}

bool needs_declaration(const element& top, ns_scope scope) {
    switch (scope.kind) {
        case ns_scope::rule::known:
            return top.ns() != scope.uri;
        case ns_scope::rule::content:
            return !is_content_namespace(top.ns()) &&
                   !(top.ns().empty() && is_stanza_name(top.name()));
        case ns_scope::rule::unknown:
            break;
    }
    return true;
}

/// A stanza written without a namespace, as samples and tests do, is one of jabber:client.
std::string_view effective_ns(const element& top) {
    return top.ns().empty() && is_stanza_name(top.name()) ? ns::client : top.ns();
}

}  // namespace

void append_element(std::string& out, const element& top, ns_scope scope) {
    tree_walk walk(top);
    bool tag_open = false;
    const auto end_tag = [&] {
        if (tag_open) out += '>';
        tag_open = false;
    };
    while (true) {
        switch (walk.next()) {
            case tree_walk::step::open: {
                end_tag();
                const element& e = walk.node();
                out.append("<").append(e.name());
                if (&e == &top) {
                    if (needs_declaration(e, scope)) {
                        const bool alone = scope.kind == ns_scope::rule::known && scope.uri.empty();
                        append_declaration(out, {}, alone ? e.ns() : effective_ns(e));
                    }
                } else if (e.ns() != e.parent()->ns()) {
                    append_declaration(out, {}, e.ns());
                }
                append_attributes(out, e);
                tag_open = true;
                break;
            }
            case tree_walk::step::text:
                end_tag();
                append_text(out, walk.node().text());
                break;
            case tree_walk::step::close:
                if (tag_open)
                    out += "/>";
                else
                    out.append("</").append(walk.node().name()).append(">");
                tag_open = false;
                break;
            case tree_walk::step::done:
                return;
        }
    }
}

}  // namespace xmpp::detail
