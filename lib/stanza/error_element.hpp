#pragma once

#include <xmpp/element.hpp>

#include <string>
#include <string_view>

namespace xmpp::detail {

/// What an error element says in one of the two namespaces of conditions: the same form serves
/// stanza errors and stream errors. Children of other namespaces are the application's.
struct error_element {
    std::string_view condition;  // empty when there is none
    std::string_view text;       // that in the wanted language, if there is a choice
};

error_element read_error_element(const element& e, std::string_view ns, std::string_view lang);

}  // namespace xmpp::detail
