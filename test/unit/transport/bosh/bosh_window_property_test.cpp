// The window against a server that follows the specification, over a network that does not.
#include "bosh_responses.hpp"
#include "transport/bosh/bosh_window.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using detail::bosh_body_reader;
using detail::bosh_body_writer;
using detail::bosh_request;
using detail::bosh_response;
using detail::bosh_settings;
using detail::bosh_window;
using detail::xml_limits;
using std::chrono::seconds;

/// A server after XEP-0124: looks at requests in the order of their ids, and answers a repeated one
/// as it did before.
class model_server {
 public:
    model_server(std::uint64_t first, int requests) : expected_(first), requests_(requests) {}

    void receive(const bosh_request& request) {
        EXPECT_LT(request.rid, expected_ + static_cast<std::uint64_t>(requests_));
        const auto known = bodies_.find(request.rid);
        if (known != bodies_.end()) {
            EXPECT_EQ(known->second, *request.body);
        }
        bodies_[request.rid] = *request.body;
        while (bodies_.contains(expected_)) {
            for (const auto& element : read(bodies_[expected_])) received.push_back(element);
            ++expected_;
        }
    }
    /// May a request be answered already? Those before it have come too.
    bool can_answer(std::uint64_t rid) const { return rid < expected_; }
    bosh_response answer(std::uint64_t rid) {
        return response({}, fmt::format("<message xmlns='jabber:client' id='{}'/>", rid));
    }

    std::vector<std::string> received;

 private:
    static std::vector<std::string> read(const std::string& body) {
        std::vector<std::string> ids;
        for (const auto& element : bosh_body_reader(xml_limits()).read(body).elements) {
            ids.emplace_back(element.id());
        }
        return ids;
    }

    std::uint64_t expected_;
    int requests_;
    std::map<std::uint64_t, std::string> bodies_;
};

class bosh_window_property : public ::testing::TestWithParam<unsigned> {};

TEST_P(bosh_window_property, every_stanza_arrives_once_and_in_order_whatever_breaks) {
    std::mt19937 random(GetParam());
    const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
    const int hold = static_cast<int>(random() % 3) + 1;
    const int requests = hold + 1 + static_cast<int>(random() % 2);
    bosh_settings settings;
    settings.retry.max_retries = 1000;
    settings.retry.jitter = [&] { return static_cast<double>(random() % 100) / 100; };
    settings.body_bytes = 200;
    settings.key_sequence = chance(50);
    settings.acks = chance(50);
    const auto first = detail::random_bosh_rid();
    bosh_window window(settings, first, bosh_body_writer(first));
    clock::time_point now{seconds(1000)};
    auto creation = window.next(now);
    ASSERT_TRUE(creation);
    window.answered(
        first, response(fmt::format(" sid='s' requests='{}' hold='{}' wait='60'", requests, hold)));
    window.learn(*window.take(), now);
    model_server server(first + 1, std::min(requests, settings.window));

    constexpr int stanzas = 300;
    int queued = 0;
    std::vector<bosh_request> under_way;
    std::vector<std::string> came;
    window.reading(true);
    for (int step = 0; step < 100'000; ++step) {
        if (queued < stanzas && chance(40)) {
            window.queue(fmt::format("<message id='{}'/>", queued++));
        }
        while (auto request = window.next(now)) under_way.push_back(*request);
        if (under_way.empty()) {
            const auto wake = window.wake_time();
            if (wake) now = std::max(now, *wake);
        } else {
            const auto which = random() % under_way.size();
            const auto request = under_way[which];
            const bool reaches = chance(80);
            if (reaches) server.receive(request);
            if (reaches && server.can_answer(request.rid) && chance(80)) {
                window.answered(request.rid, server.answer(request.rid));
                under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
            } else if (!reaches || chance(50)) {
                ASSERT_TRUE(window.broken(request.rid, now));
                under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
            }
        }
        while (auto taken = window.take()) {
            window.learn(*taken, now);
            came.emplace_back(taken->response.elements.front().id());
        }
        const bool done = queued == stanzas && window.queued() == 0;
        if (done && server.received.size() >= stanzas) break;
    }
    ASSERT_EQ(server.received.size(), static_cast<std::size_t>(stanzas));
    for (int i = 0; i < stanzas; ++i) {
        EXPECT_EQ(server.received[static_cast<std::size_t>(i)], std::to_string(i));
    }
    for (std::size_t i = 0; i < came.size(); ++i) {
        EXPECT_EQ(came[i], std::to_string(first + 1 + i));
    }
}

INSTANTIATE_TEST_SUITE_P(seeds, bosh_window_property, ::testing::Range(1U, 41U));

}  // namespace
}  // namespace xmpp::test
