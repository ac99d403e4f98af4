#include "xml/parser/tree_builder.hpp"

#include <xmpp/element.hpp>
#include <xmpp/ns.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace xmpp::detail {
namespace {

/// Prefixed names repeat a namespace that the sender wrote once. Storing it is bounded by this
/// multiple of the accepted size of a stanza.
constexpr std::size_t max_growth = 4;

std::uint32_t narrow(std::size_t value) noexcept {
    return static_cast<std::uint32_t>(value);
}

/// Length of a name's part: up to a separator or the end. The parts are short, a call costs more.
std::size_t part_length(const char* part) noexcept {
    std::size_t size = 0;
    while (part[size] != name_separator && part[size] != '\0') ++size;
    return size;
}

}  // namespace

split_name split_name::of(const char* name) noexcept {
    const std::string_view first(name, part_length(name));
    if (name[first.size()] == '\0') return {{}, first, {}};
    const char* second = first.data() + first.size() + 1;
    const std::string_view local(second, part_length(second));
    if (second[local.size()] == '\0') return {first, local, {}};
    return {first, local, second + local.size() + 1};
}

bool tree_builder::grown_too_far() const noexcept {
    return characters_.size() > max_growth * limits_.stanza_bytes;
}

slice tree_builder::store(std::string_view text) {
    const slice stored{narrow(characters_.size()), narrow(text.size())};
    if (!text.empty()) std::memcpy(characters_.extend(text.size()), text.data(), text.size());
    return stored;
}

slice tree_builder::store_namespace(std::string_view uri) {
    if (uri.empty()) return {0, 0};
    const auto spread = uri.size() + static_cast<unsigned char>(uri.back()) * 3U;
    slice& recent = recent_namespaces_[spread % recent_namespaces_.size()];
    if (view(recent) != uri) recent = store(uri);
    return recent;
}

element_record& tree_builder::add_record(std::uint32_t parent) {
    const auto index = narrow(elements_.size());
    element_record& record = *elements_.extend(1);
    record = {};
    record.index = index;
    record.end = index + 1;
    record.parent = parent;
    return record;
}

void tree_builder::add_text_node(slice text) {
    auto& node = add_record(current_);
    node.is_text = true;
    node.text = text;
}

void tree_builder::declare(const char* prefix, const char* uri) {
    const std::string_view ns = uri != nullptr ? uri : "";
    scope_record& record = *scopes_.extend(1);
    record = {};
    record.declares = true;
    record.prefix = store(prefix != nullptr ? prefix : "");
    record.ns = store_namespace(of_component_ && ns == ns::component ? ns::client : ns);
    ++scopes_of_next_;
}

void tree_builder::prefixed(std::uint32_t element, std::string_view prefix) {
    prefixes_used_ = true;
    scope_record& record = *scopes_.extend(1);
    record = {};
    record.element = element;
    record.prefix = store(prefix);
}

bool tree_builder::open(const char* name, const char** attributes) {
    if (depth_ >= limits_.depth || grown_too_far()) return false;
    auto parent = narrow(elements_.size());
    if (depth_ > 0) {
        parent = current_;
        const element_record& outer = elements_[parent];
        const bool first_child = elements_.size() == outer.index + 1;
        if (first_child && outer.text.size != 0) add_text_node(outer.text);
    }
    auto& record = add_record(parent);
    for (; scopes_of_next_ > 0; --scopes_of_next_)
        scopes_[scopes_.size() - scopes_of_next_].element = record.index;
    if (!store_element_name(name, record)) return false;
    record.first_attribute = narrow(attributes_.size());
    current_ = record.index;
    ++depth_;

    for (; *attributes != nullptr; attributes += 2)
        if (!add_attribute(attributes[0], attributes[1])) return false;
    record.attribute_count = narrow(attributes_.size()) - record.first_attribute;
    return true;
}

bool tree_builder::store_element_name(const char* name, element_record& to) {
    if (depth_ > 0) {
        // Nearly always the namespace is the parent's.
        const auto outer = elements_[to.parent].ns;
        const auto uri = view(outer);
        const char* local = name;
        bool same = true;
        if (!uri.empty()) {
            same = std::strncmp(name, uri.data(), uri.size()) == 0 &&
                   name[uri.size()] == name_separator;
            local = name + uri.size() + 1;
        }
        if (same) {
            const std::string_view own(local, part_length(local));
            const char* after = local + own.size();
            if (!uri.empty() || *after == '\0') {
                to.ns = outer;
                to.name = store(own);
                if (*after == '\0') return short_enough(own.size());
                const std::string_view prefix(after + 1);
                prefixed(to.index, prefix);
                return short_enough(own.size()) && short_enough(prefix.size());
            }
        }
    }
    const auto parts = split_name::of(name);
    const bool renamed = of_component_ && parts.ns == ns::component;
    to.ns = store_namespace(renamed ? ns::client : parts.ns);
    to.name = store(parts.local);
    if (!parts.prefix.empty()) prefixed(to.index, parts.prefix);
    return short_enough(parts.ns.size()) && short_enough(parts.local.size()) &&
           short_enough(parts.prefix.size());
}

bool tree_builder::add_attribute(const char* name, const char* value) {
    const auto value_size = std::strlen(value);
    const auto before = attributes_.size() - elements_[current_].first_attribute;
    if (before >= limits_.attributes || value_size > limits_.attribute_bytes) return false;
    const auto parts = split_name::of(name);
    attribute_record& record = *attributes_.extend(1);
    record.ns = record.prefix = {0, 0};
    if (!parts.ns.empty()) {
        record.ns = store_namespace(parts.ns);
        record.prefix = store(parts.prefix);
        if (grown_too_far()) return false;
        if (parts.ns != ns::xml)
            prefixes_used_ = true;
        else if (parts.local == "lang" && value_size > limits_.lang_bytes)
            return false;
    }
    record.name = store(parts.local);
    record.value = store({value, value_size});
    return short_enough(parts.ns.size()) && short_enough(parts.local.size()) &&
           short_enough(parts.prefix.size());
}

void tree_builder::text(const char* data, std::size_t size) {
    element_record& e = elements_[current_];
    if (elements_.size() == e.index + 1) {
        const auto at = narrow(characters_.size());
        if (e.text.size == 0) e.text.at = at;
        e.text.size += narrow(size);
    } else {
        // expat reports one text in pieces; nothing else is stored between them.
        element_record& last = elements_.back();
        if (last.is_text && last.parent == current_) {
            last.text.size += narrow(size);
        } else {
            e.has_later_text = true;
            add_text_node({narrow(characters_.size()), narrow(size)});
        }
    }
    std::memcpy(characters_.extend(size), data, size);
}

/// Text on both sides of a child is not contiguous; text() wants it to be.
void tree_builder::join_text(element_record& e) {
    const auto begin = narrow(characters_.size());
    for (auto i = e.index + 1; i != elements_.size(); i = elements_[i].end) {
        const element_record& node = elements_[i];
        if (!node.is_text) continue;
        char* to = characters_.extend(node.text.size);
        std::memcpy(to, characters_.data() + node.text.at, node.text.size);
    }
    e.text = {begin, narrow(characters_.size()) - begin};
}

bool tree_builder::close() {
    element_record& e = elements_[current_];
    e.end = narrow(elements_.size());
    if (e.has_later_text) join_text(e);
    current_ = e.parent;
    --depth_;
    return !grown_too_far();
}

document tree_builder::freeze(std::string_view stream_lang) {
    const slice lang = store(stream_lang);
    const auto element_bytes = elements_.size() * sizeof(element_record);
    const auto attribute_bytes = attributes_.size() * sizeof(attribute_record);
    const auto character_bytes = tree_trailer::aligned(characters_.size());
    const auto scope_count = prefixes_used_ ? scopes_.size() : 0;
    const auto scope_bytes = scope_count * sizeof(scope_record);
    const auto size = sizeof(tree) + element_bytes + attribute_bytes + character_bytes +
                      sizeof(tree_trailer) + scope_bytes;
    auto* block = static_cast<char*>(::operator new(size));
    char* elements = block + sizeof(tree);
    char* attributes = elements + element_bytes;
    char* characters = attributes + attribute_bytes;
    char* trailer = characters + character_bytes;
    static_assert(sizeof(element) == sizeof(element_record));
    static_assert(sizeof(tree) % alignof(element) == 0 && alignof(attribute_record) == 4);
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();

    std::memcpy(elements, elements_.data(), element_bytes);
    if (attribute_bytes != 0) std::memcpy(attributes, attributes_.data(), attribute_bytes);
    std::memcpy(characters, characters_.data(), characters_.size());
    ::new (trailer) tree_trailer{narrow(std::min(size, most)), narrow(scope_count), prefixes_used_};
    if (scope_bytes != 0) std::memcpy(trailer + sizeof(tree_trailer), scopes_.data(), scope_bytes);
    auto* head = ::new (block) tree{
        1, lang, of_component_, reinterpret_cast<const attribute_record*>(attributes), characters};
    clear();
    return document(head);
}

void tree_builder::clear() noexcept {
    elements_.clear();
    attributes_.clear();
    scopes_.clear();
    characters_.clear();
    recent_namespaces_ = {};
    current_ = 0;
    depth_ = 0;
    scopes_of_next_ = 0;
    prefixes_used_ = false;
}

}  // namespace xmpp::detail
