#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "sasl/choice.hpp"
#include "transport/transport.hpp"

#include <memory>
#include <optional>
#include <string>

/// The phases of setting a session up, each a coroutine over a transport. They throw the typed
/// reason when they fail, and leave it to the session to turn that into statuses. What they take by
/// reference is kept alive by the session, which awaits them at once.
namespace xmpp::detail {

class login_memory;
class trace;

/// Opens the stream and returns the features that the server announces. `stream_id`, where given,
/// gets the id in the server's header, which the logins of old are computed with.
task<stanza> open_stream(transport& wire, stream_header header, std::string* stream_id = nullptr);

/// Asks for encryption and encrypts.
task<> negotiate_tls(transport& wire);

/// What options::credentials_provider says, which must be for the same account. Throws login_error.
task<credentials> provide_credentials(const options& settings, stanza features, credentials who);

/// The best mechanism that offer, credentials, link, policy and earlier logins allow; throws when
/// there is none.
sasl::selection choose_mechanism(const transport& wire, const stanza& features,
                                 const credentials& who, const options& settings,
                                 const login_memory& earlier, const trace& observers);

/// What a SASL exchange leaves behind.
struct finished_login {
    sasl::login_strength strength;
    std::optional<scram_keys> keys;  // of SCRAM
};

/// Runs the SASL exchange.
task<finished_login> authenticate(transport& wire, sasl::selection chosen, trace& observers);

/// Whether the protocol of before SASL can do for these credentials; throws when it can't.
void check_legacy_login(const credentials& who);

/// Logs in by that protocol (XEP-0078). Returns the full JID.
task<jid> authenticate_legacy(transport& wire, credentials who, std::string stream_id,
                              const options& settings, login_memory& memory, trace& observers);

/// Opens the stream of a component (XEP-0114 section 3); returns the stream's id.
task<std::string> open_component_stream(transport& wire, stream_header header);

/// Proves that the component knows the secret that it shares with the server.
task<> authenticate_component(transport& wire, credentials who, std::string stream_id,
                              trace& observers);

/// Asks to resume a stream; returns the `<resumed/>` or `<failed/>` that answers it.
task<stanza> resume_stream(transport& wire, builder request);

/// Asks for a resource; returns the full JID that the server assigned, which is of `account` but
/// may be spelled in the server's way.
task<jid> bind_resource(transport& wire, jid account, std::string resource);

/// Opens the RFC 3921 session that old servers insist on.
task<> open_legacy_session(transport& wire, jid account);

}  // namespace xmpp::detail
