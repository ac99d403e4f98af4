#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace xmpp::detail::serving {

/// A client that has bound a resource, as routing sees it.
class bound_session {
 public:
    bound_session() = default;
    bound_session(const bound_session&) = delete;
    bound_session& operator=(const bound_session&) = delete;
    virtual ~bound_session() = default;

    /// Queues an element for the client. Never calls back into routing.
    virtual void deliver(builder element) = 0;
    /// Ends the stream with an error; the session is out of the table when this returns.
    virtual void end(stream_condition reason) = 0;
    /// Drops the connection.
    virtual void abort() noexcept = 0;

    jid address;                     // full
    std::optional<stanza> presence;  // the last one that was broadcast; nothing: unavailable
    int priority = 0;
    bool wants_roster = false;  // has asked for the roster, hence gets pushes (RFC 6121 2.1.6)
    std::set<jid> directed;     // who got directed presence, and is told when it ends

    bool available() const noexcept { return presence.has_value(); }
};

using session_ptr = std::shared_ptr<bound_session>;

/// Who is there. Lists are copies: delivering may end a session.
class session_table {
 public:
    /// \returns who had that address before, and has to go
    session_ptr bind(const session_ptr& session);
    /// Unless the address belongs to another session by now. \returns whether it was there
    bool unbind(const bound_session& session);

    /// Null when there is none.
    session_ptr find(const jid& full) const;
    std::vector<session_ptr> of(const jid& bare) const;
    /// Those of an account that have sent presence.
    std::vector<session_ptr> available(const jid& bare) const;
    /// Of the available ones those with the highest priority, unless that is negative.
    std::vector<session_ptr> most_available(const jid& bare) const;
    /// Those that get roster pushes.
    std::vector<session_ptr> interested(const jid& bare) const;
    std::vector<session_ptr> all() const;

 private:
    std::map<jid, std::map<std::string, session_ptr, std::less<>>> by_account_;
};

}  // namespace xmpp::detail::serving
