#pragma once

#include <xmpp/clock.hpp>

#include <cstdint>
#include <optional>

namespace xmpp::detail {

/// What has passed over the links of a connection.
struct traffic {
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::optional<clock::time_point> last_received;
};

/// Stanzas that have passed over its streams.
struct stanza_counts {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t resent = 0;
};

}  // namespace xmpp::detail
