#pragma once

#include <cstddef>
#include <limits>

namespace xmpp::detail {

/// What the parser accepts from a peer; whatever exceeds a limit ends the stream with
/// policy-violation before it is complete.
struct xml_limits {
    std::size_t stanza_bytes = 1U << 20U;  ///< of one stanza, and of one tag
    std::size_t depth = 128;               ///< nested elements, the stanza itself being 1
    std::size_t attributes = 256;          ///< of one element; namespace declarations count apart
    std::size_t name_bytes = 1024;         ///< of an element name, attribute name, or namespace
    std::size_t attribute_bytes = 65'536;  ///< of one attribute value
    std::size_t lang_bytes = 255;          ///< of one xml:lang, which each tree of a stream repeats

    /// For what we wrote ourselves.
    static constexpr xml_limits none() noexcept {
        constexpr auto any = std::numeric_limits<std::size_t>::max();
        return {any, any, any, any, any, any};
    }
};

}  // namespace xmpp::detail
