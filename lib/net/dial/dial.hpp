#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "net/dial/attempt_log.hpp"
#include "net/dial/connector.hpp"
#include "net/dial/doubtful_addresses.hpp"
#include "net/dial/endpoint.hpp"
#include "net/dns/resolver.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

/// What dialling needs besides the places.
struct dial_tools {
    std::shared_ptr<resolver> names;
    std::shared_ptr<connector> sockets;
    std::shared_ptr<clock> time;
    std::chrono::milliseconds attempt_delay{250};
    std::shared_ptr<const doubtful_addresses> doubtful = {};  // come last; null: none
};

/// A connection, and where it leads.
struct dialled {
    std::unique_ptr<tcp_stream> stream;
    endpoint place;
    std::string address;
};

/// Connects to the first address that answers ("happy eyeballs", RFC 8305): the places in their
/// order, the addresses of each as interleave() has them. The next address is tried beside those
/// under way once the attempt delay has passed, and at once when one has failed. An attempt has 10
/// seconds.
///
/// A host is looked up when its turn comes. IPv4 addresses that are there first wait 50 ms for
/// those of IPv6. Of each host, 10 addresses are tried.
class connection_race {
 public:
    connection_race(asio::any_io_executor executor, std::vector<endpoint> places, dial_tools tools,
                    std::string before = {});

    /// The first connection; after it was refused, the next. Attempts that come too late are given
    /// up, and made again if need be.
    ///
    /// Ends at once when cancelled, also in the middle of a look-up.
    /// \throws xmpp::error(errc::host_not_found) when no place has an address,
    ///         xmpp::error(errc::connection_refused) when no address could be reached, or the most
    ///         telling of what was given to refuse(); the explanation names each address tried and
    ///         what became of it.
    task<dialled> next();

    /// Notes that a connection was no good; `why` holds an xmpp::error.
    void refuse(const endpoint& place, const std::string& address, const std::exception_ptr& why) {
        log_.server_failed(place, address, why);
    }

 private:
    using place_number = std::size_t;  // in places_

    struct candidate {
        place_number place;
        std::string address;
    };
    struct look_up {
        explicit look_up(place_number whose) : place(whose) {}

        place_number place;
        std::vector<std::string> addresses;  // found and not passed on yet
        std::string problem;
        bool any_found = false;
        std::unique_ptr<clock::timer> patience;
        std::unique_ptr<resolver::question> asked;
    };
    struct running {
        explicit running(candidate tried) : what(std::move(tried)) {}

        candidate what;
        std::unique_ptr<clock::timer> limit;
        std::unique_ptr<connector::attempt> attempt;
    };
    using running_attempt = std::list<running>::iterator;

    void advance();
    bool is_due() const;
    bool has_more() const;
    bool comes_last(const candidate& what) const;
    void begin_look_up(place_number number);
    void take_answer(address_answer part, bool last);
    void pass_on_addresses();
    void start(candidate what);
    void finish(running_attempt which, std::error_code failure, std::unique_ptr<tcp_stream> stream);
    void give_up_the_others();

    asio::any_io_executor executor_;
    std::vector<endpoint> places_;
    place_number next_place_ = 0;
    dial_tools tools_;
    attempt_log log_;
    event changed_;
    std::optional<dialled> winner_;
    clock::time_point next_start_;
    std::deque<candidate> waiting_;
    std::deque<candidate> last_;  // come when nothing else is left
    std::size_t addresses_left_ = 0;
    std::optional<look_up> look_up_;
    std::list<running> running_;
    std::unique_ptr<clock::timer> wake_up_;
};

/// Mixes IPv6 and IPv4 addresses turn by turn (RFC 8305 section 4), beginning with the family of
/// the first; the order within a family stays.
std::vector<std::string> interleave(const std::vector<std::string>& addresses);

}  // namespace xmpp::detail
