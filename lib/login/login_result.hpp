#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/stanza.hpp>

#include <optional>
#include <string>

namespace xmpp::detail {

/// What a login has come to, or has come to so far. A session that was joined has one too.
struct login_result {
    jid account;                      // the bare address; for a component, its domain
    jid user;                         // the full address, once a resource is bound
    std::string asked_resource = {};  // which the stream was begun with
    std::optional<std::string> bound_resource = {};
    std::optional<stanza> features = {};
    std::optional<xmpp::scram_keys> scram_keys = {};
    std::optional<session_role> role = {};  // among those who share the session
    bool authenticated = false;
    bool managed = false;  // the server offers to acknowledge stanzas (XEP-0198)
    bool resumed = false;  // the stream before goes on
};

}  // namespace xmpp::detail
