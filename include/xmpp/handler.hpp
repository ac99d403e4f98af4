#pragma once

#include <cstdint>

namespace xmpp {

/// Names a registered handler; see connection::remove_handler().
enum class handler_id : std::uint64_t {};

}  // namespace xmpp
