#pragma once

#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// Finds the addresses of a host.
class resolver {
 public:
    resolver() = default;
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;
    virtual ~resolver() = default;

    /// The addresses as text ("192.0.2.1", "2001:db8::1"), best first, never none.
    /// \throws xmpp::error(errc::host_not_found) saying why there is none.
    virtual task<std::vector<std::string>> resolve(std::string host) = 0;
};

/// The system's own look-up (getaddrinfo), which runs on a thread of Asio's. It can't be
/// interrupted: a cancelled resolve() ends at once and leaves the call behind; destroying the
/// io_context waits for it.
std::shared_ptr<resolver> make_system_resolver(asio::any_io_executor executor);

}  // namespace xmpp::detail
