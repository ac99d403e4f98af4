#pragma once

#include <xmpp/detail/tree.hpp>

#include <cstddef>
#include <iterator>
#include <ranges>
#include <string>
#include <string_view>

namespace xmpp {

/// As a namespace argument: any namespace.
inline constexpr std::string_view any_ns = "*";

/// An attribute of a received element. The views live as long as the element.
struct attribute {
    std::string_view name;
    std::string_view ns;      ///< empty for the usual attribute without a prefix
    std::string_view prefix;  ///< as the sender wrote it; without meaning of its own
    std::string_view value;
};

namespace detail {
class attribute_range;
template <class Filter>
class child_range;
struct every_child;
struct named_child;
struct tree_access;
}  // namespace detail

/// A node of an immutable tree, as parsed from the stream. Everything that it hands out, views and
/// references to other elements alike, is valid while a `stanza` handle to its tree lives. Reading
/// is safe from several threads at once.
class element {
 public:
    element(const element&) = delete;
    element& operator=(const element&) = delete;

    /// Local name, without a prefix.
    [[nodiscard]] std::string_view name() const noexcept { return view(record_.name); }
    [[nodiscard]] std::string_view ns() const noexcept { return view(record_.ns); }
    /// The direct text as one string: that of child elements is not part of it.
    [[nodiscard]] std::string_view text() const noexcept { return view(record_.text); }
    /// The language of the content: xml:lang of this element or of the nearest ancestor that has
    /// one, the stream's header included; empty when none was given (XML 1.0, 2.12).
    [[nodiscard]] std::string_view lang() const noexcept;

    /// The attribute with that name in no namespace; empty when absent.
    [[nodiscard]] std::string_view attr(std::string_view name) const noexcept;
    /// The attribute with that name in that namespace (`ns::xml` for xml:lang); empty when absent.
    [[nodiscard]] std::string_view attr(std::string_view name, std::string_view ns) const noexcept;
    [[nodiscard]] bool has_attr(std::string_view name) const noexcept;
    [[nodiscard]] bool has_attr(std::string_view name, std::string_view ns) const noexcept;
    /// All attributes in the sender's order, as a range of `attribute`. Namespace declarations are
    /// not attributes.
    [[nodiscard]] detail::attribute_range attributes() const noexcept;

    /// First child with that name in this element's own namespace; null when there is none.
    [[nodiscard]] const element* child(std::string_view name) const noexcept;
    /// First child with that name and namespace; `any_ns` matches every namespace.
    [[nodiscard]] const element* child(std::string_view name, std::string_view ns) const noexcept;
    /// Of the children with that name in this element's own namespace, which say the same in
    /// several languages (bodies, subjects; RFC 6121 5.2.3), the one to show to a reader of
    /// `language`, a tag such as "de-AT". By the look-up of RFC 4647 3.4: the child in that
    /// language, else in the tag without its last part ("de"), and so on; else the one without
    /// xml:lang, else the first. Null when there is none with that name.
    [[nodiscard]] const element* child_for(std::string_view name,
                                           std::string_view language) const noexcept;
    /// The child elements as a range of `const element&`.
    [[nodiscard]] detail::child_range<detail::every_child> children() const noexcept;
    /// Those with that name in this element's own namespace. `name` must outlive the range.
    [[nodiscard]] detail::child_range<detail::named_child> children(
        std::string_view name) const noexcept;
    /// Those with that name and namespace (or `any_ns`). Both must outlive the range.
    [[nodiscard]] detail::child_range<detail::named_child> children(
        std::string_view name, std::string_view ns) const noexcept;
    /// The element around this one; null for the root of a stanza.
    [[nodiscard]] const element* parent() const noexcept {
        return record_.parent == record_.index ? nullptr : sibling(record_.parent);
    }

    /// Well-formed XML that stands on its own: namespaces are declared where they change.
    [[nodiscard]] std::string to_xml() const;

 private:
    friend struct detail::tree_access;
    template <class Filter>
    friend class detail::child_range;
    friend class detail::attribute_range;

    element() = default;  // made only by copying records into a block

    const element* sibling(std::uint32_t index) const noexcept {
        return this - record_.index + index;
    }
    const detail::tree& tree() const noexcept {
        return *(reinterpret_cast<const detail::tree*>(sibling(0)) - 1);
    }
    std::string_view view(detail::slice s) const noexcept {
        return {tree().characters + s.at, s.size};
    }
    const detail::attribute_record* find(std::string_view name, std::string_view ns) const noexcept;

    detail::element_record record_;
};

/// Do they mean the same? The order of attributes, the choice of prefixes, and text between
/// elements that is nothing but whitespace make no difference.
[[nodiscard]] bool equivalent(const element& a, const element& b);

namespace detail {

struct every_child {
    bool operator()(const element&) const noexcept { return true; }
};

struct named_child {
    std::string_view name;
    std::string_view ns;
    bool operator()(const element& e) const noexcept {
        return e.name() == name && (ns == any_ns || e.ns() == ns);
    }
};

/// Child elements that pass a filter: a forward range of `const element&`.
template <class Filter>
class child_range : public std::ranges::view_interface<child_range<Filter>> {
 public:
    class iterator {
     public:
        using value_type = element;
        using reference = const element&;
        using pointer = const element*;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;

        iterator() = default;
        iterator(const element* at, const element* last, Filter filter) noexcept
            : at_(at), last_(last), filter_(filter) {
            skip();
        }
        reference operator*() const noexcept { return *at_; }
        pointer operator->() const noexcept { return at_; }
        iterator& operator++() noexcept {
            step();
            skip();
            return *this;
        }
        iterator operator++(int) noexcept {
            auto before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.at_ == b.at_;
        }

     private:
        void step() noexcept { at_ = at_->sibling(at_->record_.end); }
        void skip() noexcept {
            while (at_ != last_ && (at_->record_.is_text || !filter_(*at_))) step();
        }

        const element* at_ = nullptr;
        const element* last_ = nullptr;
        [[no_unique_address]] Filter filter_ = {};
    };

    child_range(const element& parent, Filter filter) noexcept
        : first_(&parent + 1), last_(parent.sibling(parent.record_.end)), filter_(filter) {}
    iterator begin() const noexcept { return {first_, last_, filter_}; }
    iterator end() const noexcept { return {last_, last_, filter_}; }

 private:
    const element* first_;
    const element* last_;
    [[no_unique_address]] Filter filter_;
};

/// The attributes of an element: a forward range that makes its `attribute` views as it goes.
class attribute_range : public std::ranges::view_interface<attribute_range> {
 public:
    class iterator {
     public:
        using value_type = attribute;
        using reference = attribute;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;

        iterator() = default;
        iterator(const attribute_record* at, const char* characters) noexcept
            : at_(at), characters_(characters) {}
        attribute operator*() const noexcept {
            return {view(at_->name), view(at_->ns), view(at_->prefix), view(at_->value)};
        }
        iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        iterator operator++(int) noexcept {
            auto before = *this;
            ++at_;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.at_ == b.at_;
        }

     private:
        std::string_view view(slice s) const noexcept { return {characters_ + s.at, s.size}; }

        const attribute_record* at_ = nullptr;
        const char* characters_ = nullptr;
    };

    explicit attribute_range(const element& e) noexcept
        : first_(e.tree().attributes + e.record_.first_attribute),
          count_(e.record_.attribute_count),
          characters_(e.tree().characters) {}
    iterator begin() const noexcept { return {first_, characters_}; }
    iterator end() const noexcept { return {first_ + count_, characters_}; }
    std::size_t size() const noexcept { return count_; }

 private:
    const attribute_record* first_;
    std::size_t count_;
    const char* characters_;
};

}  // namespace detail

inline detail::attribute_range element::attributes() const noexcept {
    return detail::attribute_range(*this);
}
inline detail::child_range<detail::every_child> element::children() const noexcept {
    return {*this, {}};
}
inline detail::child_range<detail::named_child> element::children(
    std::string_view name) const noexcept {
    return {*this, {name, ns()}};
}
inline detail::child_range<detail::named_child> element::children(
    std::string_view name, std::string_view ns) const noexcept {
    return {*this, {name, ns}};
}

}  // namespace xmpp
