#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/detail/open_elements.hpp>
#include <xmpp/ns.hpp>

#include "xml/parser/start_tag.hpp"
#include "xml/writer/serialize.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace xmpp::detail {

/// What only this layer may do to a builder.
struct builder_access {
    static builder raw(std::string markup) {
        builder b;
        b.out_ = std::move(markup);
        b.raw_ = true;
        return b;
    }

    /// Makes room for so many bytes more, which are then written without moving what is there.
    static void reserve(builder& b, std::size_t more) { b.out_.reserve(b.out_.size() + more); }

    /// A builder that goes on where `markup` ends.
    /// \param ns_at where the root's namespace stands in it, or one of open_element's constants
    static builder open_root(std::string markup, std::uint32_t ns_at, bool tag_open) {
        builder b;
        b.out_ = std::move(markup);
        b.open_.push({1, ns_at});
        b.tag_open_ = tag_open;
        return b;
    }

    /// Writes what `added` has built into a place where `scope` is the default namespace.
    static void append(std::string& out, builder added, ns_scope scope) {
        const auto ns_at = added.open_.empty() ? open_element::unknown_ns : added.open_[0].ns_at;
        std::string markup = std::move(added).take();
        if (ns_at == open_element::content_ns) {
            const bool fits = scope.kind == ns_scope::rule::content ||
                              (scope.kind == ns_scope::rule::known && scope.uri == ns::client);
            if (!fits) declare_default_namespace(markup, ns::client);
        } else if (value_place place{}; ns_at != open_element::unknown_ns &&
                                        scope.kind == ns_scope::rule::known &&
                                        start_tag(markup, 1).find("xmlns", place)) {
            if (std::string_view(markup).substr(place.at, place.size) == scope.uri)
                drop_attribute(markup, "xmlns", place);
        }
        out.append(markup);
    }
};

}  // namespace xmpp::detail
