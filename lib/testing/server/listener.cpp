#include "testing/server/listener.hpp"

#include "net/socket/tcp_socket.hpp"

#include <asio/ip/tcp.hpp>

#include <fcntl.h>
#include <system_error>
#include <utility>

namespace xmpp::detail::serving {

using asio::ip::tcp;

class listener::state : public std::enable_shared_from_this<state> {
 public:
    state(asio::any_io_executor executor, handler accepted)
        : acceptor_(std::move(executor), tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          accepted_(std::move(accepted)) {
        ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void accept() {
        acceptor_.async_accept(
            [self = shared_from_this()](std::error_code failure, tcp::socket socket) {
                if (!self->acceptor_.is_open()) return;
                if (!failure) self->accepted_(make_tcp_stream(std::move(socket)));
                // What befalls one connection is no concern of the others; but a process that is
                // out of descriptors would go round in circles here.
                if (!failure || failure == asio::error::connection_aborted) self->accept();
            });
    }

    void close() {
        std::error_code ignored;
        acceptor_.close(ignored);
    }

 private:
    tcp::acceptor acceptor_;
    handler accepted_;
};

listener::listener(asio::any_io_executor executor, handler accepted)
    : state_(std::make_shared<state>(std::move(executor), std::move(accepted))),
      port_(state_->port()) {
    state_->accept();
}

listener::~listener() {
    state_->close();
}

}  // namespace xmpp::detail::serving
