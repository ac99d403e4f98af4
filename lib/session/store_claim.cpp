#include "session/store_claim.hpp"

#include "session/kept_sessions.hpp"
#include "stream/management/stream_journal.hpp"

#include <exception>

namespace xmpp::detail {

store_claim::store_claim(const options& settings, const trace& observers)
    : settings_(settings), observers_(observers) {}

bool store_claim::claim_stream(const jid& account) {
    stream_ = store_lease::take(*settings_.session_store(), stream_key(account));
    if (stream_) return true;
    observers_.log(log_level::warning,
                   "another connection keeps the stream of {} in this store: this session goes "
                   "without it",
                   account.str());
    return false;
}

bool store_claim::claim_session(const jid& account, bool fresh) {
    if (http_ || !fresh) return http_.has_value();
    http_ = store_lease::take(*settings_.session_store(), kept_sessions::key_of(account));
    if (http_) return true;
    observers_.log(log_level::warning,
                   "another connection keeps the session of {} in this store: this one is not kept",
                   account.str());
    return false;
}

void store_claim::keep(const bosh_session& tokens, bool fresh) {
    if (!settings_.keepalive() || !settings_.session_store()) return;
    if (!claim_session(tokens.user.bare(), fresh)) return;
    try {
        kept_sessions(*settings_.session_store()).keep(tokens, fresh);
    } catch (const std::exception& failure) {
        observers_.log(log_level::error, "the session can't be kept: {}", failure.what());
    }
}

void store_claim::forget(const jid& who) {
    if (!http_ || !settings_.keepalive() || !settings_.session_store()) return;
    try {
        kept_sessions(*settings_.session_store()).forget(who);
    } catch (const std::exception& failure) {
        observers_.log(log_level::error, "a kept session can't be erased: {}", failure.what());
    }
}

void store_claim::release() {
    stream_.reset();
    http_.reset();
}

}  // namespace xmpp::detail
