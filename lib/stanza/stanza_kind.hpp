#pragma once

#include <xmpp/stanza.hpp>

#include <string_view>

namespace xmpp::detail {

/// Of an element with that name, in a namespace of stanzas.
inline stanza_kind kind_named(std::string_view name) noexcept {
    if (name == "message") return stanza_kind::message;
    if (name == "presence") return stanza_kind::presence;
    if (name == "iq") return stanza_kind::iq;
    return stanza_kind::other;
}

}  // namespace xmpp::detail
