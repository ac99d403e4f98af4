#pragma once

#include <xmpp/detail/tree.hpp>

#include "xml/parser/limits.hpp"
#include "xml/parser/scratch.hpp"
#include "xml/tree_trailer.hpp"

#include <array>
#include <string_view>

namespace xmpp::detail {

/// Separates namespace, local name and prefix in the names that expat reports. U+0001 is in no
/// document, neither raw nor as a reference, so no namespace can contain it.
inline constexpr char name_separator = '\x01';

/// A name as expat reports it: `local`, `ns^local` or `ns^local^prefix`.
struct split_name {
    std::string_view ns, local, prefix;

    static split_name of(const char* name) noexcept;
};

/// Collects one stanza in scratch arrays, which are reused, and freezes them into a document.
class tree_builder {
 public:
    explicit tree_builder(const xml_limits& limits) : limits_(limits) {}

    /// The stream is a component's (XEP-0114): its content namespace is read as jabber:client, and
    /// the trees know where they came from. Holds for good.
    void of_component() noexcept { of_component_ = true; }

    /// A namespace declaration of the element that is opened next. \param prefix, uri null: none
    void declare(const char* prefix, const char* uri);
    /// \param name see split_name
    /// \param attributes null-terminated list of names (same form) and values
    /// \returns false when a limit was exceeded
    bool open(const char* name, const char** attributes);
    bool close();
    /// Text directly in the open element; must not be called without one.
    void text(const char* data, std::size_t size);

    std::size_t depth() const noexcept { return depth_; }

    /// Makes the document of what was collected since the last clear(); open elements end here.
    document freeze(std::string_view stream_lang);
    void clear() noexcept;

 private:
    bool store_element_name(const char* name, element_record& to);
    bool add_attribute(const char* name, const char* value);
    bool short_enough(std::size_t name_size) const noexcept {
        return name_size <= limits_.name_bytes;
    }
    bool grown_too_far() const noexcept;
    slice store(std::string_view text);
    slice store_namespace(std::string_view uri);
    void prefixed(std::uint32_t element, std::string_view prefix);
    element_record& add_record(std::uint32_t parent);
    void add_text_node(slice text);
    void join_text(element_record& e);
    std::string_view view(slice s) const noexcept { return {characters_.data() + s.at, s.size}; }

    xml_limits limits_;
    scratch<element_record> elements_;
    scratch<attribute_record> attributes_;
    scratch<scope_record> scopes_;
    scratch<char> characters_;
    std::array<slice, 8> recent_namespaces_ = {};  // saves storing what siblings have in common
    std::uint32_t current_ = 0;                    // the innermost open element, if depth_ > 0
    std::size_t depth_ = 0;
    std::size_t scopes_of_next_ = 0;  // declarations that wait for their element
    bool prefixes_used_ = false;
    bool of_component_ = false;
};

}  // namespace xmpp::detail
