#pragma once

#include <xmpp/status.hpp>

#include <string>
#include <system_error>

namespace chat {

/// A status for people: what the library says, and which option helps. Safe for a terminal.
std::string explain(const xmpp::status& step);

/// Tells the steps of a session that matter: failures, once each, and with `verbose` the others.
class status_report {
 public:
    explicit status_report(bool verbose) noexcept : verbose_(verbose) {}
    /// What to show of that step; empty for nothing.
    std::string tell(const xmpp::status& step);

 private:
    bool verbose_;
    std::error_code told_;
};

/// The option, or the other thing to do, that fits the reason; empty when there is none.
std::string advice(const std::error_code& reason);

}  // namespace chat
