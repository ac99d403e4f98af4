#pragma once

#include "base/event.hpp"
#include "transport/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// What waits to be written. Elements are appended as bytes; one coroutine, run(), writes all that
/// has gathered at once.
class outbox {
 public:
    /// `high`: room() waits above it; `hard`: push() refuses beyond it. In bytes.
    outbox(const asio::any_io_executor& executor, std::size_t high, std::size_t hard);

    /// Throws error(errc::queue_overflow).
    void push(std::string_view element);
    /// For what keeps the link alive, an element or white space between elements: goes ahead of
    /// what is queued, pause() or not, and counts nowhere.
    void push_upkeep(std::string_view element) { add_upkeep(element, true); }
    void push_whitespace() { add_upkeep(" ", false); }
    /// Some of that has not been written yet.
    bool upkeep_waits() const noexcept { return writing_upkeep_ || !upkeep_.empty(); }

    /// More than `high` bytes are queued.
    bool full() const noexcept { return queued() > high_; }
    /// Waits until no more than `high` bytes are queued. Throws the reason of close().
    task<> room();
    /// Waits until all that is queued now was written. Throws the reason of close().
    task<> flushed();

    /// Writes until finish() was called and nothing is left.
    task<> run(transport& wire);
    /// Lets run() end after what is queued. Overrides pause(). The stream is to be closed then,
    /// with a stream error when `condition` names one.
    void finish(std::string condition);
    const std::string& closing_condition() const noexcept { return condition_; }

    void pause() noexcept { paused_ = true; }
    void resume();
    bool paused() const noexcept { return paused_; }

    /// Ends all waits with `reason` and forgets what was not written. No use after it.
    void close(std::exception_ptr reason);
    bool closed() const noexcept { return closed_; }

 private:
    void add_upkeep(std::string_view bytes, bool is_element);
    std::size_t queued() const noexcept {
        return waiting_.bytes.size() + (writing_upkeep_ ? 0 : writing_.bytes.size());
    }

    std::size_t high_;
    std::size_t hard_;
    outgoing_batch waiting_;
    outgoing_batch upkeep_;
    outgoing_batch writing_;
    bool writing_upkeep_ = false;
    std::uint64_t accepted_ = 0;  // bytes, ever
    std::uint64_t written_ = 0;
    event work_;
    event progress_;
    bool paused_ = false;
    bool finishing_ = false;
    bool closed_ = false;
    std::string condition_;
    std::exception_ptr reason_;
};

}  // namespace xmpp::detail
