#include "session/outbox.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

// A buffer that a burst has blown up is given back, so that an idle session stays small.
constexpr std::size_t kept_capacity = 4096;

void recycle(outgoing_batch& batch) {
    if (batch.bytes.capacity() > kept_capacity) batch = outgoing_batch();
    batch.clear();
}

}  // namespace

outbox::outbox(const asio::any_io_executor& executor, std::size_t high, std::size_t hard)
    : high_(high), hard_(hard), work_(executor), progress_(executor) {}

void outbox::push(std::string_view element) {
    if (queued() + element.size() > hard_) {
        throw error(errc::queue_overflow,
                    fmt::format("{} bytes wait to be sent; the limit is {}", queued(), hard_));
    }
    waiting_.add(element);
    accepted_ += element.size();
    work_.set();
}

void outbox::add_upkeep(std::string_view bytes, bool is_element) {
    if (is_element) {
        upkeep_.add(bytes);
    } else {
        upkeep_.bytes += bytes;
    }
    work_.set();
}

task<> outbox::room() {
    while (!closed_ && queued() > high_) co_await progress_.wait();
    if (closed_) std::rethrow_exception(reason_);
}

task<> outbox::flushed() {
    const auto target = accepted_;
    while (!closed_ && written_ < target) co_await progress_.wait();
    if (closed_) std::rethrow_exception(reason_);
}

task<> outbox::run(transport& wire) {
    for (;;) {
        const bool held = paused_ && !finishing_;
        const bool idle = waiting_.empty() && upkeep_.empty();
        if (closed_ || (idle && finishing_)) co_return;
        if (idle || (held && upkeep_.empty())) {
            work_.reset();
            co_await work_.wait();
            continue;
        }
        writing_upkeep_ = !upkeep_.empty();
        std::swap(writing_upkeep_ ? upkeep_ : waiting_, writing_);
        co_await wire.write(writing_);
        if (!writing_upkeep_) written_ += writing_.bytes.size();
        recycle(writing_);
        writing_upkeep_ = false;
        progress_.pulse();
    }
}

void outbox::finish(std::string condition) {
    condition_ = std::move(condition);
    finishing_ = true;
    work_.set();
}

void outbox::resume() {
    paused_ = false;
    work_.set();
}

void outbox::close(std::exception_ptr reason) {
    if (closed_) return;
    closed_ = true;
    reason_ = std::move(reason);
    work_.set();
    progress_.pulse();
}

}  // namespace xmpp::detail
