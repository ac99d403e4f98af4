#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/options.hpp>

#include "transport/shared/shared_protocol.hpp"

namespace xmpp::detail::shared {

/// Credentials and options on their way to the broker, which logs in with them.

login from_credentials(const credentials& who);
/// \throws error(errc::bad_format, errc::invalid_jid) for what from_credentials() does not write
credentials to_credentials(const login& from);

/// What of the options says where to connect, whom to trust and how to log in, as far as it is not
/// the default. What guards the password (TLS, plain text, the old login) is always there.
/// \throws error(errc::not_supported) for options that can't leave the process: functions, and
///         explicit_resource_binding
text_pairs from_options(const options& settings);
/// `base` with that changed. Names that are not known are ignored.
/// \throws error(errc::bad_format) for what from_options() does not write
options to_options(const text_pairs& from, options base);

}  // namespace xmpp::detail::shared
