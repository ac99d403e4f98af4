#pragma once

#include <xmpp/error.hpp>

#include <utility>

namespace xmpp::detail {

/// A protocol that may carry XMPP, and that has numbers for its failures.
enum class carrier { http, websocket };

/// A failure with the number that the carrier gave it: the HTTP status of a refused upgrade, the
/// close code of a WebSocket (RFC 6455 7.4), the peer's or ours.
class carrier_failure : public error {
 public:
    carrier_failure(carrier which, int number, error reason)
        : error(std::move(reason)), which_(which), number_(number) {}

    carrier which() const noexcept { return which_; }
    int number() const noexcept { return number_; }

 private:
    carrier which_;
    int number_;
};

}  // namespace xmpp::detail
