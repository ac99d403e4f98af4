#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/testing/scripted_peer.hpp>

#include <string>

/// Elements that scripts of several tests are made of.
namespace xmpp::test {

inline constexpr const char* plain_features =
    "<mechanisms "
    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
inline constexpr const char* scram_features =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
    "<mechanism>SCRAM-SHA-1</mechanism></mechanisms>";
inline constexpr const char* plain_auth =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>*</auth>";
inline constexpr const char* scram_auth =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>*</auth>";
inline constexpr const char* success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

inline constexpr const char* starttls_features =
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
inline constexpr const char* starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

inline constexpr const char* proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

inline constexpr const char* abort_login = "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
inline constexpr const char* bind_feature = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
inline constexpr const char* bind_request =
    "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>*</bind></iq>";

/// The stream error with that condition.
inline std::string stream_error(const std::string& condition) {
    return "<stream:error><" + condition +
           " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
}

inline constexpr const char* ping_request =
    "<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>";

inline builder ping() {
    return iq::get("example.org").c("ping", ns::ping);
}

/// Up to the server's first features.
inline testing::scripted_peer& offer(testing::scripted_peer& peer, const char* features) {
    return peer.expect_header().send_header().features(features);
}

/// Up to the features after the login.
inline testing::scripted_peer& offer_to_bind(testing::scripted_peer& peer) {
    return offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header()
        .features(bind_feature);
}

}  // namespace xmpp::test
