#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/task.hpp>

#include "settings.hpp"

namespace chat {

/// A chat without a terminal: each line of standard input is a message to settings::to, each
/// message that comes a line `<jid> body` of standard output. Ends after the last line, or after
/// what settings::linger and settings::count ask for.
xmpp::task<exit_code> run_script(settings what, xmpp::credentials who);

}  // namespace chat
