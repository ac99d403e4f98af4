#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/element.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include "stream/management/unacked_stanzas.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The question for what has arrived.
inline constexpr std::string_view ack_request = "<r xmlns='urn:xmpp:sm:3'/>";

/// The server has counted what can't be (XEP-0198 section 4).
class wrong_handled_count : public error {
 public:
    wrong_handled_count(errc code, std::uint32_t sent, std::uint32_t claimed);
    /// `<handled-count-too-high/>`, for the stream error.
    std::string to_xml() const;

 private:
    std::uint32_t sent_;
    std::uint32_t claimed_;
};

/// The server has answered a resumption with something else.
class resumption_failed : public error {
 public:
    using error::error;
    explicit resumption_failed(const error& why) : error(why) {}
};

/// What it takes to resume a stream.
struct stream_state {
    jid user;                        // the full address
    std::string id;                  // empty: it can't be resumed
    std::string location;            // where the server wants to be asked first; may be empty
    std::uint32_t acknowledged = 0;  // of our stanzas, by the server
    std::uint32_t handled = 0;       // of the server's, by us
};

/// The counters of stream management (XEP-0198) and what is to be sent again, for one session after
/// the other. Nothing in it moves bytes or time.
///
/// Stanzas are kept from when they are accepted until the server has acknowledged them. Without
/// management, they are kept only while there is no stream to send them over.
class stream_management {
 public:
    /// \name What goes out
    /// @{

    /// Keeps a stanza; returns its number.
    std::uint64_t keep(const outgoing_stanza& accepted) { return unacked_.push(accepted); }
    /// What is kept has been handed to the transport, but for the last so many.
    void handed_over_but(std::size_t waiting) noexcept {
        handed_over_ = unacked_.next() - std::min(waiting, unacked_.size());
    }
    const unacked_stanzas& unacked() const noexcept { return unacked_; }
    /// Has a transport had the stanza of that number?
    bool was_handed_over(std::uint64_t number) const noexcept { return number < handed_over_; }
    std::uint64_t handed_over_until() const noexcept { return handed_over_; }

    /// One more stanza follows those that the server was asked about; true when it is to be asked
    /// now, `every` so many; 0 never.
    bool should_ask(unsigned every) noexcept;
    /// The server was asked, and has not answered yet.
    bool asking() const noexcept { return asking_; }
    void asked() noexcept { asking_ = true; }

    /// Takes the `h` of an answer: returns how many of the oldest are known to have arrived, which
    /// the caller then takes off by pop(). Throws stream_condition::bad_format for what is no
    /// counter, wrong_handled_count for one that can't be: beyond what was handed over, above all.
    std::size_t acknowledge(std::string_view h);
    /// The oldest is done with.
    void pop() noexcept { unacked_.pop(); }
    /// The oldest may be what the server ended a stream over.
    void suspect_first() noexcept { unacked_.suspect_first(); }

    /// @}
    /// \name What comes in
    /// @{

    /// A stanza has come.
    void received() noexcept { state_.handled += receiving_ ? 1u : 0u; }
    /// So many that came over the stream of now, or of before, are handled.
    void handled(std::uint32_t count) noexcept { state_.handled += count; }
    builder answer() const;

    /// @}
    /// \name From one stream to the next
    /// @{

    /// The server counts our stanzas, from `<enable/>` on.
    bool active() const noexcept { return sending_; }
    /// `<enabled/>` has come.
    bool confirmed() const noexcept { return receiving_; }
    /// There is a stream that could be resumed.
    bool resumable() const noexcept { return !state_.id.empty(); }
    /// With the counters of now.
    const stream_state& state() const noexcept { return state_; }

    /// \param resumable we would like to resume the stream
    /// \param longest how long we would like the server to wait for us; 0: as it likes
    static builder enable(bool resumable, std::chrono::seconds longest);
    void enable_sent() noexcept;
    /// Takes the server's `<enabled/>`. Throws errc::unexpected_element when nobody has asked.
    void enabled(const element& answer, const jid& user);
    /// The server refuses: the session goes on without.
    void enable_refused() noexcept { stop_counting(); }

    builder resume() const;
    /// Takes the server's `<resumed/>`; returns as acknowledge(). Throws resumption_failed when
    /// another stream was resumed.
    std::size_t resumed(const element& answer);
    /// The server can't resume. Returns how many of the oldest have arrived all the same, where it
    /// says so; otherwise, nobody knows.
    std::optional<std::size_t> resume_refused(const element& answer);

    /// There is no stream any more; what is kept stays, and so does what one can be resumed with.
    void link_lost() noexcept { stop_counting(); }
    /// No stream can be resumed any more; what is kept stays.
    void forget_stream() noexcept;
    /// Takes what is kept out, to be adapted and kept again.
    unacked_stanzas take() noexcept;
    /// A stream of an earlier process.
    void restore(stream_state state, unacked_stanzas unacked);

    /// @}

 private:
    void stop_counting() noexcept;

    unacked_stanzas unacked_;
    std::uint64_t handed_over_ = 1;  // the number of the first that was not
    stream_state state_;
    unsigned since_asked_ = 0;
    bool sending_ = false;
    bool receiving_ = false;
    bool asking_ = false;
};

}  // namespace xmpp::detail
