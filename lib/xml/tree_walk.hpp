#pragma once

#include <xmpp/element.hpp>

#include "xml/tree_trailer.hpp"

#include <cstddef>
#include <span>

namespace xmpp::detail {

/// What programs don't see of a tree.
struct tree_access {
    static const element_record& record(const element& e) noexcept { return e.record_; }
    static const element& at(const element& e, std::uint32_t index) noexcept {
        return *e.sibling(index);
    }
    static std::string_view stream_lang(const element& e) noexcept {
        return e.view(e.tree().stream_lang);
    }
    static std::string_view text(const element& e, slice s) noexcept { return e.view(s); }
    /// Is there a prefix besides xml: of attributes?
    static bool uses_prefixes(const element& e) noexcept { return trailer(e).uses_prefixes; }
    /// Of the whole tree.
    static std::span<const scope_record> scopes(const element& e) noexcept {
        return {trailer(e).scopes(), trailer(e).scope_count};
    }
    /// What the whole tree takes of memory.
    static std::size_t bytes(const element& e) noexcept { return trailer(e).bytes; }
    static const tree_trailer& trailer(const element& e) noexcept {
        return tree_trailer::of(e.tree());
    }
    static bool of_component(const element& e) noexcept { return e.tree().of_component; }
};

/// Visits a subtree in document order without recursion, so that depth costs no stack.
class tree_walk {
 public:
    enum class step { open, text, close, done };

    explicit tree_walk(const element& top) noexcept
        : top_(&top), open_(nullptr), cursor_(tree_access::record(top).index) {}

    step next() noexcept {
        if (leaf_text_) {
            leaf_text_ = false;
            node_ = open_;
            return step::text;
        }
        if (open_ != nullptr && cursor_ == tree_access::record(*open_).end) {
            node_ = open_;
            const bool finished = open_ == top_;
            open_ = finished ? nullptr : open_->parent();
            if (finished) cursor_ = past_the_end;
            return step::close;
        }
        if (cursor_ == past_the_end) return step::done;
        node_ = &tree_access::at(*top_, cursor_++);
        const auto& record = tree_access::record(*node_);
        if (record.is_text) return step::text;
        open_ = node_;
        leaf_text_ = record.end == cursor_ && record.text.size != 0;
        return step::open;
    }

    /// The element of the step; for `text`, what holds the text.
    const element& node() const noexcept { return *node_; }

 private:
    static constexpr std::uint32_t past_the_end = 0xFFFFFFFF;

    const element* top_;
    const element* open_;  // innermost element that is not closed yet
    const element* node_ = nullptr;
    std::uint32_t cursor_;
    bool leaf_text_ = false;
};

}  // namespace xmpp::detail
