#include "session/kept_sessions.hpp"

#include "sasl/account.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail {
namespace {

// A store may be shared with others: its keys say whose they are.
constexpr std::string_view sessions = "bosh:";
constexpr std::string_view last_account = "bosh-last:";

std::string key(std::string_view kind, std::string_view of) {
    return std::string(kind).append(of);
}

}  // namespace

std::string kept_sessions::key_of(const jid& account) {
    return key(sessions, account.bare().str());
}

void kept_sessions::keep(const bosh_session& session, bool fresh) {
    const auto bare = session.user.bare().str();
    if (fresh) {
        store_.replace(key(last_account, ""), bare);
        store_.replace(key(last_account, session.user.domain()), bare);
    }
    store_.replace(key(sessions, bare), session.str());
}

std::optional<bosh_session> kept_sessions::find(const jid& who) const {
    // An account that is a domain itself has a session of its own.
    if (!who.empty()) {
        if (auto own = load(who.bare().str())) return own;
    }
    const auto last = store_.load(key(last_account, who.domain()));
    if (last.empty()) return std::nullopt;
    auto session = load(last.back());
    // The server may spell the account in another way than the program.
    const bool wanted = who.empty() || (session && is_of_account(session->user, who));
    return wanted ? std::move(session) : std::nullopt;
}

std::optional<bosh_session> kept_sessions::load(const std::string& bare) const {
    const auto records = store_.load(key(sessions, bare));
    if (records.empty()) return std::nullopt;
    return bosh_session::parse(records.back());
}

void kept_sessions::forget(const jid& who) {
    store_.erase(key_of(who));
    const auto bare = who.bare().str();
    for (const auto& domain : {std::string_view(), who.domain()}) {
        const auto last = store_.load(key(last_account, domain));
        if (!last.empty() && last.back() == bare) store_.erase(key(last_account, domain));
    }
}

}  // namespace xmpp::detail
