#pragma once

namespace chat {

/// What the program's exit code says; `--help` lists them too.
enum class exit_code : int {
    ok = 0,
    usage = 1,            ///< wrong options, or no password
    login_failed = 2,     ///< the session never came up
    connection_lost = 3,  ///< it ended without having been asked to
    incomplete = 4,       ///< a message bounced, or fewer came than --count asked for
    interrupted = 130,    ///< by a signal, before the work was done
};

}  // namespace chat
