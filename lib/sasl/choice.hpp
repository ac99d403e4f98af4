#pragma once

#include "sasl/login_pin.hpp"
#include "sasl/scram/scram_client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace xmpp {
class sasl_mechanism;
}

namespace xmpp::detail::sasl {

/// What the connection below is like.
struct link_state {
    /// Nobody on the way can read along: TLS, or a socket that does not leave the machine.
    bool secure = false;
    /// A client certificate was configured.
    bool client_certificate = false;
    /// What this connection can be bound by, the preferred one first: tls-exporter,
    /// tls-server-end-point, tls-unique. Not tls-unique under TLS 1.3, and under TLS 1.2 nothing
    /// but tls-server-end-point without the extended master secret.
    std::vector<channel_binding> bindings;
};

/// A program's own mechanism for one login; null when it does not want to be used.
struct made_mechanism {
    std::shared_ptr<sasl_mechanism> steps;
    bool requires_encryption = true;
};

/// A mechanism that the program has registered.
struct registered_mechanism {
    std::string name;
    std::function<made_mechanism()> make;
};

/// What the user and the account's past allow.
struct choice_policy {
    /// In order of preference; empty: the default order. The credentials' own list goes before it.
    std::vector<std::string> mechanisms;
    /// They go before the default order, and replace ours of the same name.
    std::vector<registered_mechanism> registered;
    bool allow_plaintext_auth = false;
    scram_limits limits;
    /// What earlier logins of the account had: less is refused.
    login_pin pin;
    /// Encryption is wanted where it can be had.
    bool may_encrypt = true;
};

/// What was chosen: either one of ours, or one that the program has registered.
struct selection {
    std::string name;
    std::unique_ptr<mechanism> built_in;
    std::shared_ptr<sasl_mechanism> registered;
    /// What protects the login, but for what the server has yet to prove.
    login_strength strength;
    /// Those that would have been preferred, and why each was left out; for the log.
    std::string left_out;
};

/// The first mechanism, in order of preference, that is offered and fits credentials, link and
/// policy, ready to run.
///
/// Channel binding follows XEP-0440:
/// - The server lists types: the first of ours that it lists. None in common: SCRAM without binding
///   and with the flag "n", since a server that offers "-PLUS" refuses "y".
/// - It lists none: tls-unique, which RFC 5802 made the default and such servers implement. Under
///   TLS 1.3 there is no tls-unique, and servers of that time fail with tls-exporter although they
///   offer "-PLUS": no binding then, unless nothing but "-PLUS" is allowed.
/// - It lists a type that we have, and SCRAM, but no "-PLUS" at all: no real server does that, so
///   somebody took it out. This is refused unless a list of mechanisms without "-PLUS" is set.
///
/// SCRAM may run without encryption, since it does not show the password; PLAIN and tokens may not
/// unless `allow_plaintext_auth` is set; EXTERNAL needs the encryption that it takes its name from.
///
/// \throws xmpp::error, with an explanation of what was offered and why each was left out:
///         errc::stream_not_secure when only encryption is missing; errc::non_anonymous_jid when
///         the address has no local part and what is offered needs one; errc::login_downgraded when
///         what is offered is weaker than what earlier logins had; errc::downgrade_detected when
///         the offer contradicts itself; errc::no_mechanism in all other cases;
///         errc::invalid_options for a component's credentials, which are not for SASL; and what
///         the factory of a registered one throws.
selection choose(const offer& offered, const credentials& who, const link_state& link,
                 const choice_policy& policy);

/// What a login with `who` could have under this policy, whatever the server offers.
login_reach reach(const credentials& who, const link_state& link, const choice_policy& policy);

}  // namespace xmpp::detail::sasl
