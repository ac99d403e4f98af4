#pragma once

#include "net/tls/certificate_check.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_settings.hpp"

#include <memory>
#include <string>

namespace xmpp::detail {

/// Gives the contexts that the HTTP library makes, one a connection, our TLS settings.
class http_client_tls {
 public:
    /// \throws xmpp::error(errc::invalid_options), as tls_context does
    http_client_tls(const tls_settings& settings, std::string name);

    /// Must not outlive this.
    /// \throws what is wrong with the settings, or what the user's hook throws
    void apply_to(SSL_CTX* context);

    /// Throws why a certificate was refused, if one was since the last call.
    void throw_if_refused();

 private:
    std::shared_ptr<const tls_context> model_;
    std::shared_ptr<const tls_hook> hook_;
    certificate_check check_;
};

}  // namespace xmpp::detail
