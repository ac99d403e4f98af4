#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "sasl/payload.hpp"
#include "sasl/scram/scram_hash.hpp"
#include "sasl/server/server_mechanism.hpp"
#include "testing/server/server_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace xmpp::detail::serving {
namespace {

/// RFC 6120 6.4.5: two to five tries.
constexpr int most_failed_logins = 3;

std::string sasl_element(std::string_view name, std::string_view content = {}) {
    if (content.empty()) return fmt::format("<{} xmlns='{}'/>", name, ns::sasl);
    return fmt::format("<{0} xmlns='{1}'>{2}</{0}>", name, ns::sasl, content);
}

/// What a first message holds; nothing when it is absent, or can't be decoded.
std::optional<std::string> decoded(std::string_view text, bool& valid) {
    valid = true;
    if (text.empty()) return std::nullopt;
    try {
        return sasl::decode_payload(text);
    } catch (const error&) {
        valid = false;
        return std::nullopt;
    }
}

/// Anonymous users are named by us; the name has to be one that an address can have.
std::string temporary_name() {
    return "guest-" + hex(random_bytes(8));
}

}  // namespace

/// What may be offered on this link: channel binding needs TLS, and so does a password.
sasl::offer server_stream::offer() const {
    const bool encrypted = link_->encrypted();
    sasl::offer offered;
    if (!encrypted && settings_->tls == tls_mode::required) return offered;
    for (const auto& name : settings_->mechanisms) {
        if (sasl::is_plus(name) && link_->bindings().empty()) continue;
        if (name == "PLAIN" && !encrypted && settings_->tls != tls_mode::disabled) continue;
        offered.mechanisms.push_back(name);
    }
    const auto& names = offered.mechanisms;
    if (std::any_of(names.begin(), names.end(), [](auto& n) { return sasl::is_plus(n); })) {
        auto& types = offered.binding_types.emplace();
        for (const auto& [type, data] : link_->bindings()) types.push_back(type);
    }
    return offered;
}

std::string server_stream::sasl_features() const {
    const auto offered = offer();
    if (offered.mechanisms.empty()) return {};
    std::string xml = fmt::format("<mechanisms xmlns='{}'>", ns::sasl);
    for (const auto& name : offered.mechanisms) {
        xml += fmt::format("<mechanism>{}</mechanism>", name);
    }
    xml += "</mechanisms>";
    if (!offered.binding_types) return xml;
    xml += fmt::format("<sasl-channel-binding xmlns='{}'>", ns::channel_binding);
    for (const auto& type : *offered.binding_types) {
        xml += fmt::format("<channel-binding type='{}'/>", type);
    }
    return xml + "</sasl-channel-binding>";
}

/// Leaves user_ empty when it was refused and the client may try again.
task<> server_stream::authenticate(stanza auth) {
    const std::string name(auth->attr("mechanism"));
    sasl::server_settings settings;
    settings.offered = offer();
    settings.password = [this](std::string_view user) -> std::optional<std::string> {
        const auto* account = domain_->users.find(user);
        return account && !account->temporary ? std::optional(account->password) : std::nullopt;
    };
    for (const auto& [type, data] : link_->bindings()) settings.bindings.push_back({type, data});

    if (!user_.empty()) throw error(stream_condition::policy_violation, "a second login");
    const auto& offered = settings.offered.mechanisms;
    if (offered.empty()) co_return refuse_login(sasl_condition::encryption_required);
    if (std::find(offered.begin(), offered.end(), name) == offered.end()) {
        co_return refuse_login(sasl_condition::invalid_mechanism);
    }
    const auto mechanism = sasl::make_server_mechanism(name, settings);
    if (!mechanism) co_return refuse_login(sasl_condition::invalid_mechanism);

    bool valid = true;
    const auto initial = decoded(auth->text(), valid);
    if (!valid) co_return refuse_login(sasl_condition::incorrect_encoding);
    auto next = mechanism->start(initial);
    while (const auto* challenge = std::get_if<sasl::server_challenge>(&next)) {
        send(sasl_element("challenge", sasl::encode_payload(challenge->data)));
        const auto response = co_await next_response();
        if (!response) co_return;
        next = mechanism->step(*response);
    }
    if (const auto* failure = std::get_if<sasl::server_failure>(&next)) {
        co_return refuse_login(failure->condition);
    }
    const auto& success = std::get<sasl::server_success>(next);
    const bool accepted = accept_login(success.user, success.authzid);
    if (!accepted) co_return refuse_login(sasl_condition::invalid_authzid);
    if (!link_->idle()) throw error(stream_condition::policy_violation, "data before the restart");
    link_->restart();
    send(sasl_element("success", success.data ? sasl::encode_payload(*success.data) : ""));
}

/// Nothing when the exchange was given up, which has been answered then.
task<std::optional<std::string>> server_stream::next_response() {
    const auto element = co_await next_element();
    if (!element) throw error(errc::connection_lost, "in the middle of a login");
    const auto& root = element->root();
    if (root.ns() != ns::sasl || root.name() != "response") {
        refuse_login(root.name() == "abort" ? sasl_condition::aborted
                                            : sasl_condition::malformed_request);
        co_return std::nullopt;
    }
    bool valid = true;
    auto data = decoded(root.text(), valid);
    if (!valid) {
        refuse_login(sasl_condition::incorrect_encoding);
        co_return std::nullopt;
    }
    co_return data.value_or("");
}

void server_stream::refuse_login(sasl_condition reason) {
    const auto condition = condition_name(make_error_code(reason));
    send(sasl_element("failure", fmt::format("<{}/>", condition)));
    if (++failed_logins_ == most_failed_logins) {
        throw error(stream_condition::policy_violation, "too many failed logins");
    }
}

/// False when the user asks to be somebody else.
bool server_stream::accept_login(const std::string& user, const std::string& authzid) {
    const bool anonymous = user.empty();
    const auto address =
        jid::parse(fmt::format("{}@{}", anonymous ? temporary_name() : user, domain_->name));
    if (!address) return false;
    if (!authzid.empty()) {
        const auto wanted = jid::parse(authzid);
        if (!wanted || wanted->bare() != *address) return false;
    }
    user_ = *address;
    temporary_account_ = anonymous;
    if (anonymous) domain_->users.add(user_, "").temporary = true;
    return true;
}

}  // namespace xmpp::detail::serving
