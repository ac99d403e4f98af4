#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/task.hpp>

#include "exit_code.hpp"
#include "settings.hpp"

namespace chat {

/// A chat on the terminal, until the user or the server ends it.
xmpp::task<exit_code> run_interactive(settings what, xmpp::credentials who);

/// Standard input and output are a terminal that can move its cursor.
bool can_be_interactive();

}  // namespace chat
