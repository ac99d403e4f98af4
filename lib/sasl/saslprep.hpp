#pragma once

#include "base/crypto/secret.hpp"

#include <string_view>

namespace xmpp::detail::sasl {

/// Brings a user name or password (UTF-8) into the form that both sides compute with (RFC 4013).
///
/// Characters that Unicode 3.2 did not know are let through unchanged, although RFC 5802 treats
/// passwords as "stored strings": servers let them through as well, and an emoji in a password
/// must not lock its owner out.
///
/// \throws xmpp::error(errc::prohibited_string) for what the profile forbids: control characters,
///         private use, mixed directions, text that isn't UTF-8
/// \throws xmpp::error(errc::not_supported) for text beyond ASCII in a build without ICU
secret saslprep(std::string_view text);

}  // namespace xmpp::detail::sasl
