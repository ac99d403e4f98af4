#include <xmpp/status.hpp>

#include "base/printable.hpp"

#include <array>
#include <utility>

namespace xmpp {

std::string_view to_string(status_code code) noexcept {
    static constexpr std::array<std::string_view, 14> names{
        "ERROR",       "CONNECTING",   "CONNFAIL",      "AUTHENTICATING", "AUTHFAIL",
        "CONNECTED",   "DISCONNECTED", "DISCONNECTING", "ATTACHED",       "REDIRECT",
        "CONNTIMEOUT", "BINDREQUIRED", "ATTACHFAIL",    "RECONNECTING"};
    const auto index = static_cast<std::size_t>(code);
    return index < names.size() ? names[index] : std::string_view("UNKNOWN");
}

}  // namespace xmpp

std::string fmt::formatter<xmpp::status>::describe(const xmpp::status& status) {
    std::string line(xmpp::to_string(status.code));
    if (!status.condition.empty()) line += ' ' + status.condition;
    if (!status.text.empty()) line += ": " + status.text;
    return xmpp::detail::printable(std::move(line));
}
