#pragma once

#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>

#include <cstdint>
#include <string>

namespace xmpp::detail {

/// What can come next while a stream is negotiated.
enum class negotiation_step {
    start_tls,
    authenticate,
    authenticate_legacy,  // XEP-0078, where it is allowed and there is no SASL
    resume,               // XEP-0198, where there is a stream to be resumed
    bind,
    open_session,  // RFC 3921, where the server insists
    manage,        // XEP-0198
    done,
};

/// How far the negotiation has come, as bits.
enum negotiation_state : std::uint8_t {
    nothing_yet = 0,
    encrypted = 1,
    authenticated = 2,
    bound = 4,
    session_open = 8,
    resume_over = 16,  // it failed, or there is nothing to be resumed
    managed = 32,      // or not wanted
};

/// Picks the next step from the features that the server announced (RFC 6120 4.3.2), by a table
/// that tells for each feature in which state it is needed and from which on it is over.
///
/// Throws errc::tls_unavailable, errc::no_mechanism or errc::no_bind when a step that must come
/// is not on offer. `legacy_auth`: see options::allow_legacy_auth.
negotiation_step next_step(const stanza& features, std::uint8_t state, tls_mode tls,
                           bool legacy_auth = false);

/// "starttls, mechanisms": what the server announces, for the log.
std::string describe_features(const stanza& features);

}  // namespace xmpp::detail
