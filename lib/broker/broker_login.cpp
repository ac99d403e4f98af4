#include "base/spawn.hpp"
#include "broker/broker_core.hpp"
#include "sasl/account.hpp"
#include "transport/shared/shared_failure.hpp"
#include "transport/shared/shared_login.hpp"

#include <algorithm>
#include <utility>

// The session that the programs share, from the first of them to its end.
namespace xmpp::detail {
namespace {

using stage = broker_client::stage;

shared::ended tell_of(const status& step) {
    return shared::tell(step.error, step.condition, step.text, step.detail,
                        step.code == status_code::authfail);
}

error another_account() {
    return error(errc::disconnected, "another program logs in to another account");
}

}  // namespace

/// A program wants to connect, or to attach, as its `order` says.
void broker_core::want(const client_ptr& client) {
    client->where = stage::waiting;
    client->patience.reset();
    const bool attaching = !client->order;
    switch (phase_) {
        case phase::idle:
            if (!attaching) return begin(client);
            break;
        case phase::connecting:
            if (attaching || same_account(*client->order)) return;  // until that is decided
            client->for_next = true;
            return end_session({}, shared::tell(another_account()));
        case phase::up:
        case phase::lost:
            if (attaching || same_account(*client->order)) {
                // Until it is back, or has ended: a status that says so may be on its way.
                if (conn_->connected()) welcome(*client, false);
                return;
            }
            client->for_next = true;
            return end_session({}, shared::tell(another_account()));
        case phase::ending:
            client->for_next = !attaching;
            if (!attaching) return;
            break;
    }
    put_out(client->link,
            shared::tell(error(errc::no_session, "there is no session to attach to")));
    leave(client);
}

// F-118: whoever wants the account's session gets it. Domains stand for their anonymous users.
bool broker_core::same_account(const shared::connect& order) const {
    const auto account_in = [](const shared::connect& from) {
        return account_of(shared::to_credentials(from.who));
    };
    if (!login_) return false;
    try {
        const auto wanted = account_in(order);
        return wanted == account_in(*login_) || (conn_ && wanted == conn_->user().bare());
    } catch (const error&) {
        return false;  // which the login that follows will say
    }
}

void broker_core::begin(const client_ptr& client) {
    auto order = std::exchange(*client->order, {});  // it stays one who has one
    try {
        auto who = shared::to_credentials(order.who);
        const auto service = order.service.empty() ? settings_.service() : order.service;
        auto settings = shared::to_options(order.settings, settings_.connection());
        conn_.emplace(executor_, service, std::move(settings));
        const auto weak = weak_from_this();
        conn_->on_log(log_threshold, [weak](log_level level, std::string_view line) {
            if (const auto self = weak.lock()) self->log(level, "{}", line);
        });
        const auto take = [weak](const stanza& received) {
            if (const auto self = weak.lock()) self->receive(received);
            return true;
        };
        // By name: what is watched without one is not taken, and requests would be refused.
        for (const auto* kind : {"message", "presence", "iq"}) {
            conn_->add_handler(match().name(kind), take);
        }
        auto statuses = conn_->connect(std::move(who));
        phase_ = phase::connecting;
        starter_ = client->id;
        failure_.reset();
        broker_client::forget_secrets(order);
        login_ = std::move(order);
        spawn(executor_, follow(shared_from_this(), std::move(statuses)),
              [](const std::exception_ptr&) {});
    } catch (const error& unusable) {
        broker_client::forget_secrets(order);
        conn_.reset();
        put_out(client->link, shared::tell(unusable));
        leave(client);
    }
}

task<> broker_core::follow(std::shared_ptr<broker_core> self, async_generator<status> statuses) {
    while (auto step = co_await statuses.next()) {
        if (self->closed_) co_return;
        self->take_status(*step);
    }
}

void broker_core::take_status(const status& step) {
    switch (step.code) {
        case status_code::authenticating:
            if (!starter_) return;
            if (const auto client = find(*starter_)) client->link->post(shared::authenticating());
            return;
        case status_code::connfail:
        case status_code::authfail:
        case status_code::conntimeout:
        case status_code::error:
            failure_ = step;
            return;
        case status_code::reconnecting:
            if (has_session()) session_is_lost(step);
            return;
        case status_code::connected:
            catch_up();
            return;
        case status_code::disconnected:
            session_has_ended(step);
            return;
        default:
            return;
    }
}

void broker_core::session_is_up() {
    phase_ = phase::up;
    const auto starter = starter_ ? find(*starter_) : nullptr;
    starter_.reset();
    if (starter) welcome(*starter, true);
    welcome_those_who_wait();
}

void broker_core::welcome_those_who_wait() {
    const auto programs = clients_;
    for (const auto& [id, client] : programs) {
        if (client->where == stage::waiting) welcome(*client, false);
    }
    if (roles_.empty()) nobody_left();
}

/// The programs stay: their connections report it, and go on sending.
void broker_core::session_is_lost(const status& step) {
    phase_ = phase::lost;
    shared::lost message;
    message.why = tell_of(step);
    message.attempt = static_cast<std::uint32_t>(step.attempt);
    tell_joined(message);
}

void broker_core::session_is_back() {
    phase_ = phase::up;
    shared::back message;
    message.user = conn_->user().str();
    if (const auto features = conn_->features()) message.features = features->root().to_xml();
    message.resumed = conn_->resumed() ? 1 : 0;
    message.secure = conn_->secure() ? 1 : 0;
    // Nobody answers what was asked over the session before, and nobody there waits for answers.
    if (!conn_->resumed()) ledger_.clear();
    for (const auto& [id, client] : clients_) {
        if (client->where != stage::joined) continue;
        message.first = roles_.primary() == id ? 1 : 0;
        deliver(*client, shared::encode(message));
    }
    welcome_those_who_wait();
}

/// The connection is up; its status says so a turn later, and what came with it does not wait.
void broker_core::catch_up() {
    if (!conn_->connected()) return;
    if (phase_ == phase::connecting) session_is_up();
    if (phase_ == phase::lost) session_is_back();
}

void broker_core::tell_joined(const shared::message& what) {
    const auto encoded = shared::encode(what);
    for (const auto& [id, client] : clients_) {
        if (client->where == stage::joined) deliver(*client, encoded);
    }
}

void broker_core::welcome(broker_client& client, bool fresh) {
    linger_timer_.reset();
    client.forget_order();
    client.where = stage::joined;
    roles_.join(client.id, now());
    shared::welcome message;
    message.user = conn_->user().str();
    if (const auto features = conn_->features()) message.features = features->root().to_xml();
    message.role = shared::number_of(roles_.primary() == client.id ? session_role::primary
                                                                   : session_role::secondary);
    message.fresh = fresh ? 1 : 0;
    message.secure = conn_->secure() ? 1 : 0;
    client.link->post(message);
    log(log_level::info, "program {} has joined as {}", client.id,
        to_string(shared::role_of(message.role)));
    for (auto& kept : std::exchange(unclaimed_, {})) client.link->post(std::move(kept));
    unclaimed_bytes_ = 0;
}

/// In good order where it is up; what is said of it goes to all who take part, or wait for it.
void broker_core::end_session(std::string reason, shared::ended why) {
    if (phase_ == phase::ending) return;
    ending_ = std::move(why);
    const bool was_up = phase_ == phase::up;
    phase_ = phase::ending;
    linger_timer_.reset();
    if (was_up) {
        spawn(executor_, conn_->disconnect(std::move(reason)), [](const std::exception_ptr&) {});
    } else {
        conn_->reset();  // DISCONNECTED follows
    }
}

void broker_core::session_has_ended(const status& last) {
    const auto why = ending_ ? *ending_ : tell_of(failure_ ? *failure_ : last);
    log(log_level::info, "the session has ended");
    const auto programs = clients_;
    std::vector<client_ptr> next;
    for (const auto& [id, client] : programs) {
        const bool waits = client->where == stage::waiting;
        if (waits && client->for_next) next.push_back(client);
        if (client->for_next || (client->where != stage::joined && !waits)) continue;
        put_out(client->link, closer_ == id ? shared::ended() : why);
        client->where = stage::gone;
        clients_.erase(id);
    }
    roles_ = {};
    ledger_.clear();
    unclaimed_.clear();
    unclaimed_bytes_ = 0;
    closer_.reset();
    starter_.reset();
    ending_.reset();
    failure_.reset();
    login_.reset();
    phase_ = phase::idle;
    conn_.reset();
    for (const auto& client : next) {
        client->for_next = false;
        want(client);
    }
    nobody_left();
}

/// The login goes on for one who waits for it: the first who has credentials of its own.
void broker_core::starter_has_gone() {
    starter_.reset();
    bool awaited = false;
    for (const auto& [id, client] : clients_) {
        if (client->where != stage::waiting) continue;
        awaited = true;
        if (!client->order || starter_) continue;
        starter_ = id;
    }
    if (!awaited) end_session({}, {});
}

}  // namespace xmpp::detail
