#pragma once

#include <xmpp/stanza.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace xmpp {

/// What happens to a connection; the numbers are those of Strophe.js. docs/statuses.md tells when
/// each comes and what to do.
enum class status_code : std::uint8_t {
    error,           ///< the server ended the session with a stream error; DISCONNECTED follows
    connecting,      ///< connect() has begun
    connfail,        ///< the session could not be set up; DISCONNECTED follows
    authenticating,  ///< the SASL exchange has begun
    authfail,        ///< the server or the client refused the login; DISCONNECTED follows
    connected,       ///< the session is up: stanzas flow
    disconnected,    ///< the end, exactly once for each connect()
    disconnecting,   ///< disconnect() was called
    attached,        ///< an existing session was taken over
    redirect,        ///< the server sent us to another host
    conntimeout,     ///< a time limit passed; DISCONNECTED follows
    bindrequired,    ///< logged in; the program is to call bind()
    attachfail,      ///< an existing session could not be taken over
    reconnecting,    ///< the link was lost and is being set up again
};

/// "CONNECTED"
std::string_view to_string(status_code code) noexcept;

/// One step in the life of a connection.
class status {
 public:
    explicit status(status_code code, std::string condition = {}, std::error_code error = {},
                    std::optional<stanza> detail = {}, std::string text = {})
        : code(code),
          condition(std::move(condition)),
          error(error),
          detail(std::move(detail)),
          text(std::move(text)) {}

    status_code code;
    /// For programs: the RFC's word ("not-authorized"), or the SDK's ("connect-timeout"); for
    /// DISCONNECTING the reason given to disconnect().
    std::string condition;
    /// Why, typed; no error for the statuses of the happy path.
    std::error_code error;
    /// The element that said so, if one did.
    std::optional<stanza> detail;
    /// For people: what was wrong and what to do about it.
    std::string text;
    /// Of RECONNECTING: which attempt in a row is to come, counted from when a session was up for
    /// 30 s. Of a last status: how many there were, where options::max_retries() is used up. 0
    /// elsewhere.
    int attempt = 0;
};

}  // namespace xmpp

/// `AUTHFAIL not-authorized: wrong user name or password`
template <>
struct fmt::formatter<xmpp::status> : fmt::formatter<fmt::string_view> {
    template <class Context>
    auto format(const xmpp::status& status, Context& context) const {
        return fmt::formatter<fmt::string_view>::format(describe(status), context);
    }

 private:
    static std::string describe(const xmpp::status& status);
};
