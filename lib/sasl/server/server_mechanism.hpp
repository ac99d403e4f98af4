#pragma once

#include <xmpp/error.hpp>

#include "sasl/channel_binding.hpp"
#include "sasl/offer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// \file
/// The server's side of SASL, for servers that run inside a test. Production programs don't link
/// it.

namespace xmpp::detail::sasl {

/// What a server knows about its accounts and about this connection.
struct server_settings {
    /// The password of a user, by the name in the exchange; nothing: there is no such user.
    std::function<std::optional<std::string>(std::string_view user)> password;
    /// The user a token belongs to; nothing: it is not valid.
    std::function<std::optional<std::string>(std::string_view token)> token_user;
    /// Whom the client's certificate is for; empty: it showed none.
    std::string certificate_user;

    /// What the connection can be bound by, and what the features say.
    std::vector<channel_binding> bindings;
    offer offered;
    /// Send the hash of XEP-0474.
    bool prove_offer = true;

    std::uint32_t iterations = 4096;
    /// Random where empty.
    std::string salt;
    std::string nonce;
    /// Send the signature in a challenge of its own, before success.
    bool signature_in_challenge = false;
};

struct server_challenge {
    std::string data;
};

struct server_success {
    std::optional<std::string> data;
    std::string user;     // as authenticated; empty for an anonymous one
    std::string authzid;  // as asked for; empty: the user's own
};

struct server_failure {
    sasl_condition condition;
};

using server_step = std::variant<server_challenge, server_success, server_failure>;

/// One exchange. It is over with the first success or failure.
class server_mechanism {
 public:
    server_mechanism() = default;
    server_mechanism(const server_mechanism&) = delete;
    server_mechanism& operator=(const server_mechanism&) = delete;
    virtual ~server_mechanism() = default;

    /// The client's first message: what <auth/> held, if anything.
    server_step start(std::optional<std::string_view> initial_response);
    /// The client's answer to our last challenge.
    server_step step(std::string_view response);

 private:
    virtual server_step advance(std::string_view message) = 0;

    bool over_ = false;
};

/// Null when `name` is not a mechanism that this side has.
std::unique_ptr<server_mechanism> make_server_mechanism(std::string_view name,
                                                        const server_settings& settings);

}  // namespace xmpp::detail::sasl
