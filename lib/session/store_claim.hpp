#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>

#include "store/store_lease.hpp"
#include "transport/trace.hpp"

#include <optional>

namespace xmpp::detail {

/// What a session uses of options::session_store: the stream of its account, and its session over
/// HTTP. One connection at a time has each.
class store_claim {
 public:
    /// Both must outlive it.
    store_claim(const options& settings, const trace& observers);

    /// The session over HTTP that is restored.
    void adopt(store_lease claimed) { http_ = std::move(claimed); }
    /// Claims the stream of `account`; false when another connection has it.
    bool claim_stream(const jid& account);

    /// Puts what a session over HTTP goes on with into the store; `fresh`: it has just come up.
    void keep(const bosh_session& tokens, bool fresh);
    /// Takes the session over HTTP of an account out of it.
    void forget(const jid& who);

    void release();

 private:
    bool claim_session(const jid& account, bool fresh);

    const options& settings_;
    const trace& observers_;
    std::optional<store_lease> stream_;
    std::optional<store_lease> http_;
};

}  // namespace xmpp::detail
