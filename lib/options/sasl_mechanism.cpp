#include <xmpp/options.hpp>
#include <xmpp/sasl_mechanism.hpp>

#include <algorithm>

namespace xmpp {
namespace {

/// RFC 4422 3.1.
bool is_mechanism_name(std::string_view name) {
    return !name.empty() && name.size() <= 20 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

}  // namespace

sasl_context::sasl_context(credentials who, bool secure, std::vector<std::string> offered,
                           named_data channel_bindings)
    : who_(std::move(who)),
      secure_(secure),
      offered_(std::move(offered)),
      channel_bindings_(std::move(channel_bindings)) {}

std::optional<std::string> sasl_context::channel_binding(std::string_view type) const {
    for (const auto& [name, data] : channel_bindings_) {
        if (name == type && !data.empty()) return data;
    }
    return std::nullopt;
}

task<std::optional<std::string>> sasl_mechanism::initial_response() {
    co_return std::nullopt;
}

task<std::string> sasl_mechanism::respond(std::string) {
    throw error(errc::bad_challenge,
                "the server sent a challenge, which the mechanism does not have");
    co_return std::string();
}

task<> sasl_mechanism::succeed(std::optional<std::string> additional_data) {
    if (additional_data && !additional_data->empty()) {
        throw error(errc::bad_challenge,
                    "the server sent data with its success, which the mechanism does not have");
    }
    co_return;
}

void sasl_mechanism::failed(const error&) {}

options& options::register_mechanism(std::string name, sasl_mechanism_factory factory) {
    if (!is_mechanism_name(name)) {
        throw error(
            errc::invalid_options,
            "\"" + name + "\" is no name for a SASL mechanism: 1 to 20 of A-Z, 0-9, '-' and '_'");
    }
    if (!factory) throw error(errc::invalid_options, "the mechanism " + name + " has no factory");
    const auto known =
        std::find_if(registered_mechanisms_.begin(), registered_mechanisms_.end(),
                     [&](const registered_sasl_mechanism& each) { return each.name == name; });
    if (known != registered_mechanisms_.end()) {
        known->factory = std::move(factory);
    } else {
        registered_mechanisms_.push_back({std::move(name), std::move(factory)});
    }
    return *this;
}

}  // namespace xmpp
