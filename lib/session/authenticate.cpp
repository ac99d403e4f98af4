#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/secret.hpp"
#include "sasl/choice.hpp"
#include "sasl/payload.hpp"
#include "session/negotiation_io.hpp"
#include "session/phases.hpp"
#include "session/trace.hpp"

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

refusal failure_from(const stanza& failure, const sasl::mechanism& mechanism) {
    const auto condition = failure_condition(failure.root());
    const element* text = failure->child("text", ns::sasl);
    auto reported = error(sasl_condition_from(condition), std::string(condition),
                          text ? std::string(text->text()) : std::string(mechanism.explanation()));
    return refusal(reported, failure);
}

/// Leaves none of the payload in memory.
task<> write_payload(transport& wire, builder element, std::string payload) {
    element.t(payload);
    std::string bytes = std::move(element).take();
    outgoing_batch batch;
    batch.add(bytes);
    wipe(bytes);
    wipe(payload);
    co_await wire.write(batch);
    wipe(batch.bytes);
}

// RFC 6120 6.4: <auth/>, then challenges and responses until the server decides.
task<> exchange(transport& wire, sasl::mechanism& mechanism, bool& decided) {
    builder auth("auth", ns::sasl);
    auth.attr("mechanism", mechanism.name());
    auto initial = mechanism.initial_response();
    std::string payload;
    if (initial) {
        payload = sasl::encode_payload(*initial);
        wipe(*initial);
    }
    co_await write_payload(wire, std::move(auth), std::move(payload));
    for (;;) {
        const auto answer = co_await read_element(wire);
        const auto name = answer->ns() == ns::sasl ? answer->name() : std::string_view();
        if (name == "failure") throw failure_from(answer, mechanism);
        if (name == "success") {
            decided = true;
            const auto text = answer->text();
            const bool has_data = !text.empty();
            const std::string data = has_data ? sasl::decode_payload(text) : std::string();
            mechanism.finish(has_data ? std::optional<std::string_view>(data) : std::nullopt);
            co_return;
        }
        if (name != "challenge") throw unexpected(answer, "an answer to the login");
        auto response = mechanism.respond(sasl::decode_payload(answer->text()));
        auto encoded = response.empty() ? std::string() : sasl::encode_payload(response);
        wipe(response);
        co_await write_payload(wire, builder("response", ns::sasl), std::move(encoded));
    }
}

/// A failure of ours, which the server is to be told of.
bool is_ours(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const refusal&) {
        return false;
    } catch (const std::system_error& thrown) {
        return thrown.code().category() == xmpp_category() &&
               thrown.code() != errc::connection_lost && thrown.code() != errc::closed_by_server;
    } catch (...) {
        return true;
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

}  // namespace

std::unique_ptr<sasl::mechanism> choose_mechanism(const transport& wire, const stanza& features,
                                                  const credentials& who, const options& settings) {
    sasl::link_state link;
    link.secure = wire.secure();
    link.client_certificate = !settings.client_certificate().empty();
    for (auto& binding : wire.channel_bindings()) {
        link.bindings.push_back({std::move(binding.type), std::move(binding.data)});
    }
    sasl::choice_policy policy;
    policy.mechanisms = settings.mechanisms();
    policy.allow_plaintext_auth = settings.allow_plaintext_auth();
    return sasl::choose(read_offer(features.root()), who, link, policy);
}

task<std::optional<scram_keys>> authenticate(transport& wire, sasl::mechanism& mechanism,
                                             trace& observers) {
    observers.log(log_level::info, "logging in with {}", mechanism.name());
    observers.begin_secret();
    wire.forbid_white_space();
    bool decided = false;
    std::exception_ptr failure;
    try {
        co_await exchange(wire, mechanism, decided);
    } catch (...) {
        failure = typed(std::current_exception());
    }
    if (failure && !decided && is_ours(failure)) {
        co_await write_element(wire, builder("abort", ns::sasl));
    }
    observers.end_secret();
    if (failure) std::rethrow_exception(failure);
    std::optional<scram_keys> keys;
    if (mechanism.keys()) keys = *mechanism.keys();
    co_return keys;
}

}  // namespace xmpp::detail
