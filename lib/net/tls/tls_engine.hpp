#pragma once

#include "net/tls/certificate_check.hpp"
#include "net/tls/openssl_ptr.hpp"
#include "net/tls/tls_bio.hpp"
#include "net/tls/tls_context.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// TLS without input or output: bytes of the wire go in and come out, somebody else moves them.
///
/// Each step takes what has come from the peer, as a view that it is done with when it returns.
/// Afterwards take_output() may have something for the peer, also when the step threw: the alert
/// that tells why.
///
/// Memory while idle: the objects of OpenSSL 3.0 (some 20 kB: the connection's state, keys, the
/// peer's certificates), no record buffers; nothing of ours.
class tls_engine {
 public:
    /// Clients name the server for SNI (left out for IP addresses), and the name that its
    /// certificate must bear where that is another one. Servers leave both empty.
    /// \throws xmpp::error(errc::invalid_options) for a client without a name, or an unusable one.
    explicit tls_engine(std::shared_ptr<const tls_context> context, std::string server_name = {},
                        std::string verify_name = {});

    /// Goes on with the handshake; true once it is complete.
    /// \throws xmpp::error: a certificate_errc, or errc::tls_failure
    bool handshake(std::string_view received);

    /// Decrypts as much as fits, to `room`, and returns how much that was: 0 when it needs more
    /// input, or when the peer has said goodbye (closed()).
    /// \throws xmpp::error(errc::tls_failure)
    std::size_t read(std::string_view received, std::span<char> room);

    /// Encrypts all of `bytes`.
    /// \throws xmpp::error(errc::tls_failure)
    void write(std::string_view bytes);

    /// Says goodbye (close_notify). Reading may go on.
    void shutdown();

    /// To be told that no more input will come. Returns when the peer had said goodbye.
    /// \throws xmpp::error(errc::connection_lost): somebody may have cut the connection
    void end_of_input() const;

    std::string take_output() noexcept { return std::exchange(wire_.outgoing, std::string()); }
    std::size_t output_size() const noexcept { return wire_.outgoing.size(); }

    /// True once the peer has said goodbye in good order.
    bool closed() const noexcept;

    /// See channel_binding.hpp. Only after the handshake.
    std::vector<std::pair<std::string, std::string>> channel_bindings() const;
    /// "TLSv1.3, TLS_AES_256_GCM_SHA384"
    std::string description() const;
    /// The protocol that ALPN agreed on; empty for none.
    std::string alpn() const;

    SSL* native() const noexcept { return ssl_.get(); }

 private:
    class input;
    [[noreturn]] void fail(std::string_view doing);
    void check_alpn() const;

    std::shared_ptr<const tls_context> context_;
    certificate_check check_;
    tls_wire wire_;
    std::string unread_;          // input that a step left over because there was no room for more
    std::exception_ptr failure_;  // to be thrown by the next step
    ssl_ptr ssl_;
};

}  // namespace xmpp::detail
