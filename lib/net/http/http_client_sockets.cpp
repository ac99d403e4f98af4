#include "net/http/http_client_sockets.hpp"

#include <asio/posix/stream_descriptor.hpp>

#include <system_error>
#include <utility>

namespace xmpp::detail {

/// Kept alive by the waits that are under way.
class http_client_sockets::borrowed_socket : public std::enable_shared_from_this<borrowed_socket> {
 public:
    borrowed_socket(const asio::any_io_executor& executor, curl_socket_t socket,
                    std::weak_ptr<const handler> ready)
        : descriptor_(executor, socket), socket_(socket), ready_(std::move(ready)) {}

    void want(int what) {
        read_.wanted = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
        write_.wanted = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
        wait();
    }

    /// Gives the socket back, open as it is.
    void release() {
        released_ = true;
        descriptor_.release();
    }

 private:
    struct direction {
        asio::posix::stream_descriptor::wait_type type;
        int mask;
        bool wanted = false;
        bool waiting = false;
    };

    void wait() {
        wait_for(read_);
        wait_for(write_);
    }

    void wait_for(direction& way) {
        if (released_ || !way.wanted || way.waiting) return;
        way.waiting = true;
        descriptor_.async_wait(way.type,
                               [self = shared_from_this(), &way](std::error_code failure) {
                                   way.waiting = false;
                                   self->come(way, failure);
                               });
    }

    void come(const direction& way, std::error_code failure) {
        if (released_) return;
        const auto ready = ready_.lock();
        if (!ready) return;
        if (way.wanted) (*ready)(socket_, failure ? CURL_CSELECT_ERR : way.mask);
        wait();
    }

    asio::posix::stream_descriptor descriptor_;
    curl_socket_t socket_;
    std::weak_ptr<const handler> ready_;
    direction read_{asio::posix::stream_descriptor::wait_read, CURL_CSELECT_IN};
    direction write_{asio::posix::stream_descriptor::wait_write, CURL_CSELECT_OUT};
    bool released_ = false;
};

http_client_sockets::http_client_sockets(asio::any_io_executor executor, handler ready)
    : executor_(std::move(executor)), ready_(std::make_shared<const handler>(std::move(ready))) {}

http_client_sockets::~http_client_sockets() {
    for (const auto& [socket, borrowed] : sockets_) borrowed->release();
}

void http_client_sockets::watch(curl_socket_t socket, int wanted) {
    const auto found = sockets_.find(socket);
    if (wanted == CURL_POLL_REMOVE) {
        if (found == sockets_.end()) return;
        found->second->release();
        sockets_.erase(found);
        return;
    }
    if (found != sockets_.end()) return found->second->want(wanted);
    auto borrowed = std::make_shared<borrowed_socket>(executor_, socket, ready_);
    sockets_.emplace(socket, borrowed);
    borrowed->want(wanted);
}

}  // namespace xmpp::detail
