#pragma once

#include "net/dial/endpoint.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>

namespace xmpp::detail {

/// What became of everything that was tried to reach a server.
class attempt_log {
 public:
    /// `before` says what led to the places that are tried; may be empty.
    explicit attempt_log(std::string before = {}) : before_(std::move(before)) {}

    void host_failed(const endpoint& place, std::string_view why);
    void address_failed(const endpoint& place, const std::string& address,
                        const std::error_code& why);
    /// The address answered, and was no good. `why` holds an xmpp::error.
    void server_failed(const endpoint& place, const std::string& address,
                       const std::exception_ptr& why);
    /// Something that is worth knowing besides.
    void note(std::string_view text);

    /// Throws what tells most: of a server that answered rather than of an address that did not, of
    /// an address rather than of a name that was not found. The explanation says it all.
    [[noreturn]] void fail() const;

 private:
    // The higher, the nearer it came.
    enum class reached : std::uint8_t { nothing, address, server, certificate };

    void add(std::string_view line);
    bool is_news(reached how_far);

    std::string before_;
    std::string text_;
    int failures_ = 0;
    reached reached_ = reached::nothing;
    std::exception_ptr most_telling_;  // of a server
};

}  // namespace xmpp::detail
