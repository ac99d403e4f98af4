#include "xml/writer/serialize.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "xml/tree_walk.hpp"
#include "xml/writer/escape.hpp"
#include "xml/writer/scope_tracker.hpp"

#include <fmt/format.h>

#include <vector>

namespace xmpp::detail {

void append_declaration(std::string& out, std::string_view prefix, std::string_view uri) {
    out += " xmlns";
    if (!prefix.empty()) out.append(":").append(prefix);
    out += "='";
    append_attribute_value(out, uri);
    out += '\'';
}

void check_declarable(std::string_view ns) {
    if (ns != ns::xml && ns != ns::xmlns) return;
    throw error(errc::not_well_formed,
                fmt::format("no element can declare the namespace '{}'; attributes that are in it "
                            "are written with the prefix xml:",
                            ns));
}

namespace {

void append_attribute(std::string& out, const attribute& a) {
    out += ' ';
    if (!a.prefix.empty()) out.append(a.prefix).append(":");
    out.append(a.name).append("='");
    append_attribute_value(out, a.value);
    out += '\'';
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

void append_declaration_of(std::string& out, const element& top, ns_scope scope) {
    if (!needs_declaration(top, scope)) return;
    const bool alone = scope.kind == ns_scope::rule::known && scope.uri.empty();
    append_declaration(out, {}, alone ? top.ns() : effective_ns(top));
}

/// Names without prefixes: a namespace that differs from the parent's was declared by the element.
class plain_names {
 public:
    plain_names(const element& top, ns_scope scope) noexcept : top_(top), scope_(scope) {}

    void open(std::string& out, const element& e) {
        out.append("<").append(e.name());
        if (&e == &top_)
            append_declaration_of(out, e, scope_);
        else if (e.ns() != e.parent()->ns())
            append_declaration(out, {}, e.ns());
    }
    void close(std::string& out, const element& e) {
        out.append("</").append(e.name()).append(">");
    }
    void close_empty() noexcept {}

 private:
    const element& top_;
    const ns_scope scope_;
};

/// Names with the sender's prefixes.
class prefixed_names {
 public:
    prefixed_names(const element& top, ns_scope scope)
        : top_(top), scope_(scope), scopes_(top, scope) {
        scopes_.survey();
    }

    void open(std::string& out, const element& e) {
        if (&e == &top_) return open_top(out);
        const auto form = scopes_.open(e);
        open_name(out, form.prefix, e);
        for (const auto& record : form.records) {
            if (!record.declares) continue;
            const auto prefix = tree_access::text(e, record.prefix);
            const auto uri = tree_access::text(e, record.ns);
            const bool known = prefix.empty() ? uri == form.outer_default : prefix == xml_prefix;
            if (!known) append_declaration(out, prefix, uri);
        }
        if (form.declares_own) append_declaration(out, {}, e.ns());
    }
    void close(std::string& out, const element& e) {
        const auto prefix = prefixes_.back();
        out += "</";
        if (!prefix.empty()) out.append(prefix).append(":");
        out.append(e.name()).append(">");
        close_empty();
    }
    void close_empty() {
        prefixes_.pop_back();
        if (!prefixes_.empty()) scopes_.close();
    }

 private:
    static constexpr std::string_view xml_prefix = "xml";

    void open_top(std::string& out) {
        const bool reserved = top_.ns() == ns::xml;
        open_name(out, reserved ? xml_prefix : std::string_view(), top_);
        if (!reserved) append_declaration_of(out, top_, scope_);
        for (const auto& [prefix, uri] : scopes_.outside()) append_declaration(out, prefix, uri);
    }
    void open_name(std::string& out, std::string_view prefix, const element& e) {
        prefixes_.push_back(prefix);
        out += '<';
        if (!prefix.empty()) out.append(prefix).append(":");
        out.append(e.name());
    }

    const element& top_;
    const ns_scope scope_;
    scope_tracker scopes_;
    std::vector<std::string_view> prefixes_;
};

template <class Names>
void append_markup(std::string& out, const element& top, Names names) {
    tree_walk walk(top);
    bool tag_open = false;
    const auto end_tag = [&] {
        if (tag_open) out += '>';
        tag_open = false;
    };
    while (true) {
        switch (walk.next()) {
            case tree_walk::step::open:
                end_tag();
                names.open(out, walk.node());
                for (const auto a : walk.node().attributes()) append_attribute(out, a);
                tag_open = true;
                break;
            case tree_walk::step::text:
                end_tag();
                append_text(out, walk.node().text());
                break;
            case tree_walk::step::close:
                if (tag_open) {
                    out += "/>";
                    names.close_empty();
                } else {
                    names.close(out, walk.node());
                }
                tag_open = false;
                break;
            case tree_walk::step::done:
                return;
        }
    }
}

}  // namespace

void append_element(std::string& out, const element& top, ns_scope scope) {
    if (tree_access::uses_prefixes(top))
        append_markup(out, top, prefixed_names(top, scope));
    else
        append_markup(out, top, plain_names(top, scope));
}

}  // namespace xmpp::detail
