#pragma once

#include <xmpp/detail/tree.hpp>

#include <cstddef>
#include <cstdint>

namespace xmpp::detail {

/// How a sender wrote namespaces, in document order; kept only in trees that use prefixes, because
/// only there one declaration serves elements beside each other.
struct scope_record {
    std::uint32_t element;
    bool declares;  // from this element on, `prefix` stands for `ns`; otherwise it is the element's
    slice prefix;   // empty: the default namespace
    slice ns;
};

/// What only the parser and the writer know of a tree. It stands behind the characters, of which
/// the stream's language is the last, on the next multiple of its alignment; the scope records
/// follow.
struct tree_trailer {
    std::uint32_t bytes;  // of the block
    std::uint32_t scope_count;
    bool uses_prefixes;

    static constexpr std::size_t aligned(std::size_t characters) noexcept {
        return (characters + alignof(tree_trailer) - 1) / alignof(tree_trailer) *
               alignof(tree_trailer);
    }
    static const tree_trailer& of(const tree& head) noexcept {
        const auto end = std::size_t{head.stream_lang.at} + head.stream_lang.size;
        return *reinterpret_cast<const tree_trailer*>(head.characters + aligned(end));
    }
    const scope_record* scopes() const noexcept {
        return reinterpret_cast<const scope_record*>(this + 1);
    }
};

static_assert(alignof(scope_record) == alignof(tree_trailer));

}  // namespace xmpp::detail
