#pragma once

#include <xmpp/task.hpp>

#include "base/event.hpp"

#include <asio/any_io_executor.hpp>

namespace xmpp::detail {

/// Who may write to the stream below, which must see one write at a time, where two coroutines have
/// something to write: the writer, and the reader when the protocol wants an answer. Output
/// collects meanwhile, and one turn writes until nothing is left.
class write_turns {
 public:
    explicit write_turns(const asio::any_io_executor& executor) : free_(executor) { free_.set(); }

    /// Nobody has a turn.
    bool free() const noexcept { return free_.is_set(); }
    /// A turn did not end well: part of what it wrote may have left, and nothing can follow.
    bool broken() const noexcept { return broken_; }
    /// Until nobody has a turn.
    task<> wait();
    /// Takes the turn for a coroutine that is to run soon and makes a `turn` then.
    void reserve() noexcept { free_.reset(); }

    /// From its beginning to its end; broken, unless told that all went well.
    class turn {
     public:
        explicit turn(write_turns& owner) : owner_(owner) { owner_.reserve(); }
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() {
            if (!well_) owner_.broken_ = true;
            owner_.free_.set();
        }
        void went_well() noexcept { well_ = true; }

     private:
        write_turns& owner_;
        bool well_ = false;
    };

 private:
    event free_;
    bool broken_ = false;
};

}  // namespace xmpp::detail
