#include "sasl/resource.hpp"

#include <xmpp/error.hpp>

#include "xml/writer/escape.hpp"

namespace xmpp::detail {

void check_resource(std::string_view name) {
    constexpr std::size_t max_bytes = 1023;
    if (name.size() > max_bytes) {
        throw error(errc::invalid_jid, "a resource has at most 1023 bytes");
    }
    if (!is_sendable(name)) {
        throw error(errc::invalid_jid,
                    "a resource is UTF-8, without control characters that XML excludes");
    }
}

}  // namespace xmpp::detail
