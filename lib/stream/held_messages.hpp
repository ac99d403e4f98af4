#pragma once

#include "stream/management/unacked_stanzas.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// Messages to rooms that were accepted for a session which could not be resumed. In the new one
/// the rooms would refuse them until the program has joined again.
class held_messages {
 public:
    struct entry {
        std::uint64_t number;  // by which a caller may wait for it; 0: no caller does
        std::string room;      // as in the markup
        std::string xml;
        decltype(outgoing_stanza::accepted) accepted;
        bool doubtful;

        outgoing_stanza message() const { return {stanza_kind::message, xml, accepted, doubtful}; }
    };

    /// Learns of rooms from what the program sends.
    void learn(const outgoing_stanza& sent);
    /// The message is to a room, or to an occupant of one that was joined at some time.
    bool concerns(const outgoing_stanza& message) const;
    /// The room that a presence may join; empty if it can't join any.
    static std::string room_joined_by(const outgoing_stanza& sent);

    void add(const outgoing_stanza& message, std::uint64_t number = 0);
    /// Those for that room, oldest first, which are not held any more.
    std::vector<entry> take(std::string_view room);
    std::vector<entry> take_all();

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }
    const std::deque<entry>& entries() const noexcept { return entries_; }

 private:
    std::deque<entry> entries_;
    std::size_t bytes_ = 0;
    std::set<std::string, std::less<>> rooms_;  // that were joined at some time
};

}  // namespace xmpp::detail
