#include "testing/serve_websocket.hpp"

#include "testing/websocket_server_stream.hpp"

#include <utility>

namespace xmpp::detail {

bool can_serve_websocket() noexcept {
    return true;
}

std::unique_ptr<byte_stream> serve_websocket(const asio::any_io_executor& executor,
                                             std::unique_ptr<byte_stream> lower) {
    return std::make_unique<websocket_server_stream>(executor, std::move(lower));
}

}  // namespace xmpp::detail
