#pragma once

#include <xmpp/builder.hpp>

#include "base/event.hpp"
#include "transport/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// What waits to be written. Elements are appended as bytes; one coroutine, run(), writes all that
/// has gathered at once.
class outbox {
 public:
    /// Makes an element at the moment at which it is written.
    using element_source = std::function<builder()>;

    /// `high`: full() above it; `hard`: push() refuses beyond it. In bytes. `progress` is pulsed
    /// when something was written, and at the end. `answer` makes what owe_answer() owes.
    outbox(const asio::any_io_executor& executor, std::size_t high, std::size_t hard,
           std::shared_ptr<event> progress, element_source answer);

    /// What an element means to the counters of stream management.
    enum class counting : bool { not_at_all, as_stanza };

    /// Throws error(errc::queue_overflow).
    void push(std::string_view element, counting how = counting::not_at_all);
    /// The same for what the limit does not hold for: it was accepted before, or belongs to the
    /// stream's own business.
    void push_anyway(std::string_view element, counting how = counting::not_at_all);
    /// For what keeps the link alive, an element or white space between elements: goes ahead of
    /// what is queued, pause() or not, and counts nowhere.
    void push_keepalive(std::string_view element) { add_keepalive(element, true); }
    void push_whitespace() { add_keepalive(" ", false); }
    /// The same for an answer to the server; several that are owed at once are one.
    void owe_answer();
    /// Some of that has not been written yet.
    bool keepalive_waits() const noexcept { return writing_keepalive_ || !keepalive_.empty(); }

    /// More than `high` bytes are queued.
    bool full() const noexcept { return queued() > high_; }
    std::size_t queued() const noexcept {
        return waiting_.bytes.size() + (writing_keepalive_ ? 0 : writing_.bytes.size());
    }
    /// Bytes that were pushed, and that were written, ever.
    std::uint64_t accepted() const noexcept { return accepted_; }
    std::uint64_t written() const noexcept { return written_; }
    /// How many stanzas were not handed to the transport yet: nobody can have read them.
    std::size_t stanzas_waiting() const noexcept { return stanzas_waiting_; }
    /// The transport has told that so many bytes of all that it was given have arrived. \returns
    /// how many of accepted() that makes
    std::uint64_t arrived(std::uint64_t given);
    /// What nothing was written of yet, which is not to be written any more.
    outgoing_batch take_waiting() noexcept;

    /// Writes until finish() was called and nothing is left.
    task<> run(transport& wire);
    /// Lets run() end after what is queued. Overrides pause(). The stream is to be closed then, as
    /// transport::close_stream() does.
    void finish(std::string stream_error);
    const std::string& closing_error() const noexcept { return stream_error_; }

    /// arrived() will be called.
    void keep_marks() noexcept { marking_ = true; }

    void pause() noexcept { paused_ = true; }
    void resume();
    bool paused() const noexcept { return paused_; }

    /// Forgets what was not written. No use after it.
    void close();
    bool closed() const noexcept { return closed_; }

 private:
    void add_keepalive(std::string_view bytes, bool is_element);

    std::size_t high_;
    std::size_t hard_;
    std::shared_ptr<event> progress_;
    element_source answer_;
    bool answer_owed_ = false;
    outgoing_batch waiting_;
    std::size_t stanzas_waiting_ = 0;  // in it
    outgoing_batch keepalive_;
    outgoing_batch writing_;
    bool writing_keepalive_ = false;
    std::uint64_t accepted_ = 0;  // bytes, ever
    std::uint64_t written_ = 0;
    // What the transport was given and was not told to have arrived: bytes ever, with those that
    // count nowhere else, and without. Only with keep_marks().
    struct mark {
        std::uint64_t given;
        std::uint64_t counted;
    };
    std::deque<mark> marks_;
    std::uint64_t given_ = 0;
    std::uint64_t arrived_ = 0;
    bool marking_ = false;
    event work_;
    bool paused_ = false;
    bool finishing_ = false;
    bool closed_ = false;
    std::string stream_error_;
};

}  // namespace xmpp::detail
