#pragma once

#include <xmpp/options.hpp>

#include "net/dial/doubtful_addresses.hpp"
#include "net/url/service_url.hpp"
#include "session/failure.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {

/// Where the links of a session lead: first to its service, then where servers send it, by naming a
/// host (RFC 6120 4.9.3.19) or a web service (RFC 7395 3.6.1, XEP-0124 17.2). Decides which
/// redirects are followed.
class route {
 public:
    route() = default;
    route(service_url service, const options& settings);

    const service_url& place() const noexcept { return place_; }
    /// The addresses at which somebody else may have answered.
    const std::shared_ptr<doubtful_addresses>& doubtful() const noexcept { return doubtful_; }
    /// The program's options as they hold for the link to place().
    options settings(options original) const;

    /// Takes how a stream ended whose link was `encrypted` or not. True when it is a redirect and
    /// place() is where to go now; false when it is none, or none are followed.
    /// \throws refused_redirect with errc::untrusted_redirect, too_many_redirects, bad_format
    bool follow(const failure& order, bool encrypted);
    /// Where `location` says that a stream is to be resumed (XEP-0198 section 5); nothing where it
    /// says nothing that could be followed. Only the address is another: what is checked of the
    /// server stays.
    std::optional<service_url> at(std::string_view location) const;
    /// The link was lost: begins anew at the service, but trusts no link any more that is not
    /// encrypted where one was.
    void start_over();
    /// The session is up, over a link that is `encrypted` or not: the redirects until here don't
    /// count any more, and no further link is to be worse.
    void arrived(bool encrypted) noexcept;
    /// place() is where a redirect has led.
    bool moved() const noexcept { return moved_; }

 private:
    void check_sender(bool encrypted) const;
    void go_to(service_url target, bool encrypted);

    service_url place_;
    service_url first_;
    tls_mode tls_ = tls_mode::required;
    int most_redirects_ = 0;
    int redirects_ = 0;    // since the session was up
    bool moved_ = false;   // by a redirect
    bool secret_ = false;  // a link was encrypted, so all further ones must be
    std::shared_ptr<doubtful_addresses> doubtful_ = std::make_shared<doubtful_addresses>();
};

}  // namespace xmpp::detail
