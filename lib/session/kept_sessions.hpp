#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/session_store.hpp>

#include <optional>
#include <string>

namespace xmpp::detail {

/// Sessions over HTTP in a store: the newest of each account, and which account was the last, of
/// all and at each domain.
class kept_sessions {
 public:
    explicit kept_sessions(session_store& store) : store_(store) {}

    /// What the session of an account is under.
    static std::string key_of(const jid& account);

    /// Brings what is kept of its account up to date; `fresh`: it is the last one now.
    void keep(const bosh_session& session, bool fresh);
    /// The session of a bare or full address; for a domain alone, of the last account there; for
    /// nothing, of the last account.
    std::optional<bosh_session> find(const jid& who) const;
    /// Forgets that of an account, and its name.
    void forget(const jid& who);

 private:
    std::optional<bosh_session> load(const std::string& bare) const;

    session_store& store_;
};

}  // namespace xmpp::detail
