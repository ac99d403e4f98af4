#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp {
class stanza;
}

namespace xmpp::test {

/// A server in memory for one account, that manages streams (XEP-0198) and can be cut off, be
/// restarted, and forget. What it does is decided by `random` and the order of calls alone.
///
/// Messages of its client are numbers, and so are its own.
class simulated_server : public std::enable_shared_from_this<simulated_server> {
 public:
    simulated_server(asio::any_io_executor executor, std::shared_ptr<clock> time,
                     std::uint64_t seed);

    /// Links with faults, as long as there are to be any.
    dialer_function dialer();
    void behave() noexcept { faults_ = false; }
    /// Asks the client what it has got.
    void ask();

    /// A message to the client, now or when it is there.
    void send(int number);
    /// All links are lost.
    void cut();
    /// The same, and for a while nobody can connect. `forgets`: streams can't be resumed.
    void restart(bool forgets, clock::duration down);

    /// What the client has sent, as it came.
    const std::vector<int>& received() const noexcept { return received_; }
    /// What may have got lost with a stream that was forgotten.
    const std::set<int>& given_up() const noexcept { return given_up_; }
    bool forgot() const noexcept { return forgot_; }
    /// The client has acknowledged everything.
    bool settled() const noexcept;

 private:
    struct peer;
    /// A session, which outlives its link.
    struct managed;

    static task<std::unique_ptr<byte_stream>> dial(std::shared_ptr<simulated_server> self);
    static task<> serve(std::shared_ptr<simulated_server> self, std::shared_ptr<peer> client);
    static task<> write(std::shared_ptr<peer> client);
    void take(peer& client, const stanza& element);
    void take_stanza(peer& client, const stanza& element);
    void resume(peer& client, const stanza& request);
    void deliver(managed& session, std::string xml, int number);
    void acknowledge(managed& session, std::uint32_t count);
    void forget(managed& session);
    void say(peer& client, std::string_view xml);

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::mt19937_64 random_;
    bool faults_ = true;
    bool forgot_ = false;
    clock::time_point down_until_{};
    std::vector<std::shared_ptr<peer>> peers_;
    std::vector<std::unique_ptr<byte_stream>> ghosts_;  // links that only the server knows of
    std::map<std::string, std::shared_ptr<managed>> sessions_;
    std::deque<int> waiting_;  // for a session
    std::vector<int> received_;
    std::set<int> given_up_;
    int streams_ = 0;
};

}  // namespace xmpp::test
