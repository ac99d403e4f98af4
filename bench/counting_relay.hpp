#pragma once

#include "loopback_peer.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace xmpp::bench {

/// Passes bytes on between clients and a port of this machine, and counts them. A thread for each
/// connection.
class counting_relay : public loopback_peer {
 public:
    explicit counting_relay(std::uint16_t to);
    ~counting_relay();

    /// Of both directions, so far.
    std::uint64_t bytes() const noexcept { return bytes_; }

 private:
    void serve();
    void relay(int client);

    std::uint16_t to_;
    std::atomic<std::uint64_t> bytes_{0};
    std::vector<std::thread> connections_;
    std::thread thread_;
};

}  // namespace xmpp::bench
