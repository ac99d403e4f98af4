#pragma once

#include <xmpp/async_generator.hpp>

#include "base/event.hpp"

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace xmpp::detail {

/// The items that the session has for one generator. The session pushes and never waits; bounds are
/// its business (see stanza_queue, status_feed).
template <class T>
class item_queue : public generator_source<T> {
 public:
    explicit item_queue(const asio::any_io_executor& executor) : changed_(executor) {}

    void push(T item) {
        if (closed_) return;
        items_.push_back(std::move(item));
        changed_.pulse();
    }

    /// Ends the sequence after the items that wait; `reason` is thrown once then.
    void close(std::exception_ptr reason = nullptr) {
        if (closed_) return;
        closed_ = true;
        reason_ = std::move(reason);
        changed_.pulse();
    }

    /// Ends the sequence at once, with `reason`: what waits is forgotten.
    void abort(std::exception_ptr reason) {
        items_.clear();
        emptied();
        close(std::move(reason));
    }

    bool has_items() const noexcept { return !items_.empty(); }
    bool closed() const noexcept { return closed_; }
    bool dropped() const noexcept { return dropped_; }

    task<std::optional<T>> next() override {
        while (items_.empty() && !closed_) co_await changed_.wait();
        if (items_.empty()) {
            if (reason_) std::rethrow_exception(std::exchange(reason_, nullptr));
            co_return std::nullopt;
        }
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        taken(*item);
        co_return item;
    }

    void drop() noexcept override {
        dropped_ = true;
        closed_ = true;
        items_.clear();
        emptied();
    }

 protected:
    /// The consumer took that item.
    virtual void taken(const T&) noexcept {}
    /// What waited was forgotten.
    virtual void emptied() noexcept {}

    std::deque<T> items_;

 private:
    event changed_;
    bool closed_ = false;
    bool dropped_ = false;
    std::exception_ptr reason_;
};

}  // namespace xmpp::detail
