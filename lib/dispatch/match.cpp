#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/match.hpp>

#include "address/received_jid.hpp"

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

/// By RFC 7622 3.1 the first slash begins the resource.
std::string_view without_resource(std::string_view address) {
    return address.substr(0, address.find('/'));
}

bool is_from(const stanza& candidate, std::string_view sender, const jid& wanted) {
    if (!candidate.has_from()) return wanted.empty();
    return !wanted.empty() && detail::same_address(sender, wanted);
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
    const auto sender = candidate.from_text();
    if (from_ && !is_from(candidate, sender, *from_)) return false;
    if (bare_from_ && !is_from(candidate, without_resource(sender), *bare_from_)) return false;
    return !ns_ || has_namespace(root);
}

bool match::answers_for(const stanza& request) const {
    if (name_ == "iq") return true;
    const auto payload = request->children();
    if (!ns_ || payload.begin() == payload.end()) return false;
    const auto ns = payload.begin()->ns();
    return !detail::is_content_namespace(ns) && is_wanted(ns);
}

bool match::is_wanted(std::string_view ns) const noexcept {
    return (ignore_ns_fragment_ ? ns.substr(0, ns.find('#')) : ns) == *ns_;
}

bool match::has_namespace(const element& root) const {
    if (is_wanted(root.ns())) return true;
    const auto children = root.children();
    // The parser has bounded the depth.
    return std::any_of(children.begin(), children.end(),
                       [this](const element& child) { return has_namespace(child); });
}

}  // namespace xmpp
