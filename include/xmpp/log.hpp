#pragma once

#include <cstdint>

namespace xmpp {

/// How much a line of the log matters; see connection::on_log().
enum class log_level : std::uint8_t {
    debug,
    info,
    warning,
    error,
};

}  // namespace xmpp
