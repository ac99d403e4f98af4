#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/stanza.hpp>

#include "stanza/stanza_kind.hpp"
#include "xml/document_parser.hpp"

namespace xmpp {
namespace {

jid address(std::string_view text) {
    if (text.empty()) return {};
    auto parsed = jid::parse(text);
    return parsed ? std::move(*parsed) : jid();
}

}  // namespace

stanza stanza::parse(std::string_view xml) {
    try {
        return detail::parse_document(xml);
    } catch (const error& failure) {
        throw error(errc::not_well_formed, std::string(failure.explanation()));
    }
}

stanza_kind stanza::kind() const noexcept {
    const element& root = tree_.root();
    if (!root.ns().empty() && !detail::is_content_namespace(root.ns())) return stanza_kind::other;
    return detail::kind_named(root.name());
}

jid stanza::to() const {
    return address(tree_.root().attr("to"));
}
jid stanza::from() const {
    return address(tree_.root().attr("from"));
}

}  // namespace xmpp
