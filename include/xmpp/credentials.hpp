#pragma once

#include <xmpp/jid.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp {

namespace detail {
struct credentials_data;
struct scram_keys_data;
}  // namespace detail

/// What a SCRAM login leaves behind (RFC 5802 section 3): enough to log in again without the
/// password and without the cost of its iterations, as long as the server keeps salt and
/// iterations. As secret as the password, but only good for this account.
///
/// A value that is cheap to copy; copies share one block of memory, which is wiped with the last.
class scram_keys {
 public:
    /// \param mechanism "SCRAM-SHA-1", "-256", "-384" or "-512"; a "-PLUS" behind it is ignored
    /// \param salt, client_key, server_key raw bytes
    /// \param iterations as the server has them for the account
    /// \throws xmpp::error(errc::bad_format) for another mechanism, no iterations, an empty salt,
    ///         or keys that are not as long as the hash
    scram_keys(std::string_view mechanism, std::string_view salt, std::uint32_t iterations,
               std::string_view client_key, std::string_view server_key);
    scram_keys(const scram_keys&) noexcept = default;
    scram_keys& operator=(const scram_keys&) noexcept = default;
    ~scram_keys();

    /// Without "-PLUS".
    [[nodiscard]] std::string_view mechanism() const noexcept;
    [[nodiscard]] std::string_view salt() const noexcept;
    [[nodiscard]] std::uint32_t iterations() const noexcept;
    [[nodiscard]] std::string_view client_key() const noexcept;
    [[nodiscard]] std::string_view server_key() const noexcept;

    /// One line of text to store, "mechanism,iterations,salt,client key,server key", the bytes in
    /// base64. Keep it as you would keep a password.
    [[nodiscard]] std::string serialize() const;
    /// \throws xmpp::error(errc::bad_format) for text that serialize() does not write.
    [[nodiscard]] static scram_keys parse(std::string_view text);

    friend bool operator==(const scram_keys&, const scram_keys&) noexcept;

 private:
    std::shared_ptr<const detail::scram_keys_data> data_;
};

/// Who logs in, and with what. Setters return the object, on variables and on temporaries:
///
///     conn.connect(xmpp::credentials("juliet@example.org", "secret").resource("balcony"));
///
/// A value that is cheap to copy. Passwords, tokens and keys lie in one block of memory that the
/// copies share and that is wiped with the last one; no getter gives them out.
class credentials {
 public:
    /// With a user name and password: SCRAM, or PLAIN where the server has nothing better. A
    /// password of "" is none: with an address that has no local part either, the login is
    /// anonymous; otherwise scram_keys() must be set.
    credentials(jid user, std::string password);

    /// A temporary account that the server names (RFC 4505).
    /// \throws xmpp::error(errc::invalid_jid)
    [[nodiscard]] static credentials anonymous(std::string domain);

    /// With an OAuth 2.0 access token: OAUTHBEARER (RFC 7628) or X-OAUTH2. The address may be a
    /// domain alone; the server then takes the user from the token.
    [[nodiscard]] static credentials oauth(jid user, std::string token);

    /// With the client certificate of the options (EXTERNAL, XEP-0178).
    [[nodiscard]] static credentials external(jid user);

    /// As a component with the secret that it shares with its server (XEP-0114).
    /// \throws xmpp::error(errc::invalid_jid)
    [[nodiscard]] static credentials component(std::string domain, std::string secret);

    credentials(const credentials&) noexcept = default;
    credentials& operator=(const credentials&) noexcept = default;
    ~credentials();

    /// The name to authenticate as where it isn't the local part of the address: an administrator
    /// who acts for `user`, say. The server is then asked for the address `user`.
    credentials& authcid(std::string name) &;
    credentials&& authcid(std::string name) &&;

    /// The address to act as, where it is neither the user's own nor `user`. With external(), it
    /// is sent as given, also when it is `user` (XEP-0178): for a certificate with several
    /// addresses.
    credentials& authzid(jid address) &;
    credentials&& authzid(jid address) &&;

    /// The resource to ask for, in place of the one in the address. The server has the last word.
    /// \throws xmpp::error(errc::invalid_jid) for what can't be sent: more than 1023 bytes, no
    ///         UTF-8, control characters
    credentials& resource(std::string name) &;
    credentials&& resource(std::string name) &&;

    /// Keys of an earlier login. They are used where mechanism, salt and iterations are still the
    /// server's, in place of the password; where they are not, the password is used if there is
    /// one, and the login fails with sasl_condition::credentials_expired if there is none.
    credentials& scram_keys(xmpp::scram_keys keys) &;
    credentials&& scram_keys(xmpp::scram_keys keys) &&;

    /// The only mechanisms to use, in order of preference ("SCRAM-SHA-256", ...). Goes before
    /// options::mechanisms. Empty: the default order.
    credentials& mechanisms(std::vector<std::string> names) &;
    credentials&& mechanisms(std::vector<std::string> names) &&;

    /// As given; the domain alone for anonymous users and components.
    [[nodiscard]] jid user() const;
    /// As set, or the local part of the address; empty when there is neither.
    [[nodiscard]] std::string authcid() const;
    /// What the server is asked for: as set, or the bare address when authcid() was set. Empty when
    /// the server finds that address by itself, from the name or the token.
    [[nodiscard]] jid authzid() const;
    /// As set, or the resource of the address.
    [[nodiscard]] std::string resource() const;
    [[nodiscard]] std::optional<xmpp::scram_keys> scram_keys() const;
    [[nodiscard]] std::vector<std::string> mechanisms() const;

 private:
    friend struct detail::credentials_data;
    explicit credentials(detail::credentials_data data);
    template <class Change>
    void change(Change apply);

    std::shared_ptr<const detail::credentials_data> data_;  // immutable; never null
};

}  // namespace xmpp
