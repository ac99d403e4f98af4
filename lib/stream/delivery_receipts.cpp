#include <xmpp/ns.hpp>

#include "stream/delivery.hpp"

#include <utility>

// What comes in: counted when it has come, or when it was handled.
namespace xmpp::detail {
namespace {

// The server is told without having asked once so many were handled, after an answer that had
// fallen short: it may wait for room.
constexpr std::uint32_t answer_every = 16;

}  // namespace

bool delivery::takes(const stanza& received, receipt& open) {
    if (received.kind() == stanza_kind::other) {
        return received->ns() == ns::sm && counters_.active() && takes_management(received.root());
    }
    ++counts_.received;
    if (!repeated_.empty()) return sent_again(received);
    if (receipts_ && counters_.confirmed()) {
        open = receipts_->add(received);
        // Where reading never stops, the oldest is not waited for without end.
        const bool pauses = settings_.receive_overflow() == overflow::pause;
        if (!pauses && receipts_->size() > settings_.receive_hard()) receipts_->give_up_oldest();
        crowded_ = crowded_ || receipts_->size() >= settings_.receive_soft();
        return false;
    }
    counters_.received();
    note_handled();
    return false;
}

/// A resumed stream begins with what the server has not been told is handled (XEP-0198 5): that was
/// received and counted already.
bool delivery::sent_again(const stanza& received) {
    const bool known = receipt_book::mark_of(received) == repeated_.front();
    repeated_.pop_front();
    if (!known) observers_.log(log_level::warning, "the server has not sent the same again");
    return known;
}

void delivery::handled(std::uint32_t count) {
    counters_.handled(count);
    note_handled();
    if (crowded_ && receipts_->size() <= settings_.receive_soft() / 2) {
        crowded_ = false;
        relieved_();
    }
    if (!answer_falls_short_ || !out_ || !counters_.confirmed()) return;
    const bool all = receipts_->size() == 0;
    if (all || counters_.state().handled - answered_ >= answer_every) out_->owe_answer();
    answer_falls_short_ = !all;
}

/// For a stream that begins.
void delivery::open_receipts() {
    close_receipts();
    if (!settings_.acknowledge_handled()) return;
    receipts_ = std::make_shared<receipt_book>([weak = weak_from_this()](std::uint32_t count) {
        if (const auto self = weak.lock()) self->handled(count);
    });
}

void delivery::close_receipts() {
    if (receipts_) receipts_->close();
    receipts_.reset();
    repeated_.clear();
    crowded_ = false;
    answer_falls_short_ = false;
    answered_ = 0;
}

builder delivery::answer() {
    answered_ = counters_.state().handled;
    return counters_.answer();
}

builder delivery::resume_request() {
    repeated_.clear();
    if (receipts_) repeated_ = receipts_->marks();
    return counters_.resume();
}

bool delivery::wants_pause(bool reply_awaited) const noexcept {
    if (!receipts_ || settings_.receive_overflow() != overflow::pause) return false;
    return receipts_->size() >=
           (reply_awaited ? settings_.receive_hard() : settings_.receive_soft());
}

}  // namespace xmpp::detail
