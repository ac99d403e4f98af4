#pragma once

#include <xmpp/connection.hpp>
#include <xmpp/session_store.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "simulation/simulated_server.hpp"

#include <asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace xmpp::test {

/// A program with one account, one process after the other. It sends numbers, and notes what it
/// gets and how each of its calls ended.
class simulated_client {
 public:
    /// What is given must outlive it.
    simulated_client(asio::io_context& context, std::shared_ptr<testing::virtual_clock> time,
                     simulated_server& server, std::uint64_t seed);
    simulated_client(const simulated_client&) = delete;
    simulated_client& operator=(const simulated_client&) = delete;

    connection& conn() { return *conn_; }
    /// Writes the connection's log to the standard output.
    void show_log();

    /// \name What it does
    /// @{

    /// The next number, if there is a session or was one.
    void send();
    /// A request to the server, in the same case.
    void ask();
    /// Its process is killed, perhaps in the midst of a turn, and another one begins. Nothing
    /// happens to one without a store, of which nothing would be left.
    void crash();
    void disconnect();
    /// The end of its process.
    void end();

    /// @}
    /// \name What has become of it
    /// @{

    /// Of the process that there is.
    const std::vector<status_code>& statuses() const noexcept { return statuses_; }
    /// The numbers from the server.
    const std::vector<int>& got() const noexcept { return got_; }
    /// So many numbers were sent.
    int sent() const noexcept { return sent_; }
    /// Those that are larger than what the server may announce: they may be refused, or given up.
    const std::set<int>& large() const noexcept { return large_; }
    bool crashed() const noexcept { return crashed_; }
    /// Calls that have not returned.
    int waiting() const noexcept { return waiting_; }
    /// What calls ended with that they must not end with.
    const std::vector<std::string>& surprises() const noexcept { return surprises_; }

    /// @}

 private:
    void start();
    bool was_up() const;
    void run(task<> call, bool may_be_given_up = false);
    void note(const std::exception_ptr& failure, bool may_be_given_up);

    asio::io_context& context_;
    std::shared_ptr<testing::virtual_clock> time_;
    clock::time_point began_;
    simulated_server& server_;
    std::mt19937_64 random_;
    std::shared_ptr<session_store> store_;  // null for some
    std::optional<connection> conn_;
    bool shows_log_ = false;

    std::vector<status_code> statuses_;
    std::vector<int> got_;
    std::vector<std::string> surprises_;
    std::set<int> large_;
    int sent_ = 0;
    int waiting_ = 0;
    bool crashed_ = false;
    bool dying_ = false;
};

}  // namespace xmpp::test
