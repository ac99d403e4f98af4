#pragma once

#include <xmpp/ns.hpp>
#include <xmpp/testing/scripted_peer.hpp>

#include "base/crypto/base64.hpp"
#include "sasl/server/server_mechanism.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace xmpp::test {

/// Plays the server's part of a SASL exchange that succeeds. `waiting` is called with true when the
/// client has been asked something, and with false when it has answered.
inline task<> let_in(
    testing::scripted_peer& peer, detail::sasl::server_settings known,
    std::function<void(bool)> waiting = [](bool) {}) {
    namespace sasl = detail::sasl;
    auto auth = co_await peer.receive();
    const auto steps = sasl::make_server_mechanism(auth->attr("mechanism"), known);
    const auto first = detail::base64_decode(auth->text()).value();
    auto outcome = steps->start(first);
    while (auto* asked = std::get_if<sasl::server_challenge>(&outcome)) {
        auto xml = fmt::format("<challenge xmlns='{}'>{}</challenge>", ns::sasl,
                               detail::base64_encode(asked->data));
        co_await peer.deliver(std::move(xml));
        waiting(true);
        const auto response = co_await peer.receive();
        waiting(false);
        outcome = steps->step(detail::base64_decode(response->text()).value());
    }
    const auto& ended = std::get<sasl::server_success>(outcome);
    auto xml = fmt::format("<success xmlns='{}'>{}</success>", ns::sasl,
                           detail::base64_encode(ended.data.value_or("")));
    co_await peer.deliver(std::move(xml));
}

}  // namespace xmpp::test
