#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail {

/// Gives a serialised stanza of ours (a builder's, or element::to_xml()) another id.
std::string with_id(std::string xml, std::string_view id);

}  // namespace xmpp::detail
