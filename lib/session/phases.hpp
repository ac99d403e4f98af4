#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "sasl/mechanism.hpp"
#include "transport/transport.hpp"

#include <memory>
#include <optional>
#include <string>

/// The phases of setting a session up, each a coroutine over a transport. They throw the typed
/// reason when they fail, and leave it to the session to turn that into statuses. What they take by
/// reference is kept alive by the session, which awaits them at once.
namespace xmpp::detail {

class trace;

/// Opens the stream and returns the features that the server announces.
task<stanza> open_stream(transport& wire, stream_header header);

/// Asks for encryption and encrypts.
task<> negotiate_tls(transport& wire);

/// The best mechanism that offer, credentials, link and policy allow; throws when there is none.
std::unique_ptr<sasl::mechanism> choose_mechanism(const transport& wire, const stanza& features,
                                                  const credentials& who, const options& settings);

/// Runs the SASL exchange. Returns the keys of a SCRAM login.
task<std::optional<scram_keys>> authenticate(transport& wire, sasl::mechanism& mechanism,
                                             trace& observers);

/// Asks for a resource; returns the full JID that the server assigned.
task<jid> bind_resource(transport& wire, jid account, std::string resource);

/// Opens the RFC 3921 session that old servers insist on.
task<> open_legacy_session(transport& wire);

}  // namespace xmpp::detail
