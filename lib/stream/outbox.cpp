#include "stream/outbox.hpp"

#include <xmpp/error.hpp>

#include "base/kept_capacity.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

void recycle(outgoing_batch& batch) {
    if (batch.bytes.capacity() > kept_capacity) batch = outgoing_batch();
    batch.clear();
}

}  // namespace

outbox::outbox(const asio::any_io_executor& executor, std::size_t high, std::size_t hard,
               std::shared_ptr<event> progress, element_source answer)
    : high_(high),
      hard_(hard),
      progress_(std::move(progress)),
      answer_(std::move(answer)),
      work_(executor) {}

void outbox::push(std::string_view element, counting how) {
    if (queued() + element.size() > hard_) {
        throw error(errc::queue_overflow,
                    fmt::format("{} bytes wait to be sent; the limit is {}", queued(), hard_));
    }
    push_anyway(element, how);
}

void outbox::push_anyway(std::string_view element, counting how) {
    waiting_.add(element);
    if (how == counting::as_stanza) ++stanzas_waiting_;
    accepted_ += element.size();
    work_.set();
}

void outbox::owe_answer() {
    answer_owed_ = true;
    work_.set();
}

void outbox::add_keepalive(std::string_view bytes, bool is_element) {
    if (is_element) {
        keepalive_.add(bytes);
    } else {
        keepalive_.bytes += bytes;
    }
    work_.set();
}

outgoing_batch outbox::take_waiting() noexcept {
    accepted_ -= waiting_.bytes.size();
    stanzas_waiting_ = 0;
    return std::exchange(waiting_, {});
}

task<> outbox::run(transport& wire) {
    for (;;) {
        if (answer_owed_ && !closed_) {
            answer_owed_ = false;
            keepalive_.add(answer_().to_xml());
        }
        const bool held = paused_ && !finishing_;
        const bool idle = waiting_.empty() && keepalive_.empty();
        if (closed_ || (idle && finishing_)) co_return;
        if (idle || (held && keepalive_.empty())) {
            work_.reset();
            co_await work_.wait();
            continue;
        }
        writing_keepalive_ = !keepalive_.empty();
        std::swap(writing_keepalive_ ? keepalive_ : waiting_, writing_);
        if (!writing_keepalive_) stanzas_waiting_ = 0;
        given_ += writing_.ends.empty() ? 0 : writing_.ends.back();
        const auto counted = written_ + (writing_keepalive_ ? 0 : writing_.bytes.size());
        if (marking_) marks_.push_back({given_, counted});
        co_await wire.write(writing_);
        if (!writing_keepalive_) written_ += writing_.bytes.size();
        recycle(writing_);
        writing_keepalive_ = false;
        progress_->pulse();
    }
}

std::uint64_t outbox::arrived(std::uint64_t given) {
    while (!marks_.empty() && marks_.front().given <= given) {
        arrived_ = marks_.front().counted;
        marks_.pop_front();
    }
    return arrived_;
}

void outbox::finish(std::string stream_error) {
    stream_error_ = std::move(stream_error);
    finishing_ = true;
    work_.set();
}

void outbox::resume() {
    paused_ = false;
    work_.set();
}

void outbox::close() {
    if (closed_) return;
    closed_ = true;
    work_.set();
    progress_->pulse();
}

}  // namespace xmpp::detail
