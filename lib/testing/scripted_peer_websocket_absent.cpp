#include <xmpp/error.hpp>
#include <xmpp/testing/scripted_peer.hpp>

namespace xmpp::testing {
namespace {

[[noreturn]] void refuse() {
    throw error(errc::not_supported,
                "this build is without libwslay, which a peer over WebSocket needs");
}

}  // namespace

scripted_peer& scripted_peer::over_websocket() {
    refuse();
}

scripted_peer& scripted_peer::over_websocket(certificate /*identity*/) {
    refuse();
}

scripted_peer& scripted_peer::close_websocket(std::uint16_t /*code*/) {
    refuse();
}

}  // namespace xmpp::testing
