#pragma once

#include <xmpp/credentials.hpp>

#include "base/crypto/secret.hpp"

namespace xmpp::detail {

enum class credentials_kind { password, oauth, external, component };

/// What `credentials` holds, for the layers that have to use it. An anonymous user is one of kind
/// `password` that has neither name nor password.
struct credentials_data {
    credentials_kind kind = credentials_kind::password;
    jid user;
    detail::secret secret;  // password, token or component secret
    std::string authcid;
    jid authzid;
    std::string resource;
    std::optional<xmpp::scram_keys> keys;
    std::vector<std::string> mechanisms;

    static const credentials_data& of(const credentials& c) noexcept { return *c.data_; }
};

}  // namespace xmpp::detail
