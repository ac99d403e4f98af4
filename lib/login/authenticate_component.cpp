#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "base/crypto/secret.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "sasl/credentials_data.hpp"
#include "transport/trace.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace xmpp::detail {
namespace {

/// The digest of the stream's id and the secret, both as they are in UTF-8.
builder handshake(std::string_view stream_id, std::string_view secret) {
    std::string salted(stream_id);
    salted.reserve(stream_id.size() + secret.size());
    salted += secret;
    auto proof = hex(digest(hash::sha1, salted));
    wipe(salted);
    builder element("handshake", ns::client);
    element.t(proof);
    wipe(proof);
    return element;
}

/// A secret that is wrong is what a wrong password is to users.
refusal wrong_secret(const refusal& refused) {
    return refusal(error(sasl_condition::not_authorized, std::string(refused.condition()),
                         std::string(refused.text()),
                         "check the domain and the secret that the server has for it"),
                   refused.element());
}

}  // namespace

task<std::string> open_component_stream(transport& wire, stream_header header) {
    const auto theirs = co_await wire.open_stream(std::move(header));
    std::string id(theirs->attr("id"));
    if (id.empty()) {
        throw error(errc::bad_format,
                    "the server's stream header has no id, without which nothing can be proved: is "
                    "this its port for components?");
    }
    co_return id;
}

task<> authenticate_component(transport& wire, credentials who, std::string stream_id,
                              trace& observers) {
    const secret_exchange hidden(observers);
    auto proof = handshake(stream_id, credentials_data::of(who).secret.view());
    std::optional<stanza> answer;
    try {
        co_await write_secret(wire, std::move(proof));
        answer = co_await read_element(wire);
    } catch (const refusal& refused) {
        if (refused.code() != stream_condition::not_authorized) throw;
        throw wrong_secret(refused);
    }
    if ((*answer)->name() == "handshake" && (*answer)->ns() == ns::client) co_return;
    throw login_error(
        error(errc::unexpected_element, "unexpected-stanza", {},
              fmt::format("the server sent <{}> before it took the handshake", (*answer)->name())));
}

}  // namespace xmpp::detail
