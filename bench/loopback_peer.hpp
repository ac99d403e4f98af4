#pragma once

#include <cstdint>
#include <thread>

namespace xmpp::bench {

/// A listening socket on the loopback interface, and a thread that blocks on it.
class loopback_peer {
 public:
    loopback_peer(const loopback_peer&) = delete;
    loopback_peer& operator=(const loopback_peer&) = delete;
    std::uint16_t port() const noexcept { return port_; }

 protected:
    loopback_peer();
    ~loopback_peer();
    /// A connection; -1 once the peer is to end.
    int accept();
    void stop() noexcept;
    int listening() const noexcept { return listening_; }

 private:
    int listening_;
    std::uint16_t port_ = 0;
};

/// The other end of an XML stream: answers each message by sending it back.
class stream_peer : public loopback_peer {
 public:
    stream_peer();
    ~stream_peer();

 private:
    void serve();
    std::thread thread_;
};

/// The same over HTTP: keeps one request open, and answers it when the next has come, with what
/// that brought.
class http_peer : public loopback_peer {
 public:
    http_peer();
    ~http_peer();

 private:
    void serve();
    std::thread thread_;
};

}  // namespace xmpp::bench
