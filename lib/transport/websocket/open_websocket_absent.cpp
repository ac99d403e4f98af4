#include <xmpp/error.hpp>

#include "transport/open_transport.hpp"

namespace xmpp::detail {

task<std::shared_ptr<transport>> open_websocket_transport(transport_request /*wanted*/,
                                                          wire_observer& /*observer*/) {
    throw error(errc::not_supported,
                "this build is without libwslay, which WebSocket services need");
    co_return nullptr;
}

}  // namespace xmpp::detail
