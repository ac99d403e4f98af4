#pragma once

#include "net/url/proxy_url.hpp"
#include "net/url/service_url.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The client's part of SOCKS 5 (RFC 1928), with user name and password (RFC 1929) where there are
/// any, without I/O: asks for a connection to a host, by name.
class socks5_client {
 public:
    /// \throws error(errc::invalid_options) for a user name, password or host that is longer than
    ///         the 255 bytes that the protocol has room for
    socks5_client(const proxy_url& proxy, const host_and_port& target);

    /// What to send first.
    std::string greeting() const;

    /// Takes what the proxy has sent. \returns what to send next; empty: nothing
    /// \throws error: errc::bad_format for what is no SOCKS 5, errc::connection_refused for a proxy
    ///         that refuses, which the explanation tells more about; errc::unexpected_data for more
    ///         than it had to say
    std::string feed(std::string_view bytes);

    /// The connection to the target is there.
    bool done() const noexcept { return next_ == awaiting::nothing; }

 private:
    enum class awaiting : std::uint8_t { method, login_result, answer, nothing };

    std::string take_method();
    std::string take_login_result();
    void take_answer();

    std::string request_;
    std::string login_;  // the message of RFC 1929; empty where there is no user
    std::string input_;
    awaiting next_ = awaiting::method;
};

}  // namespace xmpp::detail
