#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

/// \file
/// Every failure of the SDK is an `xmpp::error`: a `std::system_error` whose code is in one of the
/// categories below (or the system's, or OpenSSL's), with the protocol's word for it and the peer's
/// own text kept apart from ours.
///
/// A cancelled operation throws `std::system_error` with `asio::error::operation_aborted`, as
/// everywhere in Asio; it is never reported as a failure.

namespace xmpp {

/// Failures that the SDK itself finds.
enum class errc {
    invalid_jid = 1,          ///< not an address by RFC 7622
    not_well_formed,          ///< text or markup that can't be XML, on input or output
    not_connected,            ///< a request without an established session
    already_connected,        ///< a second connect() while one runs
    disconnected,             ///< the session ended while the operation waited
    iq_timeout,               ///< no answer within the request's time limit
    connect_timeout,          ///< not CONNECTED within options::connect_timeout
    disconnect_timeout,       ///< the server did not close its stream in time
    queue_overflow,           ///< a bounded queue hit its hard limit
    connection_lost,          ///< the link ended without a closing stream tag
    connection_refused,       ///< no address of the service could be reached
    host_not_found,           ///< the service's name has no address
    invalid_service,          ///< a service URL that names no transport
    invalid_options,          ///< options that contradict each other, or can't be used
    not_supported,            ///< left out of this build, or impossible on this transport
    tls_unavailable,          ///< TLS is required and the server does not offer it
    tls_failure,              ///< the TLS handshake or a TLS record failed
    stream_not_secure,        ///< credentials would cross an unencrypted link
    unexpected_data,          ///< bytes where the protocol allows none (after `<proceed/>`, say)
    unexpected_element,       ///< an element that has no place at this point of the negotiation
    bad_format,               ///< a protocol element that lacks what it must have
    host_mismatch,            ///< the server speaks for another domain
    unsupported_version,      ///< the stream is not XMPP 1.x
    no_mechanism,             ///< no SASL mechanism fits offer, credentials and policy
    no_bind,                  ///< the server offers no resource binding
    non_anonymous_jid,        ///< the mechanism needs a user name and the JID has none
    server_unverified,        ///< the server did not prove that it knows the password
    bad_challenge,            ///< a SASL challenge that breaks the mechanism's rules
    downgrade_detected,       ///< somebody between us and the server removed the better choice
    prohibited_string,        ///< user name or password that SASLprep forbids
    mechanism_failed,         ///< a mechanism threw something of its own
    concurrent_use,           ///< a second next() while one is waiting
    closed_by_server,         ///< the server ended the stream before it was up
    too_many_redirects,       ///< see-other-host went on past the limit
    callback_failed,          ///< a function of the program (a dialer, a TLS hook) threw
    no_service,               ///< the domain says, in DNS, that it has no such service
    untrusted_redirect,       ///< see-other-host on a stream that is not encrypted
    server_silent,            ///< no byte from the server, nor an answer to a ping
    write_timeout,            ///< the link takes no byte any more
    giving_up,                ///< an HTTP request failed as often as the retry policy allows
    http_refused,             ///< an HTTP server's status is no success; the explanation names it
    no_session,               ///< restore() found none that fits
    handled_count_too_high,   ///< the server acknowledges more than was sent (XEP-0198)
    handled_count_backwards,  ///< the server acknowledges less than before
    resent,                   ///< acknowledged, but sent twice: it may have arrived twice
    not_delivered,            ///< the server never got it, or has not handled it
    delivery_unknown,         ///< the session ended before the server has acknowledged it
    stanza_too_large,         ///< larger than what the server takes, by its own word (XEP-0478)
    login_downgraded,         ///< the server offers less than earlier logins had; see pin_login
    unencrypted_answer,       ///< an answer before TLS, which anybody on the way may have sent
};

/// What is wrong with the server's certificate.
enum class certificate_errc {
    name_mismatch = 1,  ///< not issued for the domain
    expired,            ///< its validity has ended
    not_yet_valid,      ///< its validity has not begun
    self_signed,        ///< signed by itself, and not in the trust store
    unknown_issuer,     ///< no trusted authority signed it
    invalid_purpose,    ///< not issued for TLS servers
    invalid_authority,  ///< the chain runs over a certificate that may not sign
    too_weak,           ///< key or signature below the accepted strength
    revoked,            ///< withdrawn by its authority
    bad_signature,      ///< the signature does not verify
    other,              ///< anything else; the text says what
};

/// Stream error conditions (RFC 6120 4.9.3).
enum class stream_condition {
    bad_format = 1,
    bad_namespace_prefix,
    conflict,
    connection_timeout,
    host_gone,
    host_unknown,
    improper_addressing,
    internal_server_error,
    invalid_from,
    invalid_namespace,
    invalid_xml,
    not_authorized,
    not_well_formed,
    policy_violation,
    remote_connection_failed,
    reset,
    resource_constraint,
    restricted_xml,
    see_other_host,
    system_shutdown,
    undefined_condition,
    unsupported_encoding,
    unsupported_feature,
    unsupported_stanza_type,
    unsupported_version,
};

/// Stanza error conditions (RFC 6120 8.3.3).
enum class stanza_condition {
    bad_request = 1,
    conflict,
    feature_not_implemented,
    forbidden,
    gone,
    internal_server_error,
    item_not_found,
    jid_malformed,
    not_acceptable,
    not_allowed,
    not_authorized,
    policy_violation,
    recipient_unavailable,
    redirect,
    registration_required,
    remote_server_not_found,
    remote_server_timeout,
    resource_constraint,
    service_unavailable,
    subscription_required,
    undefined_condition,
    unexpected_request,
};

/// SASL failure conditions (RFC 6120 6.5).
enum class sasl_condition {
    aborted = 1,
    account_disabled,
    credentials_expired,
    encryption_required,
    incorrect_encoding,
    invalid_authzid,
    invalid_mechanism,
    malformed_request,
    mechanism_too_weak,
    not_authorized,
    temporary_auth_failure,
};

/// Why the server ended a session over HTTP (XEP-0124 17.2); a stream error inside it is a
/// stream_condition instead.
enum class bosh_condition {
    bad_request = 1,
    host_gone,
    host_unknown,
    improper_addressing,
    internal_server_error,
    item_not_found,
    other_request,
    policy_violation,
    remote_connection_failed,
    remote_stream_error,
    see_other_uri,
    system_shutdown,
    undefined_condition,
};

const std::error_category& xmpp_category() noexcept;
const std::error_category& certificate_category() noexcept;
const std::error_category& stream_category() noexcept;
const std::error_category& stanza_category() noexcept;
const std::error_category& sasl_category() noexcept;
const std::error_category& bosh_category() noexcept;

std::error_code make_error_code(errc) noexcept;
std::error_code make_error_code(certificate_errc) noexcept;
std::error_code make_error_code(stream_condition) noexcept;
std::error_code make_error_code(stanza_condition) noexcept;
std::error_code make_error_code(sasl_condition) noexcept;
std::error_code make_error_code(bosh_condition) noexcept;

/// The protocol's word for a code: "not-authorized", "connect-timeout", "no-auth-mech"; empty for
/// codes of other libraries.
std::string_view condition_name(const std::error_code&) noexcept;

/// The condition with that name; `undefined_condition` (for SASL: `not_authorized`) when the word
/// is not in the specification.
stream_condition stream_condition_from(std::string_view name) noexcept;
stanza_condition stanza_condition_from(std::string_view name) noexcept;
sasl_condition sasl_condition_from(std::string_view name) noexcept;
bosh_condition bosh_condition_from(std::string_view name) noexcept;

/// What the SDK throws.
class error : public std::system_error {
 public:
    /// `explanation` is ours: what was wrong and what to do. It becomes part of what().
    explicit error(std::error_code code, std::string explanation = {});

    /// As reported by the peer. `condition` is the word that it used, known to us or not; `text` is
    /// its own human-readable text, never mixed into what().
    error(std::error_code code, std::string condition, std::string text,
          std::string explanation = {});

    /// The RFC's word, or the SDK's where there is none.
    std::string_view condition() const noexcept;
    /// The peer's text; empty when it sent none.
    std::string_view text() const noexcept;
    /// Our explanation without the code's message; may be empty.
    std::string_view explanation() const noexcept;

 private:
    struct details;
    std::shared_ptr<const details> details_;  // shared: copying an exception must not throw
};

}  // namespace xmpp

template <>
struct std::is_error_code_enum<xmpp::errc> : std::true_type {};
template <>
struct std::is_error_code_enum<xmpp::certificate_errc> : std::true_type {};
template <>
struct std::is_error_code_enum<xmpp::stream_condition> : std::true_type {};
template <>
struct std::is_error_code_enum<xmpp::stanza_condition> : std::true_type {};
template <>
struct std::is_error_code_enum<xmpp::sasl_condition> : std::true_type {};
template <>
struct std::is_error_code_enum<xmpp::bosh_condition> : std::true_type {};
