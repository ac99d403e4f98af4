// A client and a server in one thread on virtual time, and everything that can go wrong between
// them, drawn from a seed: a failing seed fails again in the same way.
//
//   XMPP_SIMULATION_SEEDS=100000     so many seeds
//   XMPP_SIMULATION_SEED=4711        only this one, with the connection's log
#include <xmpp/status.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "simulation/simulated_client.hpp"
#include "simulation/simulated_server.hpp"
#include "support/environment.hpp"

#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t default_seeds = 2000;

/// Each number, in the order of its first coming.
std::vector<int> first_comings(const std::vector<int>& numbers) {
    std::vector<int> firsts;
    std::set<int> seen;
    for (const int each : numbers) {
        if (seen.insert(each).second) firsts.push_back(each);
    }
    return firsts;
}

/// Which of the numbers up to `last` are neither among `numbers` nor among `forgiven`.
std::vector<int> missing(const std::vector<int>& numbers, int last, const std::set<int>& forgiven) {
    const std::set<int> there(numbers.begin(), numbers.end());
    std::vector<int> found;
    for (int each = 1; each <= last; ++each) {
        if (there.count(each) == 0 && forgiven.count(each) == 0) found.push_back(each);
    }
    return found;
}

class simulation {
 public:
    explicit simulation(std::uint64_t seed)
        : random_(seed),
          time_(std::make_shared<testing::virtual_clock>(seed)),
          server_(std::make_shared<simulated_server>(context_.get_executor(), time_, random_())),
          client_(context_, time_, *server_, random_()) {
        if (random_() % 2 == 0) time_->shuffle();
    }

    void show_log() { client_.show_log(); }

    void run() {
        const auto rounds = 20 + random_() % 40;
        for (std::uint64_t i = 0; i < rounds; ++i) {
            act();
            // In one step, now and then, so that much comes due at once.
            const auto period = std::chrono::milliseconds(random_() % 3000);
            if (random_() % 4 == 0) {
                time_->advance(period);
                testing::run_until_idle(context_);
            } else {
                testing::run_for(context_, *time_, period);
            }
        }
        calm_down();
        check();
        end();
    }

 private:
    void act() {
        switch (random_() % 20) {
            case 0:
                return server_->cut();
            case 1:
                return server_->restart(false, std::chrono::seconds(random_() % 20));
            case 2:
                if (random_() % 3 == 0) server_->restart(true, std::chrono::seconds(random_() % 9));
                return;
            case 3:
                return client_.conn().network_available();
            case 4:
                return client_.conn().pause();
            case 5:
                return client_.conn().resume();
            case 6:
                return client_.crash();
            case 7:
            case 8:
                for (auto i = random_() % 3; i > 0; --i) client_.ask();
                return;
            case 9:
            case 10:
            case 11:
                for (auto i = random_() % 8; i > 0; --i) server_->send(++from_server_);
                return;
            default:
                for (auto i = random_() % 8; i > 0; --i) client_.send();
        }
    }

    /// No more faults: everything has to arrive in a while.
    void calm_down() {
        server_->behave();
        server_->restart(false, 0s);
        client_.conn().resume();
        testing::run_for(context_, *time_, 10min);
        server_->ask();
        testing::run_for(context_, *time_, 1min);
    }

    void check() {
        std::string path;
        for (const auto each : client_.statuses()) path.append(to_string(each)) += ' ';
        SCOPED_TRACE(path);
        EXPECT_TRUE(client_.conn().connected());
        EXPECT_EQ(client_.surprises(), std::vector<std::string>());
        EXPECT_EQ(client_.waiting(), 0) << "calls have not returned";
        EXPECT_TRUE(server_->settled());
        EXPECT_EQ(client_.conn().health().unacked_stanzas, 0u);
        EXPECT_EQ(client_.conn().health().pending_requests, 0u);

        const auto& received = server_->received();
        const auto firsts = first_comings(received);
        EXPECT_TRUE(std::is_sorted(firsts.begin(), firsts.end()));
        EXPECT_EQ(missing(received, client_.sent(), client_.large()), std::vector<int>());
        if (!server_->forgot()) {
            EXPECT_EQ(received, firsts) << "the server got something twice";
        }

        const auto& got = client_.got();
        const auto first_got = first_comings(got);
        EXPECT_TRUE(std::is_sorted(first_got.begin(), first_got.end()));
        EXPECT_EQ(missing(got, from_server_, server_->given_up()), std::vector<int>());
        // After a crash the server may repeat those of the last turn.
        if (!client_.crashed()) {
            EXPECT_EQ(got, first_got) << "the client got something twice";
        }
    }

    void end() {
        client_.disconnect();
        testing::run_for(context_, *time_, 1min);
        const auto& steps = client_.statuses();
        EXPECT_EQ(std::count(steps.begin(), steps.end(), status_code::disconnected), 1);
        EXPECT_EQ(steps.empty() ? status_code::error : steps.back(), status_code::disconnected);
        client_.end();
        server_->cut();
        testing::run_until_idle(context_);
        EXPECT_EQ(time_->pending(), 0u) << "an appointment is left behind";
    }

    std::mt19937_64 random_;
    asio::io_context context_;
    std::shared_ptr<testing::virtual_clock> time_;
    std::shared_ptr<simulated_server> server_;
    simulated_client client_;
    int from_server_ = 0;
};

TEST(simulation, loses_nothing_and_repeats_nothing) {
    const auto only = number_from_environment<std::uint64_t>("XMPP_SIMULATION_SEED", 0);
    const auto seeds = number_from_environment("XMPP_SIMULATION_SEEDS", default_seeds);
    const auto first = only != 0 ? only : 1;
    const auto last = only != 0 ? only : seeds;
    for (auto seed = first; seed <= last && !HasFailure(); ++seed) {
        SCOPED_TRACE(fmt::format("XMPP_SIMULATION_SEED={}", seed));
        try {
            simulation one(seed);
            if (only != 0) one.show_log();
            one.run();
        } catch (const std::exception& thrown) {
            ADD_FAILURE() << thrown.what();
        }
    }
}

}  // namespace
}  // namespace xmpp::test
