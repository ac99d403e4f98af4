#include "scripted/transport/websocket_session_test_case.hpp"

#include "xml/writer/escape.hpp"

#include <fmt/format.h>

namespace xmpp::test {

websocket_session_test::websocket_session_test() {
    peer.over_websocket();
    configure(settings(), websocket_service);
}

const testing::test_authority& websocket_session_test::authority() {
    static const testing::test_authority one;
    return one;
}

options websocket_session_test::secure() {
    peer.over_websocket(authority().issue(testing::certificate_request::for_server("example.org")));
    return settings().tls(tls_mode::required).ca_pem(authority().ca_pem());
}

std::string close_with_uri(std::string_view uri) {
    std::string escaped;
    detail::append_attribute_value(escaped, uri);
    return fmt::format("<close xmlns='{}' see-other-uri='{}'/>", ns::framing, escaped);
}

}  // namespace xmpp::test
