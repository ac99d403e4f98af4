#include "login/negotiation.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "session/session.hpp"

#include <string>
#include <utility>

// From an address to an established session, over one link.
namespace xmpp::detail {

task<> session::establish(credentials who) {
    const auto current = link_;
    doing_ = "reaching the server";
    transport_request wanted;
    wanted.service = place_to_try();
    wanted.domain = account_.domain();
    wanted.settings = link_settings();
    wanted.events = events();
    wanted.existing = existing_;
    wanted.first_rid = next_rid_;
    wanted.doubtful = doubtful_;
    doubtful_->reached({}, 0);
    if (!attaching_shared_) wanted.who = who;
    wanted.responders = iq_responders.payloads();
    auto opened = co_await opener_(std::move(wanted), current->observer());
    current->opened(std::move(opened));
    const auto joined = current->wire()->joined();
    if (joined) {
        join(*joined);
        co_return;
    }
    if (is_component()) {
        co_await negotiate_component(std::move(who));
    } else {
        co_await negotiate(std::move(who));
    }
    become_established(status_code::connected);
}

// RFC 6120 4.3: the features decide what comes next, until nothing is left to negotiate.
task<> session::negotiate(credentials who) {
    const auto wire = link_->wire();
    const auto tls = link_settings().tls();
    std::string stream_id;
    std::uint8_t state = wire->secure() ? encrypted : nothing_yet;
    if (!manages_streams()) state |= negotiation_state::managed;
    if (!manages_streams() || !delivery_->can_resume()) state |= resume_over;
    if (wire->secure()) memory_.encrypted();
    if (const auto how = wire->encryption(); !how.empty()) {
        observers.log(log_level::info, "encrypted: {}", how);
    }
    doing_ = "waiting for the stream features";
    features_ = co_await open_stream(*wire, header(), &stream_id);
    for (;;) {
        observers.log(log_level::debug, "stream features: {}", describe_features(*features_));
        switch (next_step(*features_, state, tls, settings_.allow_legacy_auth())) {
            case negotiation_step::start_tls:
                doing_ = "negotiating TLS";
                co_await negotiate_tls(*wire);
                state |= encrypted;
                memory_.encrypted();
                observers.log(log_level::info, "encrypted: {}", wire->encryption());
                features_ = co_await open_stream(*wire, header(), &stream_id);
                break;
            case negotiation_step::authenticate: {
                who = co_await credentials_to_use(std::move(who));
                auto chosen =
                    choose_mechanism(*wire, *features_, who, settings_, memory_, observers);
                doing_ = "logging in";
                report(status(status_code::authenticating));
                auto login = co_await authenticate(*wire, std::move(chosen), observers);
                memory_.learn(login.strength);
                scram_keys_ = std::move(login.keys);
                authenticated_ = true;
                state |= negotiation_state::authenticated;
                features_ = co_await open_stream(*wire, header());
                break;
            }
            case negotiation_step::authenticate_legacy:
                who = co_await credentials_to_use(std::move(who));
                check_legacy_login(who);
                doing_ = "logging in";
                report(status(status_code::authenticating));
                user_ = co_await authenticate_legacy(*wire, who, stream_id, settings_, memory_,
                                                     observers);
                authenticated_ = true;
                state |= negotiation_state::authenticated | bound | session_open;
                break;
            case negotiation_step::resume: {
                doing_ = "resuming the stream";
                if (std::exchange(asked_resource_, who.resource()) != who.resource()) {
                    observers.log(log_level::info, "another resource is asked for: a new session");
                    delivery_->forget_stream();
                    state |= resume_over;
                    break;
                }
                const bool goes_on = co_await resume_stream_of_before();
                state |= resume_over;
                if (goes_on) state |= bound | session_open | negotiation_state::managed;
                break;
            }
            case negotiation_step::bind: {
                auto resource = co_await resource_to_bind(who);
                doing_ = "binding a resource";
                asked_resource_ = who.resource();
                user_ = co_await bind_resource(*link_->wire(), account_, std::move(resource));
                state |= bound;
                observers.log(log_level::info, "bound {}", user_.str());
                break;
            }
            case negotiation_step::open_session:
                co_await open_legacy_session(*link_->wire(), account_);
                state |= session_open;
                break;
            case negotiation_step::manage:
                managed_ = true;  // from CONNECTED on: the answer comes among stanzas
                state |= negotiation_state::managed;
                break;
            case negotiation_step::done:
                co_return;
        }
    }
}

task<credentials> session::credentials_to_use(credentials who) {
    if (!settings_.credentials_provider()) {
        // The password is that of the login before, so what that has computed is good for this one.
        if (scram_keys_) who.scram_keys(*scram_keys_);
        co_return who;
    }
    deadline_.reset();  // a person may be typing
    observers.log(log_level::debug, "asking the program for credentials");
    auto given = co_await provide_credentials(settings_, *features_, std::move(who));
    arm_connect_deadline();
    co_return given;
}

task<std::string> session::resource_to_bind(const credentials& who) {
    if (!settings_.explicit_resource_binding()) co_return std::string(who.resource());
    if (requested_resource_) co_return *requested_resource_;  // before a redirect
    const auto current = link_;
    deadline_.reset();  // the program may take its time
    current->read_ahead(changed_);
    phase_ = phase::binding;
    report(status(status_code::bindrequired));
    changed_->pulse();
    while (!requested_resource_ && !current->has_read_ahead()) co_await changed_->wait();
    phase_ = phase::connecting;
    arm_connect_deadline();
    if (!requested_resource_) {
        const auto early = co_await read_element(*current->wire());
        throw unexpected(early, "nothing until a resource is bound");
    }
    co_return *requested_resource_;
}

/// The options as the next link is to be made. Encryption that was there does not go again: what
/// is optional for a first link is required for the next.
options session::link_settings() const {
    auto wanted = route_.settings(settings_);
    const bool required = wanted.tls() == tls_mode::optional && memory_.wants_encryption();
    if (required) wanted.tls(tls_mode::required);
    return wanted;
}

/// BOSH repeats what is lost by itself, and whoever takes a session over HTTP over knows no
/// counters.
bool session::manages_streams() const {
    const auto scheme = route_.place().scheme;
    const bool over_http = scheme == service_scheme::http || scheme == service_scheme::https;
    return settings_.stream_management() && !over_http && !is_component();
}

stream_header session::header() const {
    stream_header ours;
    ours.to = account_.domain();
    // RFC 6120 4.7.1: our address is nobody's business before the stream is encrypted.
    if (link_->secure() && !account_.local().empty()) ours.from = account_.str();
    ours.language = settings_.language();
    return ours;
}

}  // namespace xmpp::detail
