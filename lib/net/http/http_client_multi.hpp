#pragma once

#include <xmpp/clock.hpp>

#include "net/http/http_client_request.hpp"
#include "net/http/http_client_sockets.hpp"

#include <asio/any_io_executor.hpp>
#include <curl/curl.h>

#include <functional>
#include <memory>

namespace xmpp::detail {

/// Runs libcurl's transfers on the executor: sockets and timers are Asio's and the clock's.
/// Held by a shared_ptr.
class http_client_multi : public std::enable_shared_from_this<http_client_multi> {
 public:
    /// Called when a transfer has ended, from inside the library: it may note that and no more.
    using done_handler = std::function<void(CURL*, CURLcode)>;

    http_client_multi(asio::any_io_executor executor, std::shared_ptr<clock> time,
                      done_handler done);
    ~http_client_multi();
    http_client_multi(const http_client_multi&) = delete;
    http_client_multi& operator=(const http_client_multi&) = delete;

    void add(CURL* handle);
    void remove(CURL* handle) noexcept;

 private:
    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept;
    static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

    void set_timer(long milliseconds);
    void act(curl_socket_t socket, int mask);

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    done_handler done_;
    http_client_sockets sockets_;
    std::unique_ptr<clock::timer> timer_;
    bool posted_ = false;  // a call with CURL_SOCKET_TIMEOUT is under way
    bool closing_ = false;
    curl_multi_ptr multi_;
};

}  // namespace xmpp::detail
