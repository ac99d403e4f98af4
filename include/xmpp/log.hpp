#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace xmpp {

/// How much a line of the log matters; see connection::on_log(). Levels compare by their gravity.
enum class log_level : std::uint8_t {
    debug,    ///< each step, and why a mechanism was left out: for who looks for a fault
    info,     ///< what an operator may want to read: statuses, the encryption, the mechanism
    warning,  ///< something failed, and the program is told of it by a status or an exception
    error,    ///< something failed that nobody else is told of: a handler that threw, a lost reply
};

/// "debug", "info", "warning", "error"
[[nodiscard]] std::string_view to_string(log_level level) noexcept;

}  // namespace xmpp

template <>
struct fmt::formatter<xmpp::log_level> : fmt::formatter<fmt::string_view> {
    template <class Context>
    auto format(xmpp::log_level level, Context& context) const {
        const auto name = xmpp::to_string(level);
        return fmt::formatter<fmt::string_view>::format({name.data(), name.size()}, context);
    }
};
