#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp {

/// What a login is like, for a program that brings a mechanism of its own.
class sasl_context {
 public:
    using named_data = std::vector<std::pair<std::string, std::string>>;

    sasl_context(credentials who, bool secure, std::vector<std::string> offered,
                 named_data channel_bindings);

    /// Who logs in. Passwords and tokens can't be read from it: a mechanism that needs one brings
    /// it along.
    [[nodiscard]] const credentials& who() const noexcept { return who_; }
    /// Nobody on the way can read along: TLS, or a socket that does not leave the machine.
    [[nodiscard]] bool secure() const noexcept { return secure_; }
    /// The names of the mechanisms that the server offers, at most 100.
    [[nodiscard]] const std::vector<std::string>& offered() const noexcept { return offered_; }
    /// The data of a channel binding ("tls-exporter", "tls-server-end-point", "tls-unique"; RFC
    /// 5929, RFC 9266); nothing where this link does not have it.
    [[nodiscard]] std::optional<std::string> channel_binding(std::string_view type) const;

 private:
    credentials who_;
    bool secure_;
    std::vector<std::string> offered_;
    named_data channel_bindings_;
};

/// The client's side of a SASL mechanism (RFC 4422) that the program brings: derive from it, and
/// give options::register_mechanism() a function that makes one. One object serves one login.
///
///     class signed_nonce final : public xmpp::sasl_mechanism {
///      public:
///         explicit signed_nonce(key_store& keys) : keys_(keys) {}
///         xmpp::task<std::string> respond(std::string challenge) override {
///             co_return co_await keys_.sign(std::move(challenge));
///         }
///      private:
///         key_store& keys_;
///     };
///
/// All data are raw bytes; base64 and XML are the library's. What the steps return is treated as a
/// secret: hooks and logs never show it, and its memory is overwritten after use.
///
/// The steps are awaited one after the other on the connection's executor, and may await anything.
/// Together they have options::connect_timeout; when that passes, or the session is given up or
/// destroyed, the step that runs is cancelled (terminal) and must end then. The object is destroyed
/// when the login is over.
///
/// Whatever a step throws ends the login: the server is told `<abort/>`, the program AUTHFAIL, with
/// the code of an xmpp::error, and errc::mechanism_failed for anything else. The text of the
/// exception becomes part of status and log: it must not hold secrets.
class sasl_mechanism {
 public:
    sasl_mechanism() = default;
    sasl_mechanism(const sasl_mechanism&) = delete;
    sasl_mechanism& operator=(const sasl_mechanism&) = delete;
    virtual ~sasl_mechanism() = default;

    /// Whether it shows secrets to whoever can read along. Then it is not used on a link that is
    /// not encrypted, unless options::allow_plaintext_auth is set. Default: it does.
    [[nodiscard]] virtual bool requires_encryption() const { return true; }

    /// What goes along with the first message; nothing (default) where the server speaks first. An
    /// empty string is data of no length, which is not the same.
    virtual task<std::optional<std::string>> initial_response();

    /// The answer to a challenge. Default: throws error(errc::bad_challenge), for mechanisms that
    /// have none. The server may go on for ever: count, if the mechanism has a fixed number.
    virtual task<std::string> respond(std::string challenge);

    /// The server reported success, with these additional data if it sent any. A mechanism that
    /// verifies the server throws error(errc::server_unverified) unless it has proved itself; the
    /// session does not come up then. Default: throws error(errc::bad_challenge) for data.
    virtual task<> succeed(std::optional<std::string> additional_data);

    /// The server refused. `reason` has its sasl_condition, its word and its text: time to drop a
    /// token from a cache, say. Must not call back into the connection; what it throws is logged.
    virtual void failed(const error& reason);
};

/// Makes the mechanism for one login; called when it is the next in order of preference, on the
/// connection's executor. Null: it does not want to be used here, and the next one is looked at.
/// What it throws ends the login as if a step had thrown it.
using sasl_mechanism_factory =
    std::function<std::unique_ptr<sasl_mechanism>(const sasl_context& login)>;

/// A mechanism in options.
struct registered_sasl_mechanism {
    std::string name;
    sasl_mechanism_factory factory;
};

}  // namespace xmpp
