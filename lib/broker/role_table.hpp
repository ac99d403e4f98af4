#pragma once

#include <xmpp/clock.hpp>

#include <cstdint>
#include <map>
#include <optional>

namespace xmpp::detail {

/// Names a program that a broker serves.
using client_id = std::uint32_t;

/// Who takes part in a shared session, who of them is primary, and when each was heard of.
class role_table {
 public:
    using time_point = clock::time_point;

    /// The first one is primary.
    void join(client_id who, time_point now);
    /// When it was primary, whoever was heard of last takes its place.
    void leave(client_id who);
    void seen(client_id who, time_point now);

    /// The primary's place goes to whoever else was heard of last, and not before `since`. \returns
    /// false when there is nobody like that
    bool pass_on(time_point since = time_point::min());

    /// Nobody only when there is nobody at all.
    std::optional<client_id> primary() const noexcept { return primary_; }
    bool empty() const noexcept { return seen_.empty(); }
    bool contains(client_id who) const { return seen_.contains(who); }
    /// When it was heard of last; it must take part.
    time_point last_seen(client_id who) const { return seen_.at(who); }

 private:
    std::optional<client_id> freshest_but(client_id who, time_point since) const;

    std::map<client_id, time_point> seen_;
    std::optional<client_id> primary_;
};

}  // namespace xmpp::detail
