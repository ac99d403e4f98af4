#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/protocol_error.hpp>

#include "xml/parser/limits.hpp"

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
    // For the other requests under way, once one has failed for good: the server may say why.
    std::chrono::milliseconds last_answers{1'000};
    bosh_retry_policy retry;
    xml_limits limits;
    /// Called with each failure of HTTP, its number the status or 0 when there was no answer,
    /// before anything comes of it.
    std::function<void(const protocol_error&)> on_failure;
    /// Called after each answer with the request id that comes next, and at the session's end with
    /// one to begin the next session with.
    std::function<void(std::uint64_t)> on_next_rid;
    /// Called when a server has answered: so many bytes of elements, ever, have arrived there.
    std::function<void(std::uint64_t)> on_confirmed;
    /// Called before each request but the first: the tokens are what comes after it.
    std::function<void()> on_tokens;
};

}  // namespace xmpp::detail
