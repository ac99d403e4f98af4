#pragma once

#include <xmpp/stanza.hpp>

#include <chrono>
#include <cstddef>
#include <limits>

namespace xmpp::detail {

/// What a server puts up with on a stream, as far as it says so.
struct stream_limits {
    static constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

    /// Of an element of ours, as it is written.
    std::size_t max_bytes = any_size;
    /// How long we may write nothing before the server asks after us, or closes the stream; 0: it
    /// does not say.
    std::chrono::seconds idle{0};
};

/// Reads what is announced among stream features (XEP-0478). What is no positive number that fits
/// was not announced; nothing fails.
stream_limits announced_limits(const stanza& features) noexcept;

}  // namespace xmpp::detail
