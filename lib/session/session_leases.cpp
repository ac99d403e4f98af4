#include "session/kept_sessions.hpp"
#include "session/session.hpp"

// What a store has of an account, which one connection uses at a time.
namespace xmpp::detail {

void session::keep_stream(const credentials& who) {
    asked_resource_ = who.resource();
    stream_lease_ = store_lease::take(*settings_.session_store(), stream_key(account_));
    if (stream_lease_) {
        delivery_->keep_in_store(account_, asked_resource_);
        return;
    }
    observers.log(log_level::warning,
                  "another connection keeps the stream of {} in this store: this session goes "
                  "without it",
                  account_.str());
}

/// `fresh`: the session has just come up.
bool session::may_keep(bool fresh) {
    if (http_lease_ || !fresh) return http_lease_.has_value();
    http_lease_ = store_lease::take(*settings_.session_store(), kept_sessions::key_of(account_));
    if (http_lease_) return true;
    observers.log(log_level::warning,
                  "another connection keeps the session of {} in this store: this one is not kept",
                  account_.str());
    return false;
}

void session::give_leases_back() {
    stream_lease_.reset();
    http_lease_.reset();
}

}  // namespace xmpp::detail
