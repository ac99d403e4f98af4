#pragma once

#include <xmpp/clock.hpp>

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

struct ares_channeldata;

namespace xmpp::detail {

/// A channel of c-ares whose sockets are watched by Asio. It serves one question: hence a port of
/// its own for each, and one way to take everything back, which is to destroy it.
///
/// c-ares calls back from inside its functions: nothing may destroy the channel there.
class cares_channel {
 public:
    struct settings {
        std::string servers;           // comma-separated; empty: the system's
        bool complete_names = true;    // by the search list of the system
        bool accept_refusals = false;  // instead of asking the next server after SERVFAIL and such
    };

    /// \throws xmpp::error(errc::host_not_found) when c-ares can't be set up
    cares_channel(const asio::any_io_executor& executor, std::shared_ptr<clock> time,
                  const settings& how);
    cares_channel(const cares_channel&) = delete;
    cares_channel& operator=(const cares_channel&) = delete;
    /// Ends all that is under way: c-ares calls back with ARES_EDESTRUCTION.
    ~cares_channel();

    /// Lets `begin` call functions of c-ares, and looks after what it has begun.
    void start(const std::function<void(ares_channeldata*)>& begin);

 private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace xmpp::detail
