#pragma once

#include <xmpp/detail/open_elements.hpp>
#include <xmpp/element.hpp>
#include <xmpp/jid.hpp>

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace xmpp {

namespace detail {

struct ns_scope;
struct builder_access;

/// A received stanza, or whatever else holds a tree.
template <class T>
concept rooted = requires(const T& holder) {
    { holder.root() } -> std::convertible_to<const element&>;
};

/// Attribute values besides text: numbers, booleans, addresses, and optional ones of these.
template <class T>
inline constexpr bool is_attribute_value = std::is_arithmetic_v<T> || std::same_as<T, jid>;
template <class T>
inline constexpr bool is_attribute_value<std::optional<T>> =
    is_attribute_value<T> || std::convertible_to<const T&, std::string_view>;
template <class T>
concept attribute_value = is_attribute_value<T>;

}  // namespace detail

/// Builds an outgoing element, straight into its serialised form.
///
/// There is a current element, at first the root; c() opens a child and moves into it, up() moves
/// back. Text is escaped for where it stands; what can't be XML at all is refused. Every setter
/// exists for named builders and for temporaries, so that
/// `builder("query", ns::roster).c("item").attr("jid", who)` can be passed on as it is. An element
/// that is still open when the builder is sent or spliced into another is ended there.
///
/// Namespaces: an empty one means the parent's, and xmlns is written only where it changes. The
/// content namespace of a stream (jabber:client and its kin) is never written on a stanza: the
/// transport knows which it is. A stanza that is put into an element of another namespace gets
/// jabber:client (XEP-0297).
///
/// \throws xmpp::error(errc::not_well_formed) from every setter for names that are none, invalid
///         UTF-8, control characters, U+FFFE and U+FFFF, and a second attribute of one name; the
///         builder is then as it was before the call.
class builder {
 public:
    /// Nothing: as the payload of a reply, no payload.
    builder() = default;
    /// An element; a namespace is needed unless it is a stanza or goes into another builder.
    explicit builder(std::string_view name, std::string_view ns = {});
    /// A copy of a received element, to which more can be added. A stanza's own content namespace
    /// is left out, so that it can go to another stream.
    explicit builder(const element& root);
    template <detail::rooted Tree>
    explicit builder(const Tree& tree) : builder(tree.root()) {}

    builder(const builder&) = default;
    builder(builder&& other) noexcept;
    builder& operator=(const builder&) = default;
    builder& operator=(builder&& other) noexcept;
    ~builder() = default;

    /// Sets an attribute of the current element, also when it has content already. The name has no
    /// prefix but `xml:`; use the namespace arguments instead of xmlns.
    builder& attr(std::string_view name, std::string_view value) &;
    builder&& attr(std::string_view name, std::string_view value) && {
        return std::move(attr(name, value));
    }
    /// The same for numbers, booleans ("true"), addresses; an empty optional sets nothing.
    template <detail::attribute_value Value>
    builder& attr(std::string_view name, const Value& value) & {
        set(name, value);
        return *this;
    }
    template <detail::attribute_value Value>
    builder&& attr(std::string_view name, const Value& value) && {
        return std::move(attr(name, value));
    }

    /// Opens a child and moves into it.
    builder& c(std::string_view name, std::string_view ns = {}) &;
    builder&& c(std::string_view name, std::string_view ns = {}) && {
        return std::move(c(name, ns));
    }

    /// Adds text to the current element.
    builder& t(std::string_view text) &;
    builder&& t(std::string_view text) && { return std::move(t(text)); }

    /// Moves to the parent. Refused at the root.
    builder& up() &;
    builder&& up() && { return std::move(up()); }

    /// Adds a child with text and stays at the current element; empty text gives `<name/>`.
    builder& child(std::string_view name, std::string_view text) &;
    builder&& child(std::string_view name, std::string_view text) && {
        return std::move(child(name, text));
    }
    /// The same in a namespace of its own.
    builder& child(std::string_view name, std::string_view ns, std::string_view text) &;
    builder&& child(std::string_view name, std::string_view ns, std::string_view text) && {
        return std::move(child(name, ns, text));
    }

    /// Adds a copy of a received element with all that is in it. On an empty builder it becomes the
    /// root, as does a builder.
    builder& add(const element& e) &;
    builder&& add(const element& e) && { return std::move(add(e)); }
    template <detail::rooted Tree>
    builder& add(const Tree& tree) & {
        return add(tree.root());
    }
    template <detail::rooted Tree>
    builder&& add(const Tree& tree) && {
        return std::move(add(tree.root()));
    }
    /// Adds what another builder has built.
    builder& add(builder other) &;
    builder&& add(builder other) && { return std::move(add(std::move(other))); }

    /// The element as it will be sent.
    [[nodiscard]] std::string to_xml() const;
    /// The same without a copy.
    [[nodiscard]] std::string take() &&;
    /// Bytes of to_xml().
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return out_.empty(); }

    /// The root's name; valid until the builder changes.
    [[nodiscard]] std::string_view name() const noexcept;
    /// The root's attributes of these names, as they were given; empty when absent.
    [[nodiscard]] std::string id() const { return root_attr("id"); }
    [[nodiscard]] std::string to() const { return root_attr("to"); }
    [[nodiscard]] std::string from() const { return root_attr("from"); }
    [[nodiscard]] std::string type() const { return root_attr("type"); }
    /// Any attribute of the root, by the name that it was given with.
    [[nodiscard]] std::string root_attr(std::string_view name) const;
    /// Gives the root an id; it must have none. \throws as attr()
    void set_id(std::string_view id) { set_root_attr("id", id); }
    /// Sets an attribute of the root, wherever the current element is.
    void set_root_attr(std::string_view name, std::string_view value);

 protected:
    /// Makes the root the current element.
    void to_root();
    /// A child of the root with text and, unless it is empty, xml:lang.
    void root_child(std::string_view name, std::string_view text, std::string_view lang = {});

 private:
    friend struct detail::builder_access;
    class transaction;

    template <class Value>
    void set(std::string_view name, const Value& value) {
        if constexpr (std::same_as<Value, bool>)
            attr(name, value ? std::string_view("true") : std::string_view("false"));
        else if constexpr (std::is_arithmetic_v<Value>)
            attr(name, std::string_view(fmt::to_string(value)));
        else if constexpr (std::same_as<Value, jid>)
            attr(name, std::string_view(value.str()));
        else
            set_optional(name, value);
    }
    template <class Value>
    void set_optional(std::string_view name, const std::optional<Value>& value) {
        if (!value) return;
        if constexpr (detail::attribute_value<Value>)
            set(name, *value);
        else
            attr(name, std::string_view(*value));
    }

    void require_element(const char* what) const;
    void open(std::string_view name, std::string_view ns);
    void open_root(std::string_view name, std::string_view ns);
    void end_start_tag();
    void close_top();
    void append_end_tags(std::string& out) const;
    void put_attribute(std::size_t element, std::string_view name, std::string_view value);
    void reopen_root();
    std::size_t root_name_at() const noexcept;
    detail::ns_scope scope() const noexcept;

    std::string out_;
    detail::open_elements open_;
    bool tag_open_ = false;  // the current element's start tag still lacks its `>`
    bool raw_ = false;       // made by unsafe_xml: opaque
};

/// Markup that goes out as it is, unchecked: its author answers for it, and for everything that a
/// peer could have put there. Nothing can be added to it; it can be added to a builder, or be sent
/// if it is one element: errc::not_well_formed otherwise. White space around it is left out.
[[nodiscard]] builder unsafe_xml(std::string trusted);

}  // namespace xmpp
