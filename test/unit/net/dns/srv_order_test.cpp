#include "net/dns/srv_order.hpp"

#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using detail::put_in_order;
using detail::service_record;
using ::testing::ElementsAre;

service_record weighted_record(unsigned priority, unsigned weight, const std::string& target,
                               bool direct_tls = false) {
    service_record made;
    made.record.priority = static_cast<std::uint16_t>(priority);
    made.record.weight = static_cast<std::uint16_t>(weight);
    made.record.port = 5222;
    made.record.target = target;
    made.direct_tls = direct_tls;
    return made;
}

std::vector<std::string> targets(const std::vector<service_record>& records) {
    std::vector<std::string> names;
    for (const auto& each : records) names.push_back(each.record.target);
    return names;
}

/// The same numbers every time.
detail::random_number numbers(unsigned seed) {
    return [source = std::mt19937(seed)](std::uint32_t limit) mutable {
        return std::uniform_int_distribution<std::uint32_t>(0, limit)(source);
    };
}

std::uint32_t highest(std::uint32_t limit) {
    return limit;
}

TEST(srv_order, goes_by_priority_first) {
    const std::vector<service_record> records{
        weighted_record(20, 100, "c"), weighted_record(0, 0, "a", true),
        weighted_record(10, 1, "b"), weighted_record(65'535, 9, "d")};
    EXPECT_THAT(targets(put_in_order(records, 10, highest)), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(targets(put_in_order(records, 10, lowest)), ElementsAre("a", "b", "c", "d"));
}

TEST(srv_order, draws_within_a_priority_by_the_running_sum_of_weights) {
    const std::vector<service_record> records{
        weighted_record(1, 10, "a"), weighted_record(1, 20, "b"), weighted_record(1, 30, "c")};
    const auto first_for = [&](std::uint32_t lot) {
        return put_in_order(records, 1,
                            [&](std::uint32_t limit) {
                                EXPECT_EQ(limit, 60u);
                                return lot;
                            })
            .front()
            .record.target;
    };
    EXPECT_EQ(first_for(0), "a");
    EXPECT_EQ(first_for(10), "a");
    EXPECT_EQ(first_for(11), "b");
    EXPECT_EQ(first_for(30), "b");
    EXPECT_EQ(first_for(31), "c");
    EXPECT_EQ(first_for(60), "c");
}

TEST(srv_order, weight_0_comes_first_only_when_the_lot_is_0) {
    const std::vector<service_record> records{weighted_record(1, 5, "five"),
                                              weighted_record(1, 0, "none")};
    EXPECT_THAT(targets(put_in_order(records, 10, lowest)), ElementsAre("none", "five"));
    EXPECT_THAT(targets(put_in_order(records, 10, [](std::uint32_t) { return 1u; })),
                ElementsAre("five", "none"));
}

TEST(srv_order, takes_no_more_than_it_is_told) {
    std::vector<service_record> records;
    for (unsigned i = 0; i < 100; ++i)
        records.push_back(weighted_record(i % 3, i, std::to_string(i)));
    const auto chosen = put_in_order(records, 10, numbers(1));
    EXPECT_EQ(chosen.size(), 10u);
    for (const auto& each : chosen) EXPECT_EQ(each.record.priority, 0);
    EXPECT_TRUE(put_in_order({}, 10, lowest).empty());
}

TEST(srv_order, loses_and_doubles_nothing) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        std::vector<service_record> records;
        for (unsigned i = 0; i < random() % 12; ++i) {
            records.push_back(
                weighted_record(random() % 3, random() % 4, std::to_string(i), random() % 2));
        }
        auto ordered = put_in_order(records, 20, numbers(seed));
        EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end(), [](auto& a, auto& b) {
            return a.record.priority < b.record.priority;
        }));
        EXPECT_TRUE(
            std::is_permutation(ordered.begin(), ordered.end(), records.begin(), records.end()));
    }
}

TEST(srv_order, shares_the_clients_out_by_weight) {
    const std::vector<service_record> records{
        weighted_record(1, 60, "a"), weighted_record(1, 20, "b", true), weighted_record(1, 20, "c"),
        weighted_record(2, 100, "later")};
    const auto random = numbers(42);
    std::map<std::string, int> first;
    for (int i = 0; i < 10'000; ++i) ++first[put_in_order(records, 4, random)[0].record.target];
    EXPECT_NEAR(first["a"], 6'000, 200);
    EXPECT_NEAR(first["b"], 2'000, 200);
    EXPECT_NEAR(first["c"], 2'000, 200);
    EXPECT_EQ(first["later"], 0);
}

TEST(srv_order, random_numbers_stay_within_their_limit) {
    bool low = false, high = false;
    for (int i = 0; i < 1'000; ++i) {
        const auto number = detail::secure_random_number(3);
        ASSERT_LE(number, 3u);
        low = low || number == 0;
        high = high || number == 3;
    }
    EXPECT_TRUE(low && high);
    EXPECT_EQ(detail::secure_random_number(0), 0u);
}

}  // namespace
}  // namespace xmpp::test
