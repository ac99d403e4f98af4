#include "login/negotiator.hpp"

#include "login/login_memory.hpp"
#include "login/phases.hpp"
#include "transport/trace.hpp"

#include <utility>

namespace xmpp::detail {

negotiator::negotiator(std::shared_ptr<transport> wire, login_settings with, login_result before,
                       login_host& host)
    : wire_(std::move(wire)), with_(with), result_(std::move(before)), host_(host) {}

// RFC 6120 4.3: the features decide what comes next, until nothing is left to negotiate.
task<login_result> negotiator::log_in(credentials who) {
    if (wire_->secure()) {
        state_ |= encrypted;
        with_.memory.encrypted();
    }
    log_encryption();
    if (!with_.manages) state_ |= managed;
    if (!with_.may_resume) state_ |= resume_over;
    result_.features = co_await open_stream(*wire_, header(), &stream_id_);
    for (;;) {
        with_.observers.log(log_level::debug, "stream features: {}",
                            describe_features(*result_.features));
        const auto step =
            next_step(*result_.features, state_, with_.tls, with_.settings.allow_legacy_auth());
        if (step == negotiation_step::done) co_return result_;
        co_await take(step, who);
    }
}

task<> negotiator::take(negotiation_step step, credentials& who) {
    switch (step) {
        case negotiation_step::start_tls:
            return start_tls();
        case negotiation_step::authenticate:
            return authenticate(who);
        case negotiation_step::authenticate_legacy:
            return authenticate_legacy(who);
        case negotiation_step::resume:
            return resume(who);
        case negotiation_step::bind:
            return bind(who);
        case negotiation_step::open_session:
            return open_session();
        case negotiation_step::manage:
        case negotiation_step::done:
            break;
    }
    return manage();
}

task<> negotiator::start_tls() {
    step_text_ = "negotiating TLS";
    co_await negotiate_tls(*wire_);
    state_ |= encrypted;
    with_.memory.encrypted();
    log_encryption();
    result_.features = co_await open_stream(*wire_, header(), &stream_id_);
}

task<> negotiator::authenticate(credentials& who) {
    who = co_await credentials_to_use(std::move(who));
    auto chosen = choose_mechanism(*wire_, *result_.features, who, with_.settings, with_.memory,
                                   with_.observers);
    step_text_ = "logging in";
    host_.authenticating();
    auto login = co_await detail::authenticate(*wire_, std::move(chosen), with_.observers);
    with_.memory.learn(login.strength);
    result_.scram_keys = std::move(login.keys);
    result_.authenticated = true;
    state_ |= authenticated;
    result_.features = co_await open_stream(*wire_, header());
}

task<> negotiator::authenticate_legacy(credentials& who) {
    who = co_await credentials_to_use(std::move(who));
    check_legacy_login(who);
    step_text_ = "logging in";
    host_.authenticating();
    result_.user = co_await detail::authenticate_legacy(*wire_, who, stream_id_, with_.settings,
                                                        with_.memory, with_.observers);
    result_.authenticated = true;
    state_ |= authenticated | bound | session_open;
}

task<> negotiator::resume(const credentials& who) {
    step_text_ = "resuming the stream";
    state_ |= resume_over;
    if (result_.asked_resource != who.resource()) {
        with_.observers.log(log_level::info, "another resource is asked for: a new session");
        result_.asked_resource = who.resource();
        host_.forget_stream();
        co_return;
    }
    const auto answer = co_await resume_stream(*wire_, host_.resume_request());
    if (!host_.takes_resumption(answer)) co_return;
    result_.user = host_.resumed_user();
    result_.resumed = true;
    with_.observers.log(log_level::info, "still {}", result_.user.str());
    state_ |= bound | session_open | managed;
}

task<> negotiator::bind(const credentials& who) {
    auto resource = co_await host_.resource_to_bind(who);
    wire_ = host_.wire();
    result_.bound_resource = resource;
    step_text_ = "binding a resource";
    result_.asked_resource = who.resource();
    result_.user = co_await bind_resource(*wire_, result_.account, std::move(resource));
    state_ |= bound;
    with_.observers.log(log_level::info, "bound {}", result_.user.str());
}

task<> negotiator::open_session() {
    co_await open_legacy_session(*wire_, result_.account);
    state_ |= session_open;
}

/// From CONNECTED on: the answer comes among stanzas.
task<> negotiator::manage() {
    result_.managed = true;
    state_ |= managed;
    co_return;
}

task<credentials> negotiator::credentials_to_use(credentials who) {
    if (!with_.settings.credentials_provider()) {
        // The password is that of the login before, so what that has computed is good for this one.
        if (result_.scram_keys) who.scram_keys(*result_.scram_keys);
        co_return who;
    }
    host_.program_is_asked();
    with_.observers.log(log_level::debug, "asking the program for credentials");
    auto given = co_await provide_credentials(with_.settings, *result_.features, std::move(who));
    host_.program_has_answered();
    co_return given;
}

// XEP-0114 section 3: headers, and the proof.
task<login_result> negotiator::log_in_component(credentials who) {
    if (!wire_->encryption().empty()) {
        log_encryption();
    } else if (with_.settings.tls() != tls_mode::required) {
        with_.observers.log(log_level::warning,
                            "not encrypted: who can listen can read all, and guess at the secret");
    }
    step_text_ = "waiting for the stream header";
    stream_id_ = co_await open_component_stream(*wire_, header());
    step_text_ = "logging in";
    host_.authenticating();
    co_await authenticate_component(*wire_, std::move(who), stream_id_, with_.observers);
    result_.authenticated = true;
    result_.user = result_.account;
    co_return result_;
}

stream_header negotiator::header() const {
    stream_header ours;
    ours.to = result_.account.domain();
    // RFC 6120 4.7.1: our address is not sent before the stream is encrypted.
    if (wire_->secure() && !result_.account.local().empty()) ours.from = result_.account.str();
    ours.language = with_.settings.language();
    return ours;
}

void negotiator::log_encryption() const {
    const auto how = wire_->encryption();
    if (!how.empty()) with_.observers.log(log_level::info, "encrypted: {}", how);
}

}  // namespace xmpp::detail
