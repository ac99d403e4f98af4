#include <xmpp/error.hpp>

#include "login/negotiation_io.hpp"
#include "net/dns/forget_addresses.hpp"
#include "session/run.hpp"

#include <utility>

// From an address to an established session, over one link.
namespace xmpp::detail {

/// The life of one link; returns why it ended.
task<failure> run::use_link() {
    if (link_) link_->abandon();
    take_login();
    login_.managed = false;
    login_.resumed = false;
    const auto current = std::make_shared<link>(
        session_->executor, settings(), std::string(login_.account.domain()), observers(),
        session_->counts.bytes, [this](const error& why) { fail_link(why); }, session_->relieved);
    if (is_component()) current->speak_as(login_.account);
    link_ = current;
    failure why;
    try {
        co_await establish(current);
        co_await run_stream(current);
    } catch (...) {
        why = failure(std::current_exception());
        // The first sign of a link that breaks; what the server said before counts for more.
        if (current->write_failure() && is_of_link(why)) why = failure(current->write_failure());
        // Old or forged addresses lead to where no session comes up: they are asked for anew.
        if (logging_in()) {
            forget_addresses(route_.place(), std::string(login_.account.domain()),
                             route_.settings(settings()));
        }
    }
    if (why.below() && !end_requested() && !is<closing>()) protocol_failed(*why.below());
    co_return why;
}

/// What a login that has failed has found out all the same.
void run::take_login() {
    if (negotiator_) login_ = negotiator_->so_far();
    negotiator_.reset();
}

task<> run::establish(std::shared_ptr<link> current) {
    transport_request wanted;
    wanted.service = place_to_try();
    wanted.domain = login_.account.domain();
    wanted.settings = link_settings();
    wanted.events = events();
    wanted.existing = plan_.existing;
    wanted.first_rid = session_->next_rid;
    wanted.doubtful = route_.doubtful();
    route_.doubtful()->reached({}, 0);
    if (plan_.how != run_plan::way::attach_shared) wanted.who = plan_.who;
    wanted.responders = session_->iq_responders.payloads();
    auto opened = co_await session_->open(std::move(wanted), current->observer());
    current->opened(std::move(opened));
    if (const auto joined = current->wire()->joined()) {
        join(*joined);
        become_established(joined->fresh ? status_code::connected : status_code::attached);
        co_return;
    }
    co_await log_in(current);
    become_established(status_code::connected);
}

task<> run::log_in(std::shared_ptr<link> current) {
    const bool manages = manages_streams();
    const login_settings with{settings(),       link_settings().tls(),
                              manages,          manages && delivery_->can_resume(),
                              session_->memory, observers()};
    negotiator_ = std::make_unique<negotiator>(current->wire(), with, login_,
                                               static_cast<login_host&>(*this));
    // Two awaits, because an await inside ?: is not for every compiler.
    if (is_component()) {
        login_ = co_await negotiator_->log_in_component(*plan_.who);
    } else {
        login_ = co_await negotiator_->log_in(*plan_.who);
    }
    negotiator_.reset();
}

void run::join(const joined_session& joined) {
    login_.user = joined.user;
    login_.account = joined.user.bare();
    if (joined.role) take_role(*joined.role);
    login_.features = joined.features;
    login_.authenticated = true;
}

/// What is sent goes over the link that has just been set up.
void run::open_delivery(std::size_t max_bytes) {
    using opening = delivery::opening;
    link_->manage(login_.resumed || login_.managed);
    if (!login_.resumed) requests_.begin_stream();
    auto how = link_->wire()->http() ? opening::confirmed : opening::plain;
    if (login_.managed) how = opening::managed;
    if (login_.resumed) how = opening::resumed;
    delivery_->open(link_->out(), how, login_.user, max_bytes);
}

/// The options as the next link is to be made. Encryption that was there does not go again: what
/// is optional for a first link is required for the next.
options run::link_settings() const {
    auto wanted = route_.settings(settings());
    const bool required = wanted.tls() == tls_mode::optional && session_->memory.wants_encryption();
    if (required) wanted.tls(tls_mode::required);
    return wanted;
}

/// BOSH repeats what is lost by itself, and whoever takes a session over HTTP over knows no
/// counters.
bool run::manages_streams() const {
    const auto scheme = route_.place().scheme;
    const bool over_http = scheme == service_scheme::http || scheme == service_scheme::https;
    return settings().stream_management() && !over_http && !is_component();
}

void run::authenticating() {
    report(status(status_code::authenticating));
}

void run::program_is_asked() {
    drop_deadline();
}

void run::program_has_answered() {
    if (auto* now = std::get_if<connecting>(&state_)) now->deadline = connect_deadline();
}

task<std::string> run::resource_to_bind(const credentials& who) {
    if (!settings().explicit_resource_binding()) co_return std::string(who.resource());
    if (login().bound_resource) co_return *login().bound_resource;  // before a redirect
    const auto current = link_;
    current->read_ahead(session_->changed);
    state_ = binding();
    report(status(status_code::bindrequired));
    session_->changed->pulse();
    const auto chosen = [this] { return std::get<binding>(state_).resource; };
    while (!chosen() && !current->has_read_ahead()) co_await session_->changed->wait();
    auto resource = chosen();
    state_ = connecting{connect_deadline()};
    if (!resource) {
        const auto early = co_await read_element(*current->wire());
        throw unexpected(early, "nothing until a resource is bound");
    }
    co_return *resource;
}

bool run::takes_resumption(const stanza& answer) {
    return delivery_->takes_resumption(answer.root());
}

transport_events run::events() {
    const std::weak_ptr<run> weak = weak_from_this();
    transport_events to;
    to.protocol_failed = [weak](const protocol_error& below) {
        if (const auto self = weak.lock()) self->protocol_failed(below);
    };
    to.tokens_changed = [weak] {
        if (const auto self = weak.lock()) self->keep(false);
    };
    to.next_rid = [weak](std::uint64_t rid) {
        const auto self = weak.lock();
        if (!self) return;
        self->session_->next_rid = rid;
        if (self->observers().next_rid) self->observers().next_rid(rid);
    };
    to.confirmed = [weak](std::uint64_t given) {
        if (const auto self = weak.lock()) self->delivery_->confirmed(given);
    };
    to.authenticating = [weak] {
        if (const auto self = weak.lock()) self->authenticating();
    };
    to.role_changed = [weak](session_role role) {
        if (const auto self = weak.lock()) self->take_role(role);
    };
    to.foreign_stanza_sent = [weak](const stanza& sent) {
        const auto self = weak.lock();
        if (self && self->observers().foreign_stanza_sent) {
            self->observers().foreign_stanza_sent(sent.root());
        }
    };
    to.link_lost = [weak](const shared_failure& why, int attempt) {
        if (const auto self = weak.lock()) self->owner_lost_link(why, attempt);
    };
    to.link_back = [weak](const joined_session& joined, bool resumed) {
        if (const auto self = weak.lock()) self->owner_is_back(joined, resumed);
    };
    return to;
}

}  // namespace xmpp::detail
