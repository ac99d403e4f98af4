#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/secret.hpp"
#include "login/login_memory.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "login/sasl_advice.hpp"
#include "login/sasl_steps.hpp"
#include "sasl/choice.hpp"
#include "sasl/payload.hpp"
#include "transport/trace.hpp"
#include "xml/writer/builder_access.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::size_t max_mechanisms = 100;

/// RFC 6120 6.3.3 and XEP-0440: what the server offers.
sasl::offer read_offer(const element& features) {
    sasl::offer offered;
    const element* mechanisms = features.child("mechanisms", ns::sasl);
    for (const auto& each : mechanisms->children("mechanism")) {
        if (offered.mechanisms.size() == max_mechanisms) break;
        offered.mechanisms.emplace_back(each.text());
    }
    if (const element* list = features.child("sasl-channel-binding", ns::channel_binding)) {
        auto& types = offered.binding_types.emplace();
        for (const auto& each : list->children("channel-binding")) {
            if (types.size() == max_mechanisms) break;
            types.emplace_back(each.attr("type"));
        }
    }
    return offered;
}

/// The first child of a failure that is not its text.
std::string_view failure_condition(const element& failure) {
    for (const auto& child : failure.children()) {
        if (child.ns() == ns::sasl && child.name() != "text") return child.name();
    }
    return condition_name(sasl_condition::not_authorized);
}

refusal failure_from(const stanza& failure, const sasl::selection& chosen) {
    const auto word = failure_condition(failure.root());
    const auto reason = sasl_condition_from(word);
    const element* text = failure->child("text", ns::sasl);
    std::string said;
    if (text) {
        said = text->text();
    } else if (chosen.built_in) {
        said = chosen.built_in->explanation();
    }
    const auto reported =
        error(reason, std::string(word), std::move(said), std::string(sasl_advice(reason)));
    return refusal(reported, failure);
}

task<> write_payload(transport& wire, builder element, std::string payload) {
    constexpr std::size_t end_tag = 16;
    builder_access::reserve(element, payload.size() + end_tag);
    element.t(payload);
    wipe(payload);
    co_await write_secret(wire, std::move(element));
}

/// Who has to say something in an exchange. What fails in our turn, the server is to be told of.
enum class turn { ours, servers, over };

// RFC 6120 6.4: <auth/>, then challenges and responses until the server decides.
task<> exchange(transport& wire, const sasl::selection& chosen, sasl_mechanism& steps,
                turn& whose) {
    builder auth("auth", ns::sasl);
    auth.attr("mechanism", chosen.name);
    auto initial = co_await steps.initial_response();
    std::string payload;
    if (initial) {
        payload = sasl::encode_payload(*initial);
        wipe(*initial);
    }
    co_await write_payload(wire, std::move(auth), std::move(payload));
    for (;;) {
        whose = turn::servers;
        const auto answer = co_await read_element(wire);
        whose = turn::ours;
        const auto name = answer->ns() == ns::sasl ? answer->name() : std::string_view();
        if (name == "failure") {
            whose = turn::over;
            const auto refused = failure_from(answer, chosen);
            steps.failed(refused);
            throw refused;
        }
        if (name == "success") {
            whose = turn::over;
            const auto text = answer->text();
            std::optional<std::string> data;
            if (!text.empty()) data = sasl::decode_payload(text);
            co_await steps.succeed(std::move(data));
            co_return;
        }
        if (name != "challenge") throw unexpected(answer, "an answer to the login");
        auto challenge = sasl::decode_payload(answer->text());
        auto response = co_await steps.respond(std::move(challenge));
        auto encoded = response.empty() ? std::string() : sasl::encode_payload(response);
        wipe(response);
        co_await write_payload(wire, builder("response", ns::sasl), std::move(encoded));
    }
}

/// Whatever a mechanism throws becomes a typed error.
std::exception_ptr typed(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error&) {
        return failure;
    } catch (const std::exception& thrown) {
        return std::make_exception_ptr(error(errc::mechanism_failed, thrown.what()));
    } catch (...) {
        return std::make_exception_ptr(error(errc::mechanism_failed));
    }
}

sasl::made_mechanism make_registered(const registered_sasl_mechanism& own,
                                     const sasl_context& login) {
    try {
        std::shared_ptr<sasl_mechanism> made = own.factory(login);
        const bool requires_encryption = !made || made->requires_encryption();
        return {std::move(made), requires_encryption};
    } catch (...) {
        throw login_error::from(std::current_exception(), errc::mechanism_failed);
    }
}

}  // namespace

sasl::selection choose_mechanism(const transport& wire, const stanza& features,
                                 const credentials& who, const options& settings,
                                 const login_memory& earlier, const trace& observers) {
    const auto offered = read_offer(features.root());
    sasl::link_state link;
    sasl_context::named_data bindings;
    link.secure = wire.secure();
    link.client_certificate = !settings.client_certificate().empty();
    for (auto& binding : wire.channel_bindings()) {
        bindings.emplace_back(binding.type, binding.data);
        link.bindings.push_back({std::move(binding.type), std::move(binding.data)});
    }
    sasl::choice_policy policy;
    policy.mechanisms = settings.mechanisms();
    policy.allow_plaintext_auth = settings.allow_plaintext_auth();
    policy.pin = earlier.pin();
    policy.may_encrypt = settings.tls() != tls_mode::disabled;
    const sasl_context login(who, link.secure, offered.mechanisms, std::move(bindings));
    for (const auto& own : settings.registered_mechanisms()) {
        policy.registered.push_back({own.name, [&] { return make_registered(own, login); }});
    }
    auto chosen = sasl::choose(offered, who, link, policy);
    if (!chosen.left_out.empty()) {
        observers.log(log_level::debug, "not for this login: {}", chosen.left_out);
    }
    return chosen;
}

task<finished_login> authenticate(transport& wire, sasl::selection chosen, trace& observers) {
    observers.log(log_level::info, "logging in with {}", chosen.name);
    const auto steps = steps_of(chosen, observers);
    const secret_exchange hidden(observers);
    wire.forbid_white_space();
    turn whose = turn::ours;
    std::exception_ptr failure;
    try {
        co_await exchange(wire, chosen, *steps, whose);
    } catch (...) {
        failure = typed(std::current_exception());
    }
    if (failure && whose == turn::ours) {
        co_await write_element(wire, builder("abort", ns::sasl));
    }
    if (failure) std::rethrow_exception(failure);
    finished_login done;
    done.strength = chosen.strength;
    if (chosen.built_in) {
        done.strength.offer_proved = chosen.built_in->offer_verified();
        if (chosen.built_in->keys()) done.keys = *chosen.built_in->keys();
    }
    co_return done;
}

}  // namespace xmpp::detail
