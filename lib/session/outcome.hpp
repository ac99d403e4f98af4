#pragma once

#include <xmpp/error.hpp>
#include <xmpp/status.hpp>

#include <exception>
#include <optional>
#include <string>

namespace xmpp::detail {

/// The failure as programs are promised it: an xmpp::error is itself, what the system reports keeps
/// its code, and anything else is errc::callback_failed: only code of the program's throws such.
/// Null for none.
std::exception_ptr as_error(const std::exception_ptr& failure);

/// Is the failure one of the link, and no word of the server?
bool is_of_link(const std::exception_ptr& failure);

/// What a failure means to the program: which status tells of it, and what that says.
class outcome {
 public:
    /// `failure` null: the session ended in good order.
    explicit outcome(const std::exception_ptr& failure);

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

    const std::error_code& code() const noexcept { return code_; }

 private:
    /// What the failure itself says.
    void take(const error& failure, std::optional<stanza> element = {});
    status make(status_code which) const;

    std::error_code code_;
    bool of_login_ = false;     // AUTHFAIL, whatever the code
    bool terminated_ = false;   // CONNFAIL, whatever the code
    bool of_redirect_ = false;  // ERROR of an established session, whatever the code
    std::string condition_;
    std::string text_;
    std::optional<stanza> element_;
    int attempts_ = 0;
};

/// The content of the stream error to close the stream with when `failure` ended it ("" for a plain
/// closing tag); nothing when the link is gone and nobody would read it.
std::optional<std::string> closing_error(const std::exception_ptr& failure);

}  // namespace xmpp::detail
