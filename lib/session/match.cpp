#include <xmpp/match.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace xmpp {
namespace {

/// RFC 6121 5.2.2 and 4.7.1: what a missing type attribute means.
std::string_view effective_type(const stanza& candidate) {
    const auto type = candidate.type();
    if (!type.empty()) return type;
    switch (candidate.kind()) {
        case stanza_kind::message:
            return "normal";
        case stanza_kind::presence:
            return "available";
        default:
            return type;
    }
}

}  // namespace

match& match::name(std::string value) {
    name_ = std::move(value);
    return *this;
}

match& match::ns(std::string value) {
    ns_ = std::move(value);
    return *this;
}

match& match::type(std::string value) {
    types_.push_back(std::move(value));
    return *this;
}

match& match::id(std::string value) {
    id_ = std::move(value);
    return *this;
}

match& match::from(jid value) {
    from_ = std::move(value);
    return *this;
}

match& match::bare_from(jid value) {
    bare_from_ = value.bare();
    return *this;
}

match& match::ignore_ns_fragment(bool value) {
    ignore_ns_fragment_ = value;
    return *this;
}

bool match::matches(const stanza& candidate) const {
    const element& root = candidate.root();
    if (name_ && root.name() != *name_) return false;
    if (id_ && candidate.id() != *id_) return false;
    if (!types_.empty() &&
        std::find(types_.begin(), types_.end(), effective_type(candidate)) == types_.end()) {
        return false;
    }
    if (from_ && candidate.from() != *from_) return false;
    if (bare_from_ && candidate.from().bare() != *bare_from_) return false;
    return !ns_ || has_namespace(root);
}

bool match::has_namespace(const element& root) const {
    auto ns = root.ns();
    if (ignore_ns_fragment_) ns = ns.substr(0, ns.find('#'));
    if (ns == *ns_) return true;
    const auto children = root.children();
    // The parser has bounded the depth.
    return std::any_of(children.begin(), children.end(),
                       [this](const element& child) { return has_namespace(child); });
}

}  // namespace xmpp
