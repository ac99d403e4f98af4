#include "base/spawn.hpp"
#include "net/connector.hpp"
#include "net/tcp_socket.hpp"

#include <asio/ip/tcp.hpp>

#include <utility>

namespace xmpp::detail {
namespace {

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
