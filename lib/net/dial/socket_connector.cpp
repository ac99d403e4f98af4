#include "base/spawn.hpp"
#include "net/dial/connector.hpp"
#include "net/socket/tcp_socket.hpp"

#include <asio/ip/tcp.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xmpp::detail {
namespace {

/// Asio's own sockets are inherited by programs that this process starts.
void open(asio::ip::tcp::socket& socket, const asio::ip::tcp& protocol, std::error_code& failure) {
    const int made = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        failure = std::error_code(errno, std::system_category());
        return;
    }
    socket.assign(protocol, made, failure);
    if (failure) ::close(made);
}

struct connecting {
    explicit connecting(const asio::any_io_executor& executor) : socket(executor) {}

    void finish(const std::error_code& failure) {
        const auto tell = std::exchange(done, nullptr);
        if (!tell) return;
        tell(failure, failure ? nullptr : make_tcp_stream(std::move(socket)));
    }

    asio::ip::tcp::socket socket;
    connector::function done;
};

class socket_attempt final : public connector::attempt {
 public:
    explicit socket_attempt(std::shared_ptr<connecting> state) : state_(std::move(state)) {}
    ~socket_attempt() override {
        state_->done = nullptr;
        std::error_code ignored;
        state_->socket.close(ignored);
    }

 private:
    std::shared_ptr<connecting> state_;
};

class socket_connector final : public connector {
 public:
    explicit socket_connector(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    std::unique_ptr<attempt> connect(const std::string& address, std::uint16_t port,
                                     function done) override {
        auto state = std::make_shared<connecting>(executor_);
        state->done = std::move(done);
        std::error_code failure;
        const auto parsed = asio::ip::make_address(address, failure);
        if (!failure)
            open(state->socket, parsed.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                 failure);
        if (failure) {
            post(executor_, [state, failure] { state->finish(failure); });
        } else {
            state->socket.async_connect({parsed, port},
                                        [state](std::error_code result) { state->finish(result); });
        }
        return std::make_unique<socket_attempt>(std::move(state));
    }

 private:
    asio::any_io_executor executor_;
};

}  // namespace

std::shared_ptr<connector> make_socket_connector(asio::any_io_executor executor) {
    return std::make_shared<socket_connector>(std::move(executor));
}

}  // namespace xmpp::detail
