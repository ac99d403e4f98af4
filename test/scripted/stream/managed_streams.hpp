#pragma once

#include <xmpp/error.hpp>
#include <xmpp/testing/scripted_peer.hpp>

#include "scripted/elements.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>

/// Stream management (XEP-0198), as scripts of several tests have it.
namespace xmpp::test {

inline constexpr const char* sm_feature = "<sm xmlns='urn:xmpp:sm:3'/>";
inline constexpr const char* enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
inline constexpr const char* enabled = "<enabled xmlns='urn:xmpp:sm:3' id='one' resume='true'/>";
inline constexpr const char* ack_request = "<r xmlns='urn:xmpp:sm:3'/>";

inline std::string ack(std::string_view h) {
    return fmt::format("<a xmlns='urn:xmpp:sm:3' h='{}'/>", h);
}
inline std::string resume(std::string_view id, std::string_view h) {
    return fmt::format("<resume xmlns='urn:xmpp:sm:3' h='{}' previd='{}'/>", h, id);
}
inline std::string resumed(std::string_view id, std::string_view h) {
    return fmt::format("<resumed xmlns='urn:xmpp:sm:3' h='{}' previd='{}'/>", h, id);
}
inline constexpr const char* failed =
    "<failed xmlns='urn:xmpp:sm:3'><item-not-found "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

inline std::string chat(std::string_view text) {
    return fmt::format("<message to='a@b'><body>{}</body></message>", text);
}

/// Sent again in a new session.
inline std::string delayed_chat(std::string_view text) {
    return fmt::format(
        "<message to='a@b'><body>{}</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>",
        text);
}

/// What a call has ended with: the condition of an error, the text of anything else; nothing where
/// it returned.
inline std::string condition_of(const std::exception_ptr& failure) {
    if (!failure) return {};
    try {
        std::rethrow_exception(failure);
    } catch (const error& thrown) {
        return std::string(thrown.condition());
    } catch (const std::exception& thrown) {
        return thrown.what();
    }
}

/// Up to CONNECTED, with a stream that can be resumed.
inline testing::scripted_peer& accept_managed(testing::scripted_peer& peer,
                                              const char* answer = enabled,
                                              const std::string& more_features = "") {
    return peer.accept_login("juliet@example.org/balcony", sm_feature + more_features)
        .expect(enable)
        .send(answer);
}

/// Up to the features after the login, with stream management among them.
inline testing::scripted_peer& offer_to_resume(testing::scripted_peer& peer,
                                               const std::string& more_features = "") {
    return offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header()
        .features(std::string(bind_feature) + sm_feature + more_features);
}

/// What accept_login() does once the features were sent.
inline testing::scripted_peer& accept_binding(testing::scripted_peer& peer) {
    return peer.expect(bind_request)
        .send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
}

}  // namespace xmpp::test
