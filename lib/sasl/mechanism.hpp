#pragma once

#include <xmpp/credentials.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail::sasl {

/// The client's side of one login (RFC 4422), as a state machine over raw bytes: base64 and XML are
/// the caller's. For one exchange; after a call has thrown, the exchange is over and so is the
/// object (send <abort/> unless the server has spoken its last word).
///
///     <auth/> with initial_response()
///     <challenge/>  -> respond()  -> <response/>
///     <success/>    -> finish(): throws unless the server has proved what it had to
///     <failure/>    -> explanation() may know more about it
///
/// What the functions return may contain secrets: wipe() it after use, and never log it.
class mechanism {
 public:
    mechanism() = default;
    mechanism(const mechanism&) = delete;
    mechanism& operator=(const mechanism&) = delete;
    virtual ~mechanism() = default;

    /// As registered with IANA.
    virtual std::string_view name() const noexcept = 0;

    /// What goes into the first message; nothing where the server speaks first. Call it once.
    /// \throws xmpp::error(errc::prohibited_string, errc::not_supported): see saslprep()
    virtual std::optional<std::string> initial_response() = 0;

    /// Does a part of what the answer to that challenge takes to compute, a millisecond or two;
    /// false when respond() takes no longer than that. Calling it is optional.
    virtual bool work(std::string_view) { return false; }

    /// The answer to a challenge.
    /// \throws xmpp::error(errc::bad_challenge): the mechanism has no place for it
    /// \throws what the mechanism finds wrong in it
    virtual std::string respond(std::string_view challenge);

    /// The server reported success, with these additional data if it sent any.
    /// \throws xmpp::error(errc::server_unverified) when the mechanism verifies the server and the
    ///         server has not proved itself; xmpp::error(errc::bad_challenge) for data that have
    ///         no place here
    virtual void finish(std::optional<std::string_view> additional_data);

    /// After finish(): what makes the next login cheaper; null where there is no such thing.
    virtual const scram_keys* keys() const noexcept { return nullptr; }

    /// What the server said on a failure inside the mechanism; text of the peer, maybe empty.
    virtual std::string_view explanation() const noexcept { return {}; }

    /// Whether the server has proved that nobody touched its offer (XEP-0474).
    virtual bool offer_verified() const noexcept { return false; }
};

}  // namespace xmpp::detail::sasl
