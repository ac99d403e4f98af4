#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

/// \file
/// How a received stanza lies in memory: one block of `[tree][element records][attribute records]
/// [characters]`. Records refer to each other by index and to characters by offset, so that a block
/// is made by copying three arrays and freed in one call.

namespace xmpp {

class element;

namespace detail {

/// Characters of a tree.
struct slice {
    std::uint32_t at;
    std::uint32_t size;
};

struct attribute_record {
    slice name;
    slice ns;
    slice prefix;
    slice value;
};

/// A node in document order: its descendants are the records (index, end), and its next sibling,
/// if it has one, is the record `end`.
struct element_record {
    std::uint32_t index;
    std::uint32_t end;
    std::uint32_t parent;  // the root is its own parent
    slice name;
    slice ns;
    slice text;  // all direct text; for a text node its own
    std::uint32_t first_attribute;
    std::uint32_t attribute_count;
    bool is_text;         // a piece of text between elements, never shown to users
    bool has_later_text;  // direct text stands behind a child
};

/// The head of the block.
struct tree {
    std::atomic<std::uint32_t> references;
    slice stream_lang;  // xml:lang of the stream, which the root inherits
    bool of_component;  // sent to a component, whose replies must say for whom it speaks
    const attribute_record* attributes;
    const char* characters;
};

/// Shared ownership of a tree, or of nothing. Copies may be used and dropped in different threads.
class document {
 public:
    document() noexcept = default;
    /// Takes over the reference that `owned` was made with.
    explicit document(tree* owned) noexcept : tree_(owned) {}
    document(const document& other) noexcept : tree_(other.tree_) {
        if (tree_) tree_->references.fetch_add(1, std::memory_order_relaxed);
    }
    document(document&& other) noexcept : tree_(std::exchange(other.tree_, nullptr)) {}
    document& operator=(document other) noexcept {
        std::swap(tree_, other.tree_);
        return *this;
    }
    ~document() {
        if (tree_ && tree_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            ::operator delete(static_cast<void*>(tree_));
    }

    explicit operator bool() const noexcept { return tree_ != nullptr; }
    const element& root() const noexcept { return *reinterpret_cast<const element*>(tree_ + 1); }

 private:
    tree* tree_ = nullptr;
};

}  // namespace detail
}  // namespace xmpp
