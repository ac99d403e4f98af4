#include "isolated_session.hpp"

#include <xmpp/message.hpp>

#include "base/spawn.hpp"
#include "cpu_time.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace xmpp::bench {
namespace {

/// The server's stream, until the control says otherwise.
class controlled_stream final : public byte_stream {
 public:
    controlled_stream(std::unique_ptr<byte_stream> server, std::shared_ptr<wire_control> control)
        : server_(std::move(server)), control_(std::move(control)) {}

    task<std::string_view> read() override {
        if (control_->replays == 0) {
            const auto received = co_await server_->read();
            co_return received;
        }
        --control_->replays;
        // A turn of the loop, as reading from a socket takes.
        co_await asio::post(asio::use_awaitable);
        co_return control_->replay;
    }
    task<> write(std::string_view bytes) override {
        if (!control_->swallow) co_await server_->write(bytes);
    }
    task<> close() override { return server_->close(); }
    void abort() noexcept override { server_->abort(); }

 private:
    std::unique_ptr<byte_stream> server_;
    std::shared_ptr<wire_control> control_;
};

task<std::unique_ptr<byte_stream>> dial(dialer_function server,
                                        std::shared_ptr<wire_control> control, std::string host,
                                        std::uint16_t port) {
    auto bytes = co_await server(std::move(host), port);
    co_return std::make_unique<controlled_stream>(std::move(bytes), std::move(control));
}

testing::server_options server_settings() {
    return testing::server_options().tls(tls_mode::disabled).user("juliet", "secret");
}

}  // namespace

isolated_session::isolated_session() : server_(context_.get_executor(), server_settings()) {
    auto settings = server_.client_options().allow_plaintext_auth(true);
    settings.dialer(
        [server = settings.dialer(), control = control_](std::string host, std::uint16_t port) {
            return dial(server, control, std::move(host), port);
        });
    conn_ = std::make_unique<connection>(context_.get_executor(), "", std::move(settings));
    run(conn_->login(credentials("juliet@example.test/balcony", "secret")));
    control_->swallow = true;
}

isolated_session::~isolated_session() = default;

double isolated_session::run(task<> work) {
    std::exception_ptr failure;
    detail::spawn(context_.get_executor(), std::move(work), [&](std::exception_ptr thrown) {
        failure = std::move(thrown);
        context_.stop();
    });
    context_.restart();
    const double used = cpu_seconds([&] { context_.run(); });
    if (failure) std::rethrow_exception(failure);
    return used;
}

void isolated_session::replay(std::string bytes, std::size_t times) {
    control_->replay = std::move(bytes);
    control_->replays = times;
    server_.send(message(conn_->user()).type("chat").body("Here they come."));
}

}  // namespace xmpp::bench
