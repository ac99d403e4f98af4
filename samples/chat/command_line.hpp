#pragma once

#include "exit_code.hpp"
#include "settings.hpp"

#include <variant>

namespace chat {

/// What was asked for; or, after --help, --version or a mistake, how to end. The text for people is
/// printed by then.
std::variant<settings, exit_code> parse_command_line(int argc, const char* const* argv);

}  // namespace chat
