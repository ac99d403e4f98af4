#pragma once

#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>

#include "dispatch/receipt.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace xmpp::detail {

/// Which stanzas of a stream are handled (XEP-0198): each once its consumers have taken it, where
/// options::acknowledge_handled is on. It also recognises what a resumed stream repeats.
///
///     closed ──open()──▶ open ──repeat()──▶ open, the unhandled are awaited again
///        ▲                │
///        └────close()─────┘
class handled_count {
 public:
    /// `handled` is called with the number of stanzas that have just become so, `relieved` when
    /// wants_pause() may have become false. `settings` must outlive it.
    handled_count(const options& settings, std::function<void(std::uint32_t)> handled,
                  std::function<void()> relieved);
    handled_count(const handled_count&) = delete;
    handled_count& operator=(const handled_count&) = delete;
    ~handled_count();

    /// A stream begins.
    void open();
    bool is_open() const noexcept { return book_ != nullptr; }
    /// What is handled, or dropped, from now on counts for no stream.
    void close();

    /// The stream is to be resumed: it begins with what the server was not told of as handled.
    void repeat();
    bool awaits_repeated() const noexcept { return !repeated_.empty(); }
    /// Whether `received` is the next that should come again; asked once for each while
    /// awaits_repeated().
    bool is_repeated(const stanza& received);

    /// One more was received.
    receipt add(const stanza& received);
    bool all_handled() const noexcept { return !book_ || book_->size() == 0; }
    /// So much is not handled that reading should stop; `reply_awaited` as in stanza_queue.
    bool wants_pause(bool reply_awaited) const noexcept;

    /// The server is told that so many are handled, or asks how many are.
    void told(std::uint32_t count) noexcept { told_ = count; }
    void asked() noexcept { falls_short_ = !all_handled(); }
    /// `count` are handled: it should be told without having asked again, as its last answer fell
    /// short and it may wait for room.
    bool should_tell(std::uint32_t count) noexcept;

 private:
    void note_handled(std::uint32_t count);

    const options& settings_;
    std::function<void(std::uint32_t)> handled_;
    std::function<void()> relieved_;
    std::shared_ptr<receipt_book> book_;
    std::deque<receipt_book::mark> repeated_;
    bool crowded_ = false;  // wants_pause() was true, and less than half of that not yet
    std::uint32_t told_ = 0;
    bool falls_short_ = false;  // the last answer was less than had been received
};

}  // namespace xmpp::detail
