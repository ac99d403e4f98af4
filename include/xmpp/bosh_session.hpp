#pragma once

#include <xmpp/jid.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp {

/// What it takes to go on with a session over HTTP (XEP-0124): in another process, in a later one,
/// or in a program that got it from the one that logged in.
///
/// Whoever has this can act as the user until the session ends, so it is as secret as a password.
/// Only one side may go on with a session: request ids that are used twice end it.
class bosh_session {
 public:
    static constexpr std::uint64_t max_rid = (std::uint64_t{1} << 53) - 1;  ///< XEP-0124 section 14

    bosh_session() = default;
    bosh_session(jid user, std::string sid, std::uint64_t rid)
        : user(std::move(user)), sid(std::move(sid)), rid(rid) {}

    jid user;             ///< the full address that the session is bound to
    std::string service;  ///< its URL; empty: that of the connection
    std::string sid;
    std::uint64_t rid = 0;               ///< of the next request; at most max_rid
    std::chrono::seconds wait{60};       ///< how long the server may hold a request
    int hold = 1;                        ///< requests that it holds at most
    int requests = 2;                    ///< requests that may be under way at once
    std::chrono::seconds inactivity{0};  ///< after that long without a request it ends; 0: not said
    std::chrono::seconds polling{0};     ///< the least time between empty requests; 0: not said
    std::chrono::seconds max_pause{0};   ///< the longest pause; 0: none

    /// As one line of text, for parse(): a URL-encoded form.
    std::string str() const;
    /// Nothing for what str() can't have written: fields that are missing, unknown or out of range.
    static std::optional<bosh_session> parse(std::string_view text);
};

}  // namespace xmpp
