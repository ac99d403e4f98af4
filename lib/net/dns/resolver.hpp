#pragma once

#include <xmpp/clock.hpp>

#include "net/dns/dns_answer.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// Asks the domain name system. All calls are made on one executor, and so are the calls back:
/// later, never from inside the question.
class resolver {
 public:
    /// A question that was asked; destroying it takes it back, and nobody is called any more.
    class question {
     public:
        question() = default;
        question(const question&) = delete;
        question& operator=(const question&) = delete;
        virtual ~question() = default;
    };

    /// Whether the search list of the system may complete a host's name.
    enum class completion { allowed, forbidden };

    using srv_function = std::function<void(srv_answer)>;
    /// Called once, or twice when the families are answered apart; `last` tells.
    using address_function = std::function<void(address_answer, bool last)>;

    resolver() = default;
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;
    virtual ~resolver() = default;

    /// Whether services() can find any.
    virtual bool knows_services() const noexcept = 0;

    /// The SRV records of a name.
    virtual std::unique_ptr<question> services(std::string name, srv_function done) = 0;

    /// The addresses of a host.
    virtual std::unique_ptr<question> addresses(std::string host, completion how,
                                                address_function done) = 0;
};

/// The system's own look-up (getaddrinfo), which runs on a thread of Asio's. It knows no services.
/// It can't be interrupted: a question that is taken back leaves the call behind, and destroying
/// the io_context waits for it.
std::shared_ptr<resolver> make_system_resolver(asio::any_io_executor executor);

/// Not in builds without c-ares. Looks up with c-ares, on the executor's own thread, in the hosts
/// file and by asking the name servers: `servers` ("192.0.2.53", "[2001:db8::53]:5353"), or those
/// of the system when there are none.
///
/// Each question has a socket and a time limit of its own. Answers are kept as long as they allow,
/// for all connections of the process.
/// \throws xmpp::error(errc::invalid_options) for a server that is no address
std::shared_ptr<resolver> make_cares_resolver(asio::any_io_executor executor,
                                              std::shared_ptr<clock> time,
                                              const std::vector<std::string>& servers);

/// "localhost" and what is below it: the loopback addresses, and no name server knows better (RFC
/// 6761 6.3).
bool is_this_machine(std::string_view host);

/// The best that this build has.
/// \throws xmpp::error(errc::invalid_options) for a server that is no address
///         xmpp::error(errc::not_supported) for servers when the build can't ask them
std::shared_ptr<resolver> make_resolver(const asio::any_io_executor& executor,
                                        std::shared_ptr<clock> time,
                                        const std::vector<std::string>& servers);

}  // namespace xmpp::detail
