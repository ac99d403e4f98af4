#pragma once

#include <xmpp/stanza.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace xmpp::detail {

class receipt_book;

/// Marks a received stanza as not handled yet, as long as it or a copy of it exists. An empty
/// receipt marks nothing.
class receipt {
 public:
    receipt() noexcept = default;
    receipt(const receipt& other) noexcept;
    receipt(receipt&& other) noexcept = default;
    receipt& operator=(receipt other) noexcept {
        std::swap(book_, other.book_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~receipt();

    explicit operator bool() const noexcept { return book_ != nullptr; }

 private:
    friend class receipt_book;
    receipt(std::shared_ptr<receipt_book> book, std::uint64_t number) noexcept
        : book_(std::move(book)), number_(number) {}

    std::shared_ptr<receipt_book> book_;
    std::uint64_t number_ = 0;
};

/// The stanzas of one stream that were received and are not handled yet, oldest first. A stanza is
/// handled when no receipt for it exists any more, nor for one before it.
class receipt_book : public std::enable_shared_from_this<receipt_book> {
 public:
    /// What a stanza is recognised by when the server sends it again.
    using mark = std::size_t;
    static mark mark_of(const stanza& received);

    /// `handled` is called with the number of stanzas that have just become so.
    explicit receipt_book(std::function<void(std::uint32_t)> handled)
        : handled_(std::move(handled)) {}

    /// One more was received.
    receipt add(const stanza& received);
    std::size_t size() const noexcept { return entries_.size(); }
    /// Does not wait for the oldest any more: it counts as handled.
    void give_up_oldest() noexcept;
    /// Of those that are not handled yet, oldest first.
    std::deque<mark> marks() const;
    /// Nothing is counted any more.
    void close() noexcept { handled_ = nullptr; }

 private:
    friend class receipt;
    struct entry {
        std::uint32_t held;
        mark bears;
    };

    void hold(std::uint64_t number) noexcept;
    void release(std::uint64_t number) noexcept;
    void sweep() noexcept;

    std::function<void(std::uint32_t)> handled_;
    std::deque<entry> entries_;
    std::uint64_t first_ = 0;  // the number of the oldest
};

}  // namespace xmpp::detail
