#pragma once

#include <xmpp/status.hpp>

#include "session/failure.hpp"

#include <optional>
#include <string>

namespace xmpp::detail {

/// What a failure means to the program: which status tells of it, and what that says.
class outcome {
 public:
    explicit outcome(failure why);

    /// The status that reports a failure before the session was up: CONNFAIL, AUTHFAIL or
    /// CONNTIMEOUT. `authenticated`: the SASL exchange was over.
    status login_failure(bool authenticated) const;
    /// ATTACHFAIL
    status attach_failure() const;
    /// The status that reports the end of an established session: ERROR or CONNTIMEOUT; none where
    /// DISCONNECTED says it all.
    std::optional<status> session_failure() const;
    status disconnected() const;
    /// RECONNECTING, with what comes next as its text.
    status reconnecting(int attempt, const std::string& what_next) const;

    /// There were so many attempts to go on, and there are to be no more: the last statuses say so.
    void gave_up(int attempts);

    const std::error_code& code() const noexcept { return why_.code(); }

 private:
    status make(status_code which) const;
    bool of_redirect() const noexcept;

    failure why_;
    std::string condition_;
    std::string text_;
    int attempts_ = 0;
};

}  // namespace xmpp::detail
