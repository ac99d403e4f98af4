#include <xmpp/error.hpp>

#include "transport/open_transport.hpp"

namespace xmpp::detail {

task<std::shared_ptr<transport>> open_websocket_transport(service_url /*service*/,
                                                          std::string /*domain*/,
                                                          options /*settings*/,
                                                          wire_observer& /*observer*/) {
    throw error(errc::not_supported,
                "this build is without libwslay, which WebSocket services need");
    co_return nullptr;
}

}  // namespace xmpp::detail
