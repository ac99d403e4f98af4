#pragma once

#include <xmpp/options.hpp>

#include "net/service_url.hpp"
#include "session/negotiation_io.hpp"

namespace xmpp::detail {

/// Where the links of a session lead: first to its service, then where servers send it (RFC 6120
/// 4.9.3.19). Decides which redirects are followed.
class route {
 public:
    route() = default;
    route(service_url service, const options& settings);

    const service_url& place() const noexcept { return place_; }
    /// The program's options as they hold for the link to place().
    options settings(options original) const;

    /// Takes a stream error that came over a link that was `encrypted` or not. True when it is a
    /// redirect and place() is where to go now; false when it is none, or none are followed.
    /// \throws refusal with errc::untrusted_redirect, too_many_redirects, bad_format
    bool follow(const refusal& order, bool encrypted);
    /// The session is up: the redirects until here don't count any more.
    void arrived() noexcept { redirects_ = 0; }

 private:
    service_url place_;
    tls_mode tls_ = tls_mode::required;
    int most_redirects_ = 0;
    int redirects_ = 0;    // since the session was up
    bool moved_ = false;   // by a redirect
    bool secret_ = false;  // a link was encrypted, so all further ones must be
};

}  // namespace xmpp::detail
