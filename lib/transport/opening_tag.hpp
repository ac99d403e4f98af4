#pragma once

#include <xmpp/builder.hpp>

#include <string>

namespace xmpp::detail {

/// The tag that opens a stream (RFC 6120 4.7), with the attributes of `stream`, an element without
/// content. No builder can write it, since the element stays open.
std::string opening_tag(const builder& stream);

}  // namespace xmpp::detail
