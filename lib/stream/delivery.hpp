#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "dispatch/handled_count.hpp"
#include "dispatch/receipt.hpp"
#include "stream/delivery_waiters.hpp"
#include "stream/held_messages.hpp"
#include "stream/management/stream_journal.hpp"
#include "stream/management/stream_limits.hpp"
#include "stream/management/stream_management.hpp"
#include "stream/outbox.hpp"
#include "transport/trace.hpp"
#include "transport/traffic.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The way of stanzas from the program to the server, over one stream after the other: what is
/// handed to the writer of a stream, kept until it was acknowledged (XEP-0198), kept in a store,
/// sent again over the next stream, or given up.
class delivery final : public std::enable_shared_from_this<delivery> {
 public:
    /// How a stream begins.
    enum class opening : std::uint8_t {
        plain,      // nothing is acknowledged
        managed,    // the server is asked to acknowledge
        resumed,    // the stream before goes on
        confirmed,  // nothing is acknowledged, but the transport tells what has arrived
    };

    /// `settings`, `observers` and `counts` must outlive it. `relieved` is called when
    /// wants_pause() may have become false.
    delivery(asio::any_io_executor executor, const options& settings, const trace& observers,
             stanza_counts& counts, std::function<void()> relieved);

    /// \name What the program sends
    /// @{

    /// Takes a stanza, or another element; returns its number, 0 where nobody will acknowledge it.
    /// White space around it is left out. Throws errc::not_well_formed for what is not one element,
    /// errc::queue_overflow, errc::stanza_too_large, and errc::not_connected for what is no stanza
    /// while there is no stream.
    std::uint64_t submit(std::string_view given);
    /// Throws errc::stanza_too_large for what the server would end the stream over. While there is
    /// no stream, that is what the last one had as its limit.
    void check_size(std::string_view xml) const;
    /// submit() should wait for the event of progress().
    bool congested() const noexcept;
    /// Pulsed when something was written or acknowledged, and at the end.
    const std::shared_ptr<event>& progress() const noexcept { return progress_; }
    /// The server acknowledges what is submitted now, or may do so over the next stream.
    bool acknowledges() const noexcept { return !out_ || confirming_ || counters_.active(); }
    /// The other end of the transport tells what has arrived there.
    bool confirms() const noexcept { return confirming_; }
    /// Waits until what was submitted last has arrived at the other end of the transport; throws
    /// errc::delivery_unknown, or the reason of abort().
    static task<> arrived_there(std::shared_ptr<delivery> self);
    /// The transport has told that so many bytes of all that it was given have arrived.
    void confirmed(std::uint64_t given);
    /// Waits until the stanza of that number was acknowledged; throws errc::resent,
    /// errc::not_delivered or errc::delivery_unknown, or the reason of abort().
    static task<> acknowledged(std::shared_ptr<delivery> self, std::uint64_t number);
    /// Messages to rooms wait for the program to join them again.
    bool holds_messages() const noexcept { return !held_.empty(); }
    const held_messages& held() const noexcept { return held_; }
    /// The program will join no more of them: gives those messages up, errc::not_delivered.
    void give_up_held();
    /// Nothing waits to be acknowledged.
    bool settled() const noexcept { return counters_.unacked().empty(); }
    const unacked_stanzas& unacked() const noexcept { return counters_.unacked(); }

    /// @}
    /// \name Streams
    /// @{

    /// It is one of `account`, of which a stream may be in the store, and which is to be kept
    /// there. A stream is resumed only for its resource: where another one is asked for, its
    /// stanzas go into a new session.
    void keep_in_store(const jid& account, std::string_view resource);
    /// The server was asked to acknowledge stanzas, and has not refused.
    bool managed() const noexcept { return counters_.active(); }
    bool can_resume() const noexcept { return counters_.resumable(); }
    const stream_state& state() const noexcept { return counters_.state(); }
    builder resume_request();
    /// Takes the server's answer; true when the stream goes on.
    bool takes_resumption(const element& answer);
    /// The stream before can't be resumed.
    void forget_stream();

    /// Stanzas go into this stream from now on, first those that are to be sent again. `user` is
    /// our full address. The server takes none larger than `max_bytes`, as a builder makes it.
    void open(std::shared_ptr<outbox> out, opening how, jid user, std::size_t max_bytes);
    /// The server takes none larger from now on.
    void limit(std::size_t max_bytes) noexcept { max_bytes_ = max_bytes; }
    /// The stream is lost; what was not sent over it waits for the next.
    void lost();
    /// Sends the last stanza of a session, which the server counts; no later session is to have it.
    void farewell(std::string_view xml);
    /// The same: the server has ended it by an error about something that it had read.
    void refused();
    /// The stream is to be closed in good order: nothing is counted any more.
    void closing();
    /// The session is over; `closed`: in good order.
    void end(bool closed);
    /// The same for nobody who waits; they get `reason`.
    void abort(const std::exception_ptr& reason);

    /// @}
    /// \name What comes in
    /// @{

    /// Counts a stanza, or takes an element of stream management; true when it is nothing for
    /// anybody else. `open` gets what is to be held until the stanza is handled.
    bool takes(const stanza& received, receipt& open);
    /// What is handled, or dropped, from now on counts for no stream.
    void close_receipts() { inbound_.close(); }
    /// So much is not handled that reading should stop; `reply_awaited` as in stanza_queue.
    bool wants_pause(bool reply_awaited) const noexcept {
        return inbound_.wants_pause(reply_awaited);
    }
    /// What outbox::owe_answer() is owed.
    builder answer();

    /// @}
    /// \name Figures
    /// @{

    std::optional<clock::time_point> last_acknowledgement() const noexcept {
        return times_.acknowledged;
    }
    std::optional<clock::duration> round_trip() const noexcept { return times_.round_trip; }

    /// @}

 private:
    struct acknowledgement_times {
        clock::time_point asked;
        std::optional<clock::time_point> acknowledged;  // last
        std::optional<clock::duration> round_trip;
    };

    std::uint64_t accept(std::string_view xml, stanza_kind kind);
    void check_room(std::string_view xml, stanza_kind kind) const;
    void limit_holding();
    void send_held(std::string_view room);
    void settle_held();
    void drop_held();

    void ask();
    void ask_later();
    void arrived(std::size_t count);
    void end_confirming();
    void resend();
    void salvage(bool managed);
    bool is_heavy() const noexcept;
    bool is_too_large(std::string_view xml) const noexcept { return xml.size() > max_bytes_; }
    bool can_go_again(const outgoing_stanza& kept) const noexcept;
    void leave_out_what_can_not_go();
    void give_up(std::uint64_t number, const outgoing_stanza& kept, std::string_view why);
    bool suspects_any() const;
    bool takes_management(const element& received);
    void note_handled();
    void note_handed_over();
    void handled(std::uint32_t count);
    bool counts_what_comes() const noexcept {
        return counters_.confirmed() || counters_.resumable();
    }
    void journal(const std::function<void(stream_journal&)>& action);
    void begin_journal();
    void shorten_journal();

    asio::any_io_executor executor_;
    const options& settings_;
    const trace& observers_;
    stanza_counts& counts_;
    std::shared_ptr<event> progress_;

    stream_management counters_;
    std::shared_ptr<outbox> out_;  // null without a stream
    std::size_t max_bytes_ = stream_limits::any_size;
    jid user_;
    std::uint64_t farewell_ = 0;  // its number; nobody waits for it to arrive
    bool certain_ = false;        // it is known what of unacked() has not arrived
    delivery_waiters waiters_;
    bool confirming_ = false;
    std::unique_ptr<clock::timer> asking_later_;

    held_messages held_;
    std::unique_ptr<clock::timer> holding_limit_;

    handled_count inbound_;

    std::optional<stream_journal> journal_;
    bool noting_ = false;

    acknowledgement_times times_;
};

}  // namespace xmpp::detail
