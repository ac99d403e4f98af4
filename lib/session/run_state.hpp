#pragma once

#include <xmpp/clock.hpp>

#include "base/event.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace xmpp::detail {

/// Where a session is, for its facade: `ending` is any state in which it was told to end.
enum class phase : std::uint8_t { idle, connecting, binding, established, closing, ending };

/// Not begun, or over.
struct at_rest {
    std::exception_ptr failure;    // why it ended; null: it was asked to
    std::string response_headers;  // the last over HTTP
};

/// On the way up, over some link.
struct connecting {
    std::unique_ptr<clock::timer> deadline;  // null while the program is asked for something
    bool begun = true;                       // live() has had its first turn
};

/// Between a link that was lost and the next attempt.
struct waiting {
    std::shared_ptr<event> awake;  // set: the next attempt is to begin now
};

/// The program is to name a resource, and may take its time.
struct binding {
    std::optional<std::string> resource;
};

struct established {
    bool owner_away = false;  // of a session that is shared: its owner has lost the link
};

/// disconnect() was called; the server is to answer until the deadline.
struct closing {
    std::unique_ptr<clock::timer> deadline;
};

/// The last statuses are reported.
struct concluding {};

using run_state =
    std::variant<at_rest, connecting, waiting, binding, established, closing, concluding>;

}  // namespace xmpp::detail
