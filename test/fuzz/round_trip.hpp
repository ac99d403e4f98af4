#pragma once

#include <xmpp/element.hpp>

#include "target.hpp"
#include "xml/parser/document_parser.hpp"

#include <string>

namespace xmpp::fuzz {

/// Fails unless `written`, which is `seen` as markup, means the same when it is read again. (It may
/// be written in another way after that: a declaration that no name needs is left out of markup
/// without prefixes.)
inline void check_round_trip(const element& seen, const std::string& written) {
    const auto again = detail::parse_document(written, detail::xml_limits::none());
    if (!equivalent(again.root(), seen))
        fail("an element that is another one when it is read again");
}

}  // namespace xmpp::fuzz
