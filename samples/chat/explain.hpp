#pragma once

#include <xmpp/status.hpp>

#include "exit_code.hpp"

#include <string>

namespace chat {

/// A status for people: what the library says, and which option helps. Safe for a terminal.
std::string explain(const xmpp::status& step);

/// The option, or the other thing to do, that fits the reason; empty when there is none.
std::string advice(const std::error_code& reason);

}  // namespace chat
