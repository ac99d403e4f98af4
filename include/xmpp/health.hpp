#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace xmpp {

/// How a connection fares: figures that are kept anyway, so that reading them costs next to nothing
/// and they can be exported as often as one likes. Counts are since the connection was made, times
/// by options::time_source().
class health {
 public:
    using time_point = std::chrono::steady_clock::time_point;  // lint: the type of xmpp::clock

    /// When anything came from the server last.
    std::optional<time_point> last_received;
    /// When the server has acknowledged stanzas last (XEP-0198).
    std::optional<time_point> last_acknowledgement;
    /// The time between the last question for that and its answer.
    std::optional<std::chrono::steady_clock::duration> round_trip;  // lint: the same

    std::size_t queued_bytes = 0;     ///< wait to be written
    std::size_t unacked_stanzas = 0;  ///< wait to be acknowledged, or for a link
    std::size_t unacked_bytes = 0;
    std::size_t pending_requests = 0;  ///< send_iq() and send_presence() that wait for a reply

    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t stanzas_received = 0;
    std::uint64_t stanzas_sent = 0;    ///< accepted from the program
    std::uint64_t stanzas_resent = 0;  ///< sent again over another link
    std::uint64_t reconnects = 0;      ///< links that took the place of a lost one
    std::uint64_t resumptions = 0;     ///< of these, streams that went on
};

}  // namespace xmpp
