#pragma once

#include <xmpp/element.hpp>

#include <string>
#include <string_view>

namespace xmpp::detail {

/// The default namespace in force at the place where markup is written.
struct ns_scope {
    enum class rule {
        known,    ///< `uri`, which may be empty: no namespace
        content,  ///< the content namespace of the stream that the bytes will go to
        unknown,  ///< whatever the place has that the bytes will be put into
    };
    rule kind = rule::unknown;
    std::string_view uri = {};

    static ns_scope content() noexcept { return {rule::content, {}}; }
    static ns_scope known(std::string_view uri) noexcept { return {rule::known, uri}; }
};

/// Appends the attribute that declares a namespace, the default one without a prefix.
void append_declaration(std::string& out, std::string_view prefix, std::string_view uri);

/// \throws xmpp::error(errc::not_well_formed) for a namespace that no element may declare
void check_declarable(std::string_view ns);

/// Appends `top` with all that is in it; declares its namespace unless `scope` already gives it.
/// Below `top` declarations and prefixes stay as the sender wrote them, and what was declared
/// around `top` is declared by it: however often a prefix is used, its namespace is written once.
void append_element(std::string& out, const element& top, ns_scope scope);

}  // namespace xmpp::detail
