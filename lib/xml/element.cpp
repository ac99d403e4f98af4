#include <xmpp/element.hpp>
#include <xmpp/ns.hpp>

#include "xml/tree_walk.hpp"
#include "xml/writer/serialize.hpp"

namespace xmpp {

const detail::attribute_record* element::find(std::string_view name,
                                              std::string_view ns) const noexcept {
    const auto* a = tree().attributes + record_.first_attribute;
    for (const auto* last = a + record_.attribute_count; a != last; ++a)
        if (view(a->name) == name && (ns == any_ns || view(a->ns) == ns)) return a;
    return nullptr;
}

std::string_view element::attr(std::string_view name) const noexcept {
    return attr(name, {});
}

std::string_view element::attr(std::string_view name, std::string_view ns) const noexcept {
    const auto* found = find(name, ns);
    return found ? view(found->value) : std::string_view();
}

bool element::has_attr(std::string_view name) const noexcept {
    return find(name, {}) != nullptr;
}

bool element::has_attr(std::string_view name, std::string_view ns) const noexcept {
    return find(name, ns) != nullptr;
}

const element* element::child(std::string_view name) const noexcept {
    return child(name, ns());
}

const element* element::child(std::string_view name, std::string_view ns) const noexcept {
    const auto range = children(name, ns);
    const auto first = range.begin();
    return first == range.end() ? nullptr : &*first;
}

std::string_view element::lang() const noexcept {
    for (const element* e = this; e != nullptr; e = e->parent())
        if (const auto* own = e->find("lang", ns::xml)) return view(own->value);
    return view(tree().stream_lang);
}

std::string element::to_xml() const {
    std::string out;
    detail::append_element(out, *this, detail::ns_scope::known({}));
    return out;
}

}  // namespace xmpp
