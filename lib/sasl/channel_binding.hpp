#pragma once

#include <string>

namespace xmpp::detail::sasl {

/// What ties a login to the TLS connection below it (RFC 5056).
struct channel_binding {
    std::string type;  // "tls-exporter", "tls-server-end-point", "tls-unique"
    std::string data;  // raw bytes
};

}  // namespace xmpp::detail::sasl
