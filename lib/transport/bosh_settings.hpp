#pragma once

#include "xml/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace xmpp::detail {

/// How often a request that failed is sent again, and when.
struct bosh_retry_policy {
    int max_retries = 5;  // beyond the first time; then the session is over
    std::chrono::milliseconds base{1000};
    std::chrono::milliseconds cap{60'000};
    /// A number from 0 to 1: the part of the second half of each delay that is waited. Null:
    /// random.
    std::function<double()> jitter;

    /// Before the n-th repetition: none before the first, then the base, doubled each time.
    std::chrono::milliseconds delay(int repetition) const;
};

/// How a session over HTTP is held (XEP-0124).
struct bosh_settings {
    std::chrono::seconds wait{60};  // how long the server may hold a request
    int hold = 1;                   // requests for the server to hold; 0: polling
    int window = 5;                 // never more requests at once, whatever the server allows
    std::string route;              // which server the HTTP service shall connect to
    bool acks = false;              // XEP-0124 section 9
    bool key_sequence = false;      // XEP-0124 section 15
    bool strip = true;              // the hooks for elements see stanzas; else bodies as a whole
    std::size_t body_bytes = 64 * 1024;               // a body is not filled beyond that
    std::chrono::milliseconds request_margin{5'000};  // beyond `wait`; then a request is broken
    bosh_retry_policy retry;
    xml_limits limits;
    /// Called with each status of HTTP that is not 200, and with 0 when there was no answer, before
    /// anything comes of it.
    std::function<void(int)> on_protocol_error;
    /// Called after each answer with the request id that comes next.
    std::function<void(std::uint64_t)> on_next_rid;
};

/// What another process, or a later one, needs to go on with a session.
struct bosh_tokens {
    std::string sid;
    std::uint64_t rid = 0;  // of the next request
    std::chrono::seconds wait{60};
    int hold = 1;
    int requests = 2;
    std::chrono::seconds inactivity{0};  // 0: not said
    std::chrono::seconds polling{0};
    std::chrono::seconds max_pause{0};  // 0: no pauses
};

}  // namespace xmpp::detail
