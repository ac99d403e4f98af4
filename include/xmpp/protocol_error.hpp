#pragma once

#include <xmpp/error.hpp>

#include <cstdint>
#include <utility>

namespace xmpp {

/// A protocol that may carry XMPP, and that has numbers for its failures.
enum class protocol : std::uint8_t { http, websocket };

/// A failure with the number that the protocol below XMPP gave it: a status of HTTP, of a refused
/// WebSocket upgrade too, or 0 where there was no answer; the close code of a WebSocket (RFC 6455
/// 7.4), the peer's or ours.
class protocol_error : public error {
 public:
    protocol_error(protocol which, int number, error reason)
        : error(std::move(reason)), which_(which), number_(number) {}

    protocol which() const noexcept { return which_; }
    int number() const noexcept { return number_; }

 private:
    protocol which_;
    int number_;
};

}  // namespace xmpp
