#pragma once

#include <cstdint>
#include <string_view>

namespace xmpp {

/// The part of a connection in a session that several programs share (docs/shared-sessions.md).
/// There is exactly one primary.
enum class session_role : std::uint8_t {
    primary,    ///< gets the IQ requests that no connection has a responder for
    secondary,  ///< sends and receives like the primary, and may take its place at any time
};

/// "primary", "secondary"
constexpr std::string_view to_string(session_role role) noexcept {
    return role == session_role::primary ? "primary" : "secondary";
}

}  // namespace xmpp
