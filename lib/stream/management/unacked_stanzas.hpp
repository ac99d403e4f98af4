#pragma once

#include <xmpp/stanza.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// A stanza on its way out, as it is kept until somebody has said that it arrived.
struct outgoing_stanza {
    stanza_kind kind;
    std::string_view xml;
    std::chrono::system_clock::time_point accepted;
    /// An earlier stream has carried it already, and nobody knows how far.
    bool doubtful = false;
    /// The server ended a stream by an error when this was the first that it had not acknowledged.
    bool suspected = false;
};

/// Stanzas that were accepted for sending and are not known to have arrived, oldest first. Each has
/// a number, which never comes again. They share one buffer.
class unacked_stanzas {
 public:
    /// Begins to number there.
    void begin_at(std::uint64_t number) noexcept { first_ = number; }

    /// Returns its number.
    std::uint64_t push(const outgoing_stanza& added);
    /// Forgets the oldest.
    void pop() noexcept;
    /// The oldest may be what the server ended a stream over.
    void suspect_first() noexcept { records_.front().suspected = true; }

    /// Valid until the next change.
    outgoing_stanza front() const noexcept { return at(0); }
    outgoing_stanza at(std::size_t index) const noexcept;

    /// The number of the oldest, or of the next one where there is none.
    std::uint64_t first() const noexcept { return first_; }
    /// The number that the next one gets.
    std::uint64_t next() const noexcept { return first_ + records_.size(); }

    bool empty() const noexcept { return records_.empty(); }
    std::size_t size() const noexcept { return records_.size(); }
    std::size_t bytes() const noexcept { return bytes_.size() - begin_; }

    template <class Action>
    void for_each(Action action) const {
        for (std::size_t i = 0; i < size(); ++i) action(at(i));
    }

 private:
    struct record {
        std::uint64_t end;  // counted in bytes since the beginning of time
        std::chrono::system_clock::time_point accepted;
        stanza_kind kind;
        bool doubtful;
        bool suspected;
    };

    std::deque<record> records_;
    std::uint64_t first_ = 1;
    std::string bytes_;
    std::size_t begin_ = 0;     // of what is still needed in bytes_
    std::uint64_t passed_ = 0;  // bytes that are gone from the front of bytes_
};

}  // namespace xmpp::detail
