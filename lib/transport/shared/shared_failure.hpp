#pragma once

#include "transport/shared/shared_protocol.hpp"
#include "transport/transport.hpp"

namespace xmpp::detail::shared {

/// Why a session has ended, on its way to a program that shares it.
ended tell(const std::error_code& code, const std::string& condition, const std::string& text,
           const std::optional<stanza>& element, bool of_login);

ended tell(const error& why);

/// The same as an exception that tells its program what the broker's connection was told.
shared_failure told(const ended& why);

}  // namespace xmpp::detail::shared
