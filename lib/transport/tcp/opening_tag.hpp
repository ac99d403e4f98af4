#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/ns.hpp>

#include <string>
#include <string_view>

namespace xmpp::detail {

/// The tag that opens a stream (RFC 6120 4.7), with the attributes of `stream`, an element without
/// content, and its content namespace. No builder can write it, since the element stays open.
std::string opening_tag(const builder& stream, std::string_view content = ns::client);

}  // namespace xmpp::detail
