#include "net/proxy/socks5.hpp"

#include <xmpp/error.hpp>

#include "net/dial/ip_text.hpp"
#include "net/url/url_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace xmpp::detail {
namespace {

constexpr char version = 5;
constexpr char login_version = 1;
constexpr char no_login = 0;
constexpr char by_password = 2;
constexpr char connect_command = 1;
constexpr char reserved = 0;

enum address_type : unsigned char { ipv4 = 1, name = 3, ipv6 = 4 };

[[noreturn]] void no_socks(std::string_view what) {
    throw error(errc::bad_format, fmt::format("the SOCKS proxy {}", what));
}

/// A length in one byte, and so many bytes.
std::string counted(std::string_view text, std::string_view what) {
    constexpr std::size_t most = 255;
    if (text.size() > most) {
        throw error(errc::invalid_options,
                    fmt::format("{} is too long for a SOCKS proxy: {} of {} bytes", what,
                                text.size(), most));
    }
    std::string result(1, static_cast<char>(text.size()));
    return result.append(text);
}

std::string address_of(const std::string& target) {
    constexpr std::size_t ipv4_size = 4;
    const auto host = without_zone(target);
    const auto bytes = ip_address_bytes(host);
    if (!bytes) return char{name} + counted(host, "the host");
    return (bytes->size() == ipv4_size ? char{ipv4} : char{ipv6}) + *bytes;
}

/// RFC 1928 section 6.
std::string_view explain(unsigned char reply) {
    constexpr std::array<std::string_view, 9> replies{
        "",
        "failed",
        "does not allow this connection",
        "can't reach the network",
        "can't reach the host",
        "was refused by the host",
        "waited for the host too long",
        "does not connect (command not supported)",
        "does not know this kind of address",
    };
    return reply < replies.size() ? replies.at(reply)
                                  : "failed in a way that RFC 1928 has no name for";
}

}  // namespace

socks5_client::socks5_client(const proxy_url& proxy, const host_and_port& target) {
    request_ = {version, connect_command, reserved};
    request_ += address_of(target.host);
    request_ += static_cast<char>(target.port >> 8U);
    request_ += static_cast<char>(target.port & 0xFFU);
    if (!proxy.user.empty()) {
        login_ = login_version + counted(proxy.user, "the user name") +
                 counted(proxy.password, "the password");
    }
}

std::string socks5_client::greeting() const {
    if (login_.empty()) return {version, 1, no_login};
    return {version, 2, no_login, by_password};
}

std::string socks5_client::feed(std::string_view bytes) {
    input_ += bytes;
    std::string answer;
    if (next_ == awaiting::method) answer = take_method();
    if (next_ == awaiting::login_result && answer.empty()) answer = take_login_result();
    if (next_ == awaiting::answer && answer.empty()) take_answer();
    if (!input_.empty() && (done() || !answer.empty())) {
        throw error(errc::unexpected_data, "the SOCKS proxy says more than it was asked");
    }
    return answer;
}

std::string socks5_client::take_method() {
    if (!input_.empty() && input_.front() != version) no_socks("does not speak SOCKS 5");
    if (input_.size() < 2) return {};
    const char method = input_[1];
    input_.erase(0, 2);
    if (method == no_login) {
        next_ = awaiting::answer;
        return request_;
    }
    if (method == by_password && !login_.empty()) {
        next_ = awaiting::login_result;
        return login_;
    }
    if (method != static_cast<char>(0xFF)) no_socks("wants a login that we did not offer");
    throw error(errc::connection_refused,
                login_.empty() ? "the SOCKS proxy wants to know who asks: put user and password "
                                 "into its URL"
                               : "the SOCKS proxy takes no login by user name and password");
}

std::string socks5_client::take_login_result() {
    if (input_.size() < 2) return {};
    if (input_[0] != login_version) no_socks("answers the login with something else");
    const bool accepted = input_[1] == 0;
    input_.erase(0, 2);
    if (!accepted) {
        throw error(errc::connection_refused,
                    "the SOCKS proxy does not accept this user name and password");
    }
    next_ = awaiting::answer;
    return request_;
}

// RFC 1928 section 6: the address that it has bound means nothing to us, but its length.
void socks5_client::take_answer() {
    if (input_.size() < 2) return;
    if (input_[0] != version) no_socks("answers with another version");
    if (const auto reply = static_cast<unsigned char>(input_[1]); reply != 0) {
        throw error(errc::connection_refused,
                    fmt::format("the SOCKS proxy {} (reply {})", explain(reply), reply));
    }
    if (input_.size() < 5) return;
    std::size_t size = 6;  // with the port, without the address
    switch (static_cast<unsigned char>(input_[3])) {
        case ipv4:
            size += 4;
            break;
        case ipv6:
            size += 16;
            break;
        case name:
            size += 1 + static_cast<unsigned char>(input_[4]);
            break;
        default:
            no_socks("answers with a kind of address that there is none of");
    }
    if (input_.size() < size) return;
    input_.erase(0, size);
    next_ = awaiting::nothing;
}

}  // namespace xmpp::detail
