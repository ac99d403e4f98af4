#include <xmpp/testing/scripted_peer.hpp>

#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"
#include "testing/peer_script.hpp"
#include "testing/websocket_server_stream.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::testing {
namespace {

using detail::peer_script;
using detail::websocket_server_stream;

task<> close_with(peer_script& script, std::uint16_t code) {
    const auto link = co_await script.link();  // in use until the task ends
    if (!script.websocket) throw detail::script_problem("this connection is no WebSocket");
    co_await script.websocket->close(code);
}

/// The server's end of TLS, whose first read() shakes hands.
class late_tls_stream final : public byte_stream {
 public:
    late_tls_stream(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> plain,
                    std::shared_ptr<const detail::tls_context> context)
        : tls_(executor, std::move(plain), std::move(context)) {}

    task<std::string_view> read() override {
        if (!ready_) co_await tls_.handshake();
        ready_ = true;
        const auto received = co_await tls_.read();
        co_return received;
    }
    task<> write(std::string_view bytes) override { return tls_.write(bytes); }
    task<> close() override { return tls_.close(); }
    void abort() noexcept override { tls_.abort(); }

 private:
    detail::tls_stream tls_;
    bool ready_ = false;
};

// The script holds what this returns, which must therefore not hold the script.
std::unique_ptr<byte_stream> serve(peer_script* script, std::unique_ptr<byte_stream> bytes) {
    auto served = std::make_unique<websocket_server_stream>(script->executor(), std::move(bytes));
    script->websocket = served.get();
    return served;
}

}  // namespace

scripted_peer& scripted_peer::over_websocket() {
    script_->layer = [script = script_.get()](std::unique_ptr<byte_stream> bytes) {
        return serve(script, std::move(bytes));
    };
    return *this;
}

scripted_peer& scripted_peer::over_websocket(certificate identity) {
    detail::tls_settings settings(detail::tls_role::server);
    settings.certificate_pem(identity.chain_pem(), identity.key_pem());
    auto context = detail::shared_tls_context(settings);
    script_->layer = [script = script_.get(),
                      context = std::move(context)](std::unique_ptr<byte_stream> bytes) {
        auto encrypted =
            std::make_unique<late_tls_stream>(script->executor(), std::move(bytes), context);
        return serve(script, std::move(encrypted));
    };
    return *this;
}

scripted_peer& scripted_peer::close_websocket(std::uint16_t code) {
    return add(fmt::format("close_websocket with {}", code),
               [code](peer_script& script) { return close_with(script, code); });
}

}  // namespace xmpp::testing
