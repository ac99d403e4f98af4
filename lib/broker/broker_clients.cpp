#include "base/spawn.hpp"
#include "broker/broker_core.hpp"
#include "transport/shared/shared_failure.hpp"
#include "transport/transport_settings.hpp"

#include <algorithm>
#include <utility>

// Programs come and go.
namespace xmpp::detail {
namespace {

using stage = broker_client::stage;

// To say hello and what it wants; and for its last messages to be taken.
constexpr broker_options::milliseconds patience{10'000};

}  // namespace

void broker_core::admit(std::unique_ptr<byte_stream> accepted) {
    const auto& base = settings_.connection();
    auto link =
        std::make_shared<shared_link>(executor_, std::move(accepted), most_message_bytes(base));
    auto limits = limits_of(base);
    limits.stanza_bytes = most_message_bytes(base);
    const auto client = std::make_shared<broker_client>(++last_id_, std::move(link), limits);
    if (clients_.size() >= settings_.max_clients()) {
        log(log_level::warning, "program {} is one too many", client->id);
        put_out(client->link, shared::tell(error(errc::queue_overflow,
                                                 "the broker serves as many programs as it may")));
        return;
    }
    clients_.emplace(client->id, client);
    log(log_level::debug, "program {} has come", client->id);
    linger_timer_.reset();
    const auto& time = base.time_source();
    client->patience =
        time->call_at(executor_, time->now() + patience, [link = client->link] { link->abort(); });
    if (!probe_timer_) arm_probe();
    spawn(executor_, serve(shared_from_this(), client), [](const std::exception_ptr&) {});
}

task<> broker_core::serve(std::shared_ptr<broker_core> self, client_ptr client) {
    std::optional<error> trouble;
    try {
        co_await converse(self, client);
    } catch (const error& thrown) {
        trouble = thrown;
    } catch (const std::exception& thrown) {
        trouble.emplace(errc::connection_lost, thrown.what());
    }
    if (client->where == stage::gone) co_return;
    if (trouble) {
        self->log(log_level::warning, "program {} is put out: {}", client->id, trouble->what());
        self->put_out(client->link, shared::tell(*trouble));
    }
    self->leave(client);
}

task<> broker_core::converse(std::shared_ptr<broker_core> self, client_ptr client) {
    const auto link = client->link;
    for (;;) {
        auto said = co_await link->read();
        if (!said || client->where == stage::gone) co_return;
        self->roles_.seen(client->id, self->now());
        if (auto* stanza = std::get_if<shared::outgoing>(&*said)) {
            // Waits while much is queued for the server: who floods is not read from.
            auto xml = std::move(stanza->xml);
            co_await forward(self, client, std::move(xml));
        } else {
            self->take(client, std::move(*said));
        }
        if (client->where == stage::gone) co_return;
    }
}

/// All but stanzas. \throws error for what the program must not say
void broker_core::take(const client_ptr& client, shared::message said) {
    if (const auto* theirs = std::get_if<shared::hello>(&said)) return greet(*client, *theirs);
    if (client->where == stage::silent) {
        throw error(errc::unexpected_element, "a program speaks before it has said hello");
    }
    if (auto* order = std::get_if<shared::connect>(&said);
        order && client->where == stage::greeted) {
        client->reads_at_most(order->most_bytes);
        client->order = std::move(*order);
        want(client);
    } else if (const auto* wish = std::get_if<shared::attach>(&said);
               wish && client->where == stage::greeted) {
        client->reads_at_most(wish->most_bytes);
        want(client);
    } else if (auto* payload = std::get_if<shared::responder>(&said)) {
        client->responders.emplace(std::move(payload->name), std::move(payload->ns));
        if (client->responders.size() > request_ledger::most) {
            throw error(errc::queue_overflow, "a program answers more than anybody can ask");
        }
    } else if (std::holds_alternative<shared::relinquish>(said)) {
        if (roles_.primary() != client->id) return;
        change_roles([this] { roles_.pass_on(); });
    } else if (const auto* order = std::get_if<shared::close>(&said)) {
        if (client->where != stage::joined || !has_session()) return;
        log(log_level::info, "program {} ends the session", client->id);
        closer_ = client->id;
        const error why(errc::disconnected,
                        "another program that shares the session has called disconnect()");
        end_session(order->reason, shared::tell(why));
    } else if (!std::holds_alternative<shared::pong>(said)) {
        throw error(errc::unexpected_element, "a program said what has no place here");
    }
}

void broker_core::greet(broker_client& client, const shared::hello& theirs) {
    if (client.where != stage::silent || theirs.magic != shared::hello().magic) {
        throw error(errc::bad_format, "that is no program that wants to share a session");
    }
    client.link->post(shared::hello());
    client.where = stage::greeted;
    if (theirs.version != shared::protocol_version) {
        throw error(errc::unsupported_version,
                    fmt::format("the program speaks version {} of shared sessions, the broker {}",
                                theirs.version, shared::protocol_version));
    }
}

/// Says why, and closes; not later than its patience allows.
void broker_core::put_out(const std::shared_ptr<shared_link>& link, const shared::ended& why) {
    // Whoever comes again and again, to be put out each time, must not use up the descriptors.
    if (farewells_.size() >= settings_.max_clients()) return link->abort();
    link->post(why);
    link->finish();
    const auto number = ++last_farewell_;
    const auto& time = settings_.connection().time_source();
    auto limit =
        time->call_at(executor_, time->now() + patience, [weak = weak_from_this(), number] {
            const auto self = weak.lock();
            if (!self) return;
            const auto last = self->farewells_.extract(number);
            if (!last.empty()) last.mapped().link->abort();
        });
    farewells_.emplace(number, farewell{link, std::move(limit)});
}

/// It has closed its end, or was put out: nobody else is disturbed.
void broker_core::leave(const client_ptr& client) {
    if (closed_ || client->where == stage::gone) return;
    log(log_level::debug, "program {} has gone", client->id);
    const bool had_joined = client->where == stage::joined;
    client->where = stage::gone;
    client->forget_order();
    client->patience.reset();
    clients_.erase(client->id);
    if (had_joined) {
        change_roles([&] { roles_.leave(client->id); });
        reassign(ledger_.forget(client->id));
    }
    if (starter_ == client->id && phase_ == phase::connecting) starter_has_gone();
    if (roles_.empty()) nobody_left();
}

void broker_core::nobody_left() {
    const bool lonely = has_session() || (phase_ == phase::idle && settings_.until_idle());
    if (clients_.empty()) probe_timer_.reset();
    if (lonely && !linger_timer_) arm_linger();
    changed_.pulse();
}

void broker_core::arm_linger() {
    linger_timer_ = after(settings_.linger(), &broker_core::lingered);
}

void broker_core::lingered() {
    linger_timer_.reset();
    if (!roles_.empty()) return;
    if (has_session()) {
        log(log_level::info, "the last program has gone: the session ends");
        end_session({}, {});
    } else if (settings_.until_idle() && clients_.empty() && phase_ == phase::idle) {
        stop();
    }
}

void broker_core::arm_probe() {
    probe_timer_ = after(settings_.probe_interval(), &broker_core::probe);
}

void broker_core::probe() {
    arm_probe();
    const auto programs = clients_;  // some may be put out
    for (const auto& [id, client] : programs) {
        if (client->where == stage::joined) look_after(client);
    }
}

void broker_core::look_after(const client_ptr& client) {
    const auto heard = roles_.last_seen(client->id);
    const auto since = now() - settings_.silent_after();
    if (heard < now() - settings_.drop_after()) {
        log(log_level::warning, "program {} was silent for too long", client->id);
        client->link->abort();
        leave(client);
        return;
    }
    if (heard < since) {
        if (roles_.primary() == client->id) change_roles([&] { roles_.pass_on(since); });
        if (roles_.primary() != client->id) reassign(ledger_.take_back(client->id));
    }
    deliver(*client, shared::encode(shared::ping()));
}

}  // namespace xmpp::detail
