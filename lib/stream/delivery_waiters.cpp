#include "stream/delivery_waiters.hpp"

#include "base/event.hpp"

#include <utility>

namespace xmpp::detail {
namespace {

const char* explain(errc outcome) {
    switch (outcome) {
        case errc::resent:
            return "the stream before could not be resumed, and may have carried it already";
        case errc::not_delivered:
            return "the session went on without it";
        default:
            return "the server did not acknowledge it while there was a stream";
    }
}

}  // namespace

std::exception_ptr not_acknowledged(errc outcome) {
    return std::make_exception_ptr(error(outcome, explain(outcome)));
}

struct delivery_waiters::waiter {
    waiter(const asio::any_io_executor& executor, std::uint64_t wanted)
        : done(executor), number(wanted) {}

    void settle(std::exception_ptr reason) {
        failure = std::move(reason);
        done.set();
    }

    event done;
    std::uint64_t number;  // changes when the stanza goes into another stream
    std::exception_ptr failure;
};

/// An entry; it ends with this object.
class delivery_waiters::waiting {
 public:
    waiting(delivery_waiters& owner, std::shared_ptr<waiter> entry)
        : owner_(owner), entry_(std::move(entry)) {
        owner_.waiting_.emplace(entry_->number, entry_);
    }
    ~waiting() { owner_.waiting_.erase(entry_->number); }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;

 private:
    delivery_waiters& owner_;
    std::shared_ptr<waiter> entry_;
};

task<> delivery_waiters::acknowledged(std::uint64_t number) {
    const auto entry = std::make_shared<waiter>(executor_, number);
    const waiting listed(*this, entry);
    co_await entry->done.wait();
    if (entry->failure) std::rethrow_exception(entry->failure);
}

task<> delivery_waiters::confirmed(std::uint64_t position) {
    const auto entry = std::make_shared<waiter>(executor_, 0);
    unconfirmed_.emplace_back(position, entry);
    co_await entry->done.wait();
    if (entry->failure) std::rethrow_exception(entry->failure);
}

void delivery_waiters::settle(std::uint64_t number, std::optional<errc> failure) {
    const auto entry = waiting_.extract(number);
    if (entry.empty()) return;
    entry.mapped()->settle(failure ? not_acknowledged(*failure) : nullptr);
}

void delivery_waiters::settle_all(const std::function<std::exception_ptr(std::uint64_t)>& reason) {
    for (const auto& [number, entry] : std::exchange(waiting_, {})) entry->settle(reason(number));
}

void delivery_waiters::renumber(std::uint64_t from, std::uint64_t to) {
    auto entry = waiting_.extract(from);
    if (entry.empty()) return;
    entry.key() = to;
    entry.mapped()->number = to;
    waiting_.insert(std::move(entry));
}

void delivery_waiters::wait_for_transport(std::uint64_t number, std::uint64_t position) {
    const auto entry = waiting_.extract(number);
    if (!entry.empty()) unconfirmed_.emplace_back(position, entry.mapped());
}

void delivery_waiters::settle_until(std::uint64_t position) {
    while (!unconfirmed_.empty() && unconfirmed_.front().first <= position) {
        unconfirmed_.front().second->settle(nullptr);
        unconfirmed_.pop_front();
    }
}

void delivery_waiters::give_up_confirmations(const std::exception_ptr& reason) {
    for (const auto& [position, entry] : std::exchange(unconfirmed_, {})) entry->settle(reason);
}

}  // namespace xmpp::detail
