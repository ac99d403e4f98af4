#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace xmpp::detail {

/// What a caller is told of a stanza that was not acknowledged: errc::resent, not_delivered or
/// delivery_unknown, with the reason.
std::exception_ptr not_acknowledged(errc outcome);

/// The callers that wait until a stanza was acknowledged, or has arrived at the other end of a
/// transport that confirms.
class delivery_waiters {
 public:
    explicit delivery_waiters(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Waits for the acknowledgement of the stanza of that number. This must outlive the wait.
    task<> acknowledged(std::uint64_t number);
    /// Waits until the transport has confirmed all up to `position` of what it was given.
    task<> confirmed(std::uint64_t position);

    /// A caller waits for an acknowledgement.
    bool any() const noexcept { return !waiting_.empty(); }

    void settle(std::uint64_t number, std::optional<errc> failure);
    void settle_all(const std::function<std::exception_ptr(std::uint64_t)>& reason);
    /// The stanza has gone into another stream.
    void renumber(std::uint64_t from, std::uint64_t to);
    /// The stanza, which ends at `position`, has gone into a stream where the transport confirms.
    void wait_for_transport(std::uint64_t number, std::uint64_t position);
    /// The transport has confirmed all up to there.
    void settle_until(std::uint64_t position);
    /// No confirmation will come any more.
    void give_up_confirmations(const std::exception_ptr& reason);

 private:
    struct waiter;
    class waiting;

    asio::any_io_executor executor_;
    std::map<std::uint64_t, std::shared_ptr<waiter>> waiting_;
    std::deque<std::pair<std::uint64_t, std::shared_ptr<waiter>>> unconfirmed_;  // by position
};

}  // namespace xmpp::detail
