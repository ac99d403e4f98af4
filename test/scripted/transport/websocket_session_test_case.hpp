#pragma once

#include "scripted/session_test.hpp"

#include <string>
#include <string_view>

namespace xmpp::test {

/// A session_test over WebSocket, whatever XMPP_TEST_DELIVERY says.
class websocket_session_test : public session_test {
 protected:
    websocket_session_test();

    static const testing::test_authority& authority();
    /// Lets the peer speak TLS for example.org, and trusts it.
    options secure();
};

inline constexpr const char* websocket_service = "ws://example.org/xmpp-websocket";
inline constexpr const char* secure_websocket_service = "wss://example.org/xmpp-websocket";

/// RFC 7395 3.6.1.
std::string close_with_uri(std::string_view uri);

}  // namespace xmpp::test
