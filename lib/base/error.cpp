#include <xmpp/error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace xmpp {
namespace {

struct row {
    std::string_view name;
    const char* message;
};

constexpr std::array errc_rows{
    row{"invalid-jid", "not a valid XMPP address"},
    row{"not-well-formed", "not well-formed XML"},
    row{"not-connected", "there is no established session"},
    row{"already-connected", "the connection is already in use"},
    row{"disconnected", "the session ended"},
    row{"iq-timeout", "no answer within the time limit"},
    row{"connect-timeout", "the session was not up within the time limit"},
    row{"disconnect-timeout", "the server did not close its stream in time"},
    row{"queue-overflow", "a bounded queue is full"},
    row{"connection-lost", "the connection was lost"},
    row{"connection-refused", "no address of the service could be reached"},
    row{"host-not-found", "the service's name has no address"},
    row{"invalid-service", "not a usable service URL"},
    row{"invalid-options", "the options can't be used"},
    row{"not-supported", "not supported"},
    row{"tls-unavailable", "the server does not offer TLS"},
    row{"tls-failure", "TLS failed"},
    row{"stream-not-secure", "refusing to send credentials over an unencrypted link"},
    row{"unexpected-data", "data where the protocol allows none"},
    row{"unexpected-element", "an element that has no place here"},
    row{"bad-format", "a protocol element lacks what it must have"},
    row{"host-mismatch", "the server speaks for another domain"},
    row{"unsupported-version", "the server does not speak XMPP 1.x"},
    row{"no-auth-mech", "no usable authentication mechanism"},
    row{"no-bind", "the server offers no resource binding"},
    row{"x-strophe-bad-non-anon-jid", "this way of logging in needs a user name"},
    row{"server-unverified", "the server did not prove that it knows the password"},
    row{"bad-challenge", "the server broke the rules of the authentication mechanism"},
    row{"downgrade-detected", "a better way to log in was removed on the way"},
    row{"prohibited-string", "a user name or password contains prohibited characters"},
    row{"mechanism-failed", "the authentication mechanism failed"},
    row{"concurrent-use", "another call is already waiting"},
    row{"closed-by-server", "the server closed the stream"},
    row{"too-many-redirects", "redirected too often"},
    row{"callback-failed", "a function given to the library failed"},
    row{"no-service", "the domain says that it offers no such service"},
    row{"untrusted-redirect", "redirected by somebody who need not be the server"},
    row{"server-silent", "the server gives no sign of life"},
    row{"write-timeout", "the link takes no data any more"},
    row{"giving-up", "an HTTP request failed as often as it may be repeated"},
    row{"http-refused", "the HTTP server refused the request"},
    row{"no-session", "no session is kept that could be restored"},
    row{"handled-count-too-high", "the server acknowledges more than it was sent"},
    row{"handled-count-backwards", "the server acknowledges less than before"},
    row{"resent", "acknowledged after it was sent for the second time"},
    row{"not-delivered", "the server did not get it"},
    row{"delivery-unknown", "nobody knows whether the server got it"},
    row{"stanza-too-large", "the server takes no stanza of that size"},
    row{"login-downgraded", "the server offers a weaker login than before"},
    row{"unencrypted-answer",
        "the answer came over an unencrypted link, so anybody on the way may have sent it"},
};

constexpr std::array certificate_rows{
    row{"name-mismatch", "the certificate was issued for another name"},
    row{"expired", "the certificate has expired"},
    row{"not-yet-valid", "the certificate is not valid yet"},
    row{"self-signed", "the certificate is signed by itself and not trusted"},
    row{"unknown-issuer", "no trusted authority signed the certificate"},
    row{"invalid-purpose", "the certificate was not issued for TLS servers"},
    row{"invalid-authority", "the certificate chain runs over one that may not sign"},
    row{"too-weak", "the certificate's key or signature is too weak"},
    row{"revoked", "the certificate was revoked"},
    row{"bad-signature", "the certificate's signature is wrong"},
    row{"certificate-error", "the certificate can't be accepted"},
};

constexpr std::array stream_rows{
    row{"bad-format", "stream error: XML that can't be processed"},
    row{"bad-namespace-prefix", "stream error: unsupported namespace prefix"},
    row{"conflict", "stream error: replaced by another session"},
    row{"connection-timeout", "stream error: the peer stopped talking"},
    row{"host-gone", "stream error: the domain is no longer served"},
    row{"host-unknown", "stream error: the domain is not served"},
    row{"improper-addressing", "stream error: a stanza lacks an address"},
    row{"internal-server-error", "stream error: internal server error"},
    row{"invalid-from", "stream error: the from address is not ours"},
    row{"invalid-namespace", "stream error: wrong stream namespace"},
    row{"invalid-xml", "stream error: invalid XML"},
    row{"not-authorized", "stream error: not authorized"},
    row{"not-well-formed", "stream error: not well-formed XML"},
    row{"policy-violation", "stream error: a policy was violated"},
    row{"remote-connection-failed", "stream error: a remote connection failed"},
    row{"reset", "stream error: the stream must be negotiated anew"},
    row{"resource-constraint", "stream error: the server lacks resources"},
    row{"restricted-xml", "stream error: XML features that XMPP forbids"},
    row{"see-other-host", "stream error: the service moved to another host"},
    row{"system-shutdown", "stream error: the server is shutting down"},
    row{"undefined-condition", "stream error: undefined condition"},
    row{"unsupported-encoding", "stream error: only UTF-8 is supported"},
    row{"unsupported-feature", "stream error: a mandatory feature is not supported"},
    row{"unsupported-stanza-type", "stream error: not a kind of stanza"},
    row{"unsupported-version", "stream error: unsupported version"},
};

constexpr std::array stanza_rows{
    row{"bad-request", "malformed request"},
    row{"conflict", "conflict with something that exists"},
    row{"feature-not-implemented", "feature not implemented"},
    row{"forbidden", "forbidden"},
    row{"gone", "the address is gone for good"},
    row{"internal-server-error", "internal server error"},
    row{"item-not-found", "item not found"},
    row{"jid-malformed", "malformed address"},
    row{"not-acceptable", "not acceptable"},
    row{"not-allowed", "not allowed"},
    row{"not-authorized", "not authorized"},
    row{"policy-violation", "policy violation"},
    row{"recipient-unavailable", "recipient unavailable"},
    row{"redirect", "redirected"},
    row{"registration-required", "registration required"},
    row{"remote-server-not-found", "remote server not found"},
    row{"remote-server-timeout", "remote server timeout"},
    row{"resource-constraint", "resource constraint"},
    row{"service-unavailable", "service unavailable"},
    row{"subscription-required", "subscription required"},
    row{"undefined-condition", "undefined condition"},
    row{"unexpected-request", "unexpected request"},
};

constexpr std::array sasl_rows{
    row{"aborted", "authentication aborted"},
    row{"account-disabled", "the account is disabled"},
    row{"credentials-expired", "the credentials have expired"},
    row{"encryption-required", "the server wants encryption first"},
    row{"incorrect-encoding", "the server could not decode our data"},
    row{"invalid-authzid", "the authorization identity is invalid"},
    row{"invalid-mechanism", "the server does not support the mechanism"},
    row{"malformed-request", "the server found our request malformed"},
    row{"mechanism-too-weak", "the mechanism is too weak for the server's policy"},
    row{"not-authorized", "wrong user name or password"},
    row{"temporary-auth-failure", "temporary failure, try again later"},
};

constexpr std::array bosh_rows{
    row{"bad-request", "BOSH: the server found a request malformed"},
    row{"host-gone", "BOSH: the domain is no longer served"},
    row{"host-unknown", "BOSH: the domain is not served"},
    row{"improper-addressing", "BOSH: the request lacks a domain"},
    row{"internal-server-error", "BOSH: internal server error"},
    row{"item-not-found", "BOSH: the server knows no such session"},
    row{"other-request", "BOSH: another request ended the session"},
    row{"policy-violation", "BOSH: a policy was violated"},
    row{"remote-connection-failed", "BOSH: the HTTP service can't reach the XMPP server"},
    row{"remote-stream-error", "BOSH: the XMPP server ended the stream with an error"},
    row{"see-other-uri", "BOSH: the service moved to another address"},
    row{"system-shutdown", "BOSH: the service is shutting down"},
    row{"undefined-condition", "BOSH: undefined condition"},
};

/// Maps the values 1..n of an enum to its rows.
template <std::size_t N>
class table_category final : public std::error_category {
 public:
    constexpr table_category(const char* name, const std::array<row, N>& rows)
        : name_(name), rows_(rows) {}
    const char* name() const noexcept override { return name_; }
    std::string message(int value) const override {
        const row* found = find(value);
        return found ? found->message : "unknown error";
    }
    const row* find(int value) const noexcept {
        const auto index = static_cast<std::size_t>(value) - 1;
        return index < N ? &rows_[index] : nullptr;
    }

 private:
    const char* name_;
    const std::array<row, N>& rows_;
};

const table_category errc_table{"xmpp", errc_rows};
const table_category certificate_table{"xmpp.certificate", certificate_rows};
const table_category stream_table{"xmpp.stream", stream_rows};
const table_category stanza_table{"xmpp.stanza", stanza_rows};
const table_category sasl_table{"xmpp.sasl", sasl_rows};
const table_category bosh_table{"xmpp.bosh", bosh_rows};

template <class Enum, std::size_t N>
Enum from_name(const std::array<row, N>& rows, std::string_view name, Enum fallback) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const row& r) { return r.name == name; });
    return found == rows.end() ? fallback : static_cast<Enum>(found - rows.begin() + 1);
}

}  // namespace

const std::error_category& xmpp_category() noexcept {
    return errc_table;
}
const std::error_category& certificate_category() noexcept {
    return certificate_table;
}
const std::error_category& stream_category() noexcept {
    return stream_table;
}
const std::error_category& stanza_category() noexcept {
    return stanza_table;
}
const std::error_category& sasl_category() noexcept {
    return sasl_table;
}
const std::error_category& bosh_category() noexcept {
    return bosh_table;
}

std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), errc_table};
}
std::error_code make_error_code(certificate_errc e) noexcept {
    return {static_cast<int>(e), certificate_table};
}
std::error_code make_error_code(stream_condition e) noexcept {
    return {static_cast<int>(e), stream_table};
}
std::error_code make_error_code(stanza_condition e) noexcept {
    return {static_cast<int>(e), stanza_table};
}
std::error_code make_error_code(sasl_condition e) noexcept {
    return {static_cast<int>(e), sasl_table};
}
std::error_code make_error_code(bosh_condition e) noexcept {
    return {static_cast<int>(e), bosh_table};
}

std::string_view condition_name(const std::error_code& code) noexcept {
    const row* found = nullptr;
    const auto& category = code.category();
    if (category == errc_table) found = errc_table.find(code.value());
    if (category == certificate_table) found = certificate_table.find(code.value());
    if (category == stream_table) found = stream_table.find(code.value());
    if (category == stanza_table) found = stanza_table.find(code.value());
    if (category == sasl_table) found = sasl_table.find(code.value());
    if (category == bosh_table) found = bosh_table.find(code.value());
    return found ? found->name : std::string_view();
}

stream_condition stream_condition_from(std::string_view name) noexcept {
    if (name == "xml-not-well-formed") return stream_condition::not_well_formed;  // RFC 3920
    return from_name(stream_rows, name, stream_condition::undefined_condition);
}
stanza_condition stanza_condition_from(std::string_view name) noexcept {
    return from_name(stanza_rows, name, stanza_condition::undefined_condition);
}
sasl_condition sasl_condition_from(std::string_view name) noexcept {
    return from_name(sasl_rows, name, sasl_condition::not_authorized);
}
bosh_condition bosh_condition_from(std::string_view name) noexcept {
    return from_name(bosh_rows, name, bosh_condition::undefined_condition);
}

struct error::details {
    std::string condition;
    std::string text;
    std::string explanation;
};

error::error(std::error_code code, std::string explanation)
    : error(code, std::string(condition_name(code)), {}, std::move(explanation)) {}

error::error(std::error_code code, std::string condition, std::string text, std::string explanation)
    : std::system_error(explanation.empty() ? std::system_error(code)
                                            : std::system_error(code, explanation)),
      details_(std::make_shared<const details>(
          details{std::move(condition), std::move(text), std::move(explanation)})) {}

std::string_view error::condition() const noexcept {
    return details_->condition;
}
std::string_view error::text() const noexcept {
    return details_->text;
}
std::string_view error::explanation() const noexcept {
    return details_->explanation;
}

}  // namespace xmpp
