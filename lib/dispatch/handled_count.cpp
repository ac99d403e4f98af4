#include "dispatch/handled_count.hpp"

#include <utility>

namespace xmpp::detail {
namespace {

// The server is told without having asked once so many more are handled.
constexpr std::uint32_t tell_every = 16;

}  // namespace

handled_count::handled_count(const options& settings, std::function<void(std::uint32_t)> handled,
                             std::function<void()> relieved)
    : settings_(settings), handled_(std::move(handled)), relieved_(std::move(relieved)) {}

handled_count::~handled_count() {
    close();
}

void handled_count::open() {
    close();
    if (!settings_.acknowledge_handled()) return;
    book_ = std::make_shared<receipt_book>([this](std::uint32_t count) { note_handled(count); });
}

void handled_count::close() {
    if (book_) book_->close();
    book_.reset();
    repeated_.clear();
    crowded_ = false;
    told_ = 0;
    falls_short_ = false;
}

void handled_count::note_handled(std::uint32_t count) {
    handled_(count);
    if (crowded_ && book_ && book_->size() <= settings_.receive_soft() / 2) {
        crowded_ = false;
        relieved_();
    }
}

void handled_count::repeat() {
    repeated_.clear();
    if (book_) repeated_ = book_->marks();
}

bool handled_count::is_repeated(const stanza& received) {
    const bool known = receipt_book::mark_of(received) == repeated_.front();
    repeated_.pop_front();
    return known;
}

receipt handled_count::add(const stanza& received) {
    auto open = book_->add(received);
    // Where reading never stops, the oldest is not waited for without end.
    const bool pauses = settings_.receive_overflow() == overflow::pause;
    if (!pauses && book_->size() > settings_.receive_hard()) book_->give_up_oldest();
    crowded_ = crowded_ || book_->size() >= settings_.receive_soft();
    return open;
}

bool handled_count::wants_pause(bool reply_awaited) const noexcept {
    if (!book_ || settings_.receive_overflow() != overflow::pause) return false;
    return book_->size() >= (reply_awaited ? settings_.receive_hard() : settings_.receive_soft());
}

bool handled_count::should_tell(std::uint32_t count) noexcept {
    if (!falls_short_) return false;
    falls_short_ = !all_handled();
    return !falls_short_ || count - told_ >= tell_every;
}

}  // namespace xmpp::detail
