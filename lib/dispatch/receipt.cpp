#include "dispatch/receipt.hpp"

#include <initializer_list>
#include <string_view>

namespace xmpp::detail {

receipt::receipt(const receipt& other) noexcept : book_(other.book_), number_(other.number_) {
    if (book_) book_->hold(number_);
}

receipt::~receipt() {
    if (book_) book_->release(number_);
}

/// Text in the element would make this dear, and a sender that sends the same twice with one id
/// means one stanza.
receipt_book::mark receipt_book::mark_of(const stanza& received) {
    mark result = 0;
    constexpr mark factor = 31;
    const auto& root = received.root();
    for (const auto part : {root.name(), received.id(), root.attr("from"), received.type()}) {
        result = result * factor + std::hash<std::string_view>()(part);
    }
    return result;
}

receipt receipt_book::add(const stanza& received) {
    entries_.push_back({1, mark_of(received)});
    return receipt(shared_from_this(), first_ + entries_.size() - 1);
}

std::deque<receipt_book::mark> receipt_book::marks() const {
    std::deque<mark> result;
    for (const auto& each : entries_) result.push_back(each.bears);
    return result;
}

void receipt_book::give_up_oldest() noexcept {
    entries_.front().held = 0;
    sweep();
}

void receipt_book::hold(std::uint64_t number) noexcept {
    if (number >= first_) ++entries_[number - first_].held;
}

void receipt_book::release(std::uint64_t number) noexcept {
    if (number < first_) return;  // it was given up
    --entries_[number - first_].held;
    sweep();
}

void receipt_book::sweep() noexcept {
    std::uint32_t handled = 0;
    while (!entries_.empty() && entries_.front().held == 0) {
        entries_.pop_front();
        ++first_;
        ++handled;
    }
    if (handled > 0 && handled_) handled_(handled);
}

}  // namespace xmpp::detail
