#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/element.hpp>
#include <xmpp/session_role.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace xmpp {

namespace detail {
class runs;
}

/// What sessions over HTTP alone can do (XEP-0124, XEP-0206); see connection::http(). On other
/// transports they do nothing, and observers are not called.
///
/// Good as long as the connection is, also when that is moved. Use it on the connection's executor.
class http_controls {
 public:
    /// What another program needs to attach() to this session, from CONNECTED on; nothing without
    /// one, and with options::bosh_keys. After the next request it is out of date.
    std::optional<bosh_session> export_session() const;
    /// Makes no requests for that long but to send something, where the server allows it (XEP-0124
    /// section 10).
    /// \throws error(errc::not_connected) without an established session
    void pause_requests(std::chrono::seconds time);
    /// Called with the request id that is next; stays over sessions. Replaces the one before; an
    /// empty function removes it.
    void on_next_rid(std::function<void(std::uint64_t)> observer);
    /// The header fields of the last response, as received; stay after the session.
    std::string last_response_headers() const;

 private:
    friend class connection;
    explicit http_controls(std::shared_ptr<detail::runs> runs) noexcept : runs_(std::move(runs)) {}

    std::shared_ptr<detail::runs> runs_;
};

/// What sessions alone can do that several programs share; see connection::shared(). In other
/// sessions there is no role, and observers are not called.
///
/// Good as long as the connection is, also when that is moved. Use it on the connection's executor.
class shared_controls {
 public:
    /// The part of this program in the session; nothing without one.
    std::optional<session_role> role() const;
    /// Called when the role changes; stays over sessions. Replaces the one before; an empty
    /// function removes it.
    void on_role_changed(std::function<void(session_role)> observer);
    /// Lets another program be primary.
    /// \throws error(errc::not_connected) without an established session
    void relinquish();
    /// Called with each stanza that another program of the session has sent; stays over sessions.
    /// Replaces the one before; an empty function removes it.
    void on_foreign_stanza_sent(std::function<void(const element&)> observer);

 private:
    friend class connection;
    explicit shared_controls(std::shared_ptr<detail::runs> runs) noexcept
        : runs_(std::move(runs)) {}

    std::shared_ptr<detail::runs> runs_;
};

}  // namespace xmpp
