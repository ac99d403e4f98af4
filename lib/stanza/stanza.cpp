#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/stanza.hpp>

#include "address/received_jid.hpp"
#include "stanza/stanza_kind.hpp"
#include "xml/parser/document_parser.hpp"
#include "xml/tree_walk.hpp"

namespace xmpp {
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

std::size_t stanza::memory() const noexcept {
    return detail::tree_access::bytes(tree_.root());
}

jid stanza::to() const {
    return detail::received_jid(to_text()).value_or(jid());
}
jid stanza::from() const {
    return detail::received_jid(from_text()).value_or(jid());
}

}  // namespace xmpp
