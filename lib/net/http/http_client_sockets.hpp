#pragma once

#include <asio/any_io_executor.hpp>
#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>

namespace xmpp::detail {

/// Watches the sockets of the HTTP library, which opens and closes them: here they are only
/// borrowed.
class http_client_sockets {
 public:
    /// `ready` is called on the executor with a socket and a mask of CURL_CSELECT_*.
    using handler = std::function<void(curl_socket_t, int)>;

    http_client_sockets(asio::any_io_executor executor, handler ready);
    ~http_client_sockets();
    http_client_sockets(const http_client_sockets&) = delete;
    http_client_sockets& operator=(const http_client_sockets&) = delete;

    /// As CURLMOPT_SOCKETFUNCTION says: `wanted` is a CURL_POLL_*.
    void watch(curl_socket_t socket, int wanted);

 private:
    class borrowed_socket;

    asio::any_io_executor executor_;
    std::shared_ptr<const handler> ready_;
    std::map<curl_socket_t, std::shared_ptr<borrowed_socket>> sockets_;
};

}  // namespace xmpp::detail
