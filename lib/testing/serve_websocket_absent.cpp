#include <xmpp/error.hpp>

#include "testing/serve_websocket.hpp"

namespace xmpp::detail {

bool can_serve_websocket() noexcept {
    return false;
}

std::unique_ptr<byte_stream> serve_websocket(const asio::any_io_executor&,
                                             std::unique_ptr<byte_stream>) {
    throw error(errc::not_supported, "this build has no WebSocket: it lacks libwslay");
}

}  // namespace xmpp::detail
