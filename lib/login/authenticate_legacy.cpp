#include <xmpp/error.hpp>
#include <xmpp/make_id.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "base/crypto/secret.hpp"
#include "login/login_memory.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "sasl/credentials_data.hpp"
#include "transport/trace.hpp"
#include "xml/writer/builder_access.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// How the password is to be shown to the server.
enum class legacy_proof { digest, plain };

iq query_for(iq request, const credentials& who) {
    request.c("query", ns::iq_auth).child("username", who.authcid());
    return request;
}

legacy_proof choose_proof(const stanza& fields, std::string_view stream_id, bool may_be_plain) {
    const element* query = fields->child("query", ns::iq_auth);
    if (!query || !query->child("username") || !query->child("resource")) {
        throw refusal(error(errc::bad_format,
                            "the server does not ask for the fields that XEP-0078 requires"),
                      fields);
    }
    if (query->child("digest") && !stream_id.empty()) return legacy_proof::digest;
    if (!query->child("password")) {
        throw error(errc::no_mechanism,
                    "the server's jabber:iq:auth wants neither a password nor a digest of it that "
                    "could be computed");
    }
    if (!may_be_plain) {
        throw error(errc::stream_not_secure,
                    "the server's jabber:iq:auth wants the password as it is, the link is not "
                    "encrypted and options::allow_plaintext_auth is off");
    }
    return legacy_proof::plain;
}

sasl::login_strength strength_of(legacy_proof proof, bool encrypted) {
    sasl::login_strength found;
    found.encrypted = encrypted;
    found.shown = proof == legacy_proof::digest ? sasl::exposure::digest : sasl::exposure::secret;
    return found;
}

/// SASL is in reach, whatever this server says; so is what the program's list leaves of it.
void check_pin(const sasl::login_strength& offered, const credentials& who, const options& settings,
               const login_memory& earlier) {
    sasl::choice_policy policy;
    policy.mechanisms = settings.mechanisms();
    policy.may_encrypt = settings.tls() != tls_mode::disabled;
    sasl::link_state link;
    link.client_certificate = !settings.client_certificate().empty();
    const auto lacking = earlier.pin().lacks(offered, sasl::reach(who, link, policy));
    if (lacking.empty()) return;
    throw error(errc::login_downgraded,
                fmt::format("the server's jabber:iq:auth lacks what earlier logins had: {}. If it "
                            "has really changed, log in once with options::pin_login(false)",
                            lacking));
}

void add_proof(builder& query, legacy_proof proof, std::string_view stream_id,
               std::string_view password) {
    constexpr std::size_t longest_reference = 6;  // of XML, for a character
    constexpr std::size_t rest = 2048;            // digest, resource and end tags
    builder_access::reserve(query, password.size() * longest_reference + rest * longest_reference);
    if (proof == legacy_proof::plain) {
        query.child("password", password);
        return;
    }
    std::string salted(stream_id);
    salted.reserve(stream_id.size() + password.size());
    salted += password;
    auto proved = hex(digest(hash::sha1, salted));
    wipe(salted);
    query.child("digest", proved);
    wipe(proved);
}

/// XEP-0078 3.1 has three ways to refuse.
std::string_view advice(const std::error_code& reason) {
    if (reason == stanza_condition::not_authorized) return "check the address and the password";
    if (reason == stanza_condition::conflict) return "the resource is in use: ask for another one";
    return "the server refuses this kind of login (XEP-0078)";
}

refusal advised(const refusal& refused) {
    return refusal(error(refused.code(), std::string(refused.condition()),
                         std::string(refused.text()), std::string(advice(refused.code()))),
                   refused.element());
}

}  // namespace

void check_legacy_login(const credentials& who) {
    const auto& data = credentials_data::of(who);
    if (data.kind != credentials_kind::password || data.secret.empty()) {
        throw error(errc::no_mechanism,
                    "the server offers nothing but jabber:iq:auth (XEP-0078), which needs a user "
                    "name and a password");
    }
    if (who.authcid().empty() || who.user().local().empty()) {
        throw error(errc::non_anonymous_jid, "jabber:iq:auth (XEP-0078) is for users with a name");
    }
    if (!is_sendable(who.authcid()) || !is_sendable(data.secret.view())) {
        throw error(errc::prohibited_string,
                    "jabber:iq:auth (XEP-0078) has name and password in XML, which excludes a "
                    "character in one of them");
    }
    if (!who.authzid().empty()) {
        throw error(errc::no_mechanism,
                    "the server offers nothing but jabber:iq:auth (XEP-0078), by which nobody can "
                    "act for another address");
    }
}

// XEP-0078 3.1: which fields, then the fields.
task<jid> authenticate_legacy(transport& wire, credentials who, std::string stream_id,
                              const options& settings, login_memory& memory, trace& observers) {
    // The better of the two, before anything is sent; then what the server wants.
    check_pin(strength_of(legacy_proof::digest, wire.secure()), who, settings, memory);
    const jid server(std::string(who.user().domain()));
    const auto fields = co_await ask(wire, who.user(), query_for(iq::get(server), who));
    const bool may_be_plain = wire.secure() || settings.allow_plaintext_auth();
    const auto proof = choose_proof(fields, stream_id, may_be_plain);
    const auto strength = strength_of(proof, wire.secure());
    check_pin(strength, who, settings, memory);
    observers.log(log_level::info, "logging in with jabber:iq:auth, {}",
                  proof == legacy_proof::digest ? "digest" : "password");

    const auto asked = who.resource();
    const auto address = who.user().bare().with_resource(asked.empty() ? make_id() : asked);
    auto request = query_for(iq::set(server), who);
    add_proof(request, proof, stream_id, credentials_data::of(who).secret.view());
    request.child("resource", address.resource());
    const secret_exchange hidden(observers);
    try {
        co_await ask(wire, who.user(), std::move(request), true);
    } catch (const refusal& refused) {
        if (refused.code().category() != stanza_category()) throw;
        throw advised(refused);
    }
    memory.learn(strength);
    co_return address;
}

}  // namespace xmpp::detail
