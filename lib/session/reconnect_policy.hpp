#pragma once

#include <xmpp/options.hpp>

#include "session/failure.hpp"

#include <chrono>
#include <optional>

namespace xmpp::detail {

/// May the same be tried again after a while, or would that end as it did? What has to do with the
/// link, or with a server that goes down, passes; what was decided does not: bad credentials, a
/// certificate, a session that replaced ours, a policy, what breaks the protocol.
bool may_pass(const failure& why);

/// Was a session over HTTP that was up lost for good? Whoever held it, the server or a service in
/// front of it, has forgotten it or goes down, or did not answer for too long. A new session may
/// do.
bool is_lost_over_http(const failure& why);

/// Has the server found broken what it read over a stream that was resumed? Prosody 13 goes on with
/// half a stanza of the link before, where that was cut. A new session has no such past.
bool is_broken_resumption(const failure& why);

/// Has the server counted what can't be? Then the stream can't go on, nor be resumed.
bool is_wrong_count(const failure& why);

/// Has the server ended the stream by an error over something that it had read?
bool is_about_what_was_sent(const failure& why);

/// Did the server send what is no XML, or has prefixes that stand for nothing? Then the same bytes
/// would come again where the stream is resumed; a new one begins without them.
bool is_unreadable(const failure& why);

/// Is it about the server itself, which could not be found or authenticated: its certificate, or
/// what DNS says of it? Neither is the server's word.
bool is_of_identity(const failure& why);

/// When to try to connect again: exponential back-off, of which the second half of each wait is
/// random.
class reconnect_policy {
 public:
    using milliseconds = options::milliseconds;

    explicit reconnect_policy(const options& settings);

    /// The session is up. That alone is no success: what ends soon counts as one more attempt.
    void connected(clock::time_point now) noexcept { up_since_ = now; }
    /// How long to wait before the next attempt: at least half of base * 2^n, or of the cap, and
    /// less than the whole. Nothing: there were enough.
    std::optional<milliseconds> next(const clock& time);
    /// The same before a redirect is followed: no time on the way up, nor for the first of a
    /// session since one was healthy.
    std::optional<milliseconds> next_redirect(const clock& time);
    /// The attempt that begins now is the program's wish: it counts nowhere.
    void take_back() noexcept;
    /// How many attempts there were since a session was healthy.
    int attempts() const noexcept { return attempts_; }
    int most_attempts() const noexcept { return most_; }
    /// next() has found that there were enough.
    bool gave_up() const noexcept { return gave_up_; }

 private:
    void forget_after_health(clock::time_point now) noexcept;

    milliseconds base_;
    milliseconds cap_;
    int most_;
    int attempts_ = 0;
    bool gave_up_ = false;
    std::optional<clock::time_point> up_since_;
};

}  // namespace xmpp::detail
