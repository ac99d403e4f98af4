#include "net/dns/ttl_cache.hpp"

#include <xmpp/testing/virtual_clock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace xmpp::test {
namespace {

using std::chrono::seconds;

class ttl_cache : public ::testing::Test {
 protected:
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    detail::ttl_cache<int> cache{3};
};

TEST_F(ttl_cache, gives_a_value_until_its_time_is_over) {
    cache.store("a", time, 1, seconds(10));
    EXPECT_EQ(cache.find("a", time), 1);
    time->advance(seconds(9));
    EXPECT_EQ(cache.find("a", time), 1);
    time->advance(seconds(1));
    EXPECT_EQ(cache.find("a", time), std::nullopt);
    EXPECT_EQ(cache.find("b", time), std::nullopt);
}

TEST_F(ttl_cache, keeps_nothing_that_has_no_time) {
    cache.store("a", time, 1, seconds(0));
    EXPECT_EQ(cache.size(), 0u);
}

TEST_F(ttl_cache, a_new_value_takes_the_place_of_the_old) {
    cache.store("a", time, 1, seconds(1));
    cache.store("a", time, 2, seconds(10));
    time->advance(seconds(5));
    EXPECT_EQ(cache.find("a", time), 2);
    EXPECT_EQ(cache.size(), 1u);
}

TEST_F(ttl_cache, is_bounded_and_loses_what_would_go_next) {
    cache.store("long", time, 1, seconds(100));
    cache.store("short", time, 2, seconds(5));
    cache.store("middle", time, 3, seconds(50));
    cache.store("new", time, 4, seconds(10));
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_EQ(cache.find("short", time), std::nullopt);
    EXPECT_EQ(cache.find("long", time), 1);
    EXPECT_EQ(cache.find("middle", time), 3);
    EXPECT_EQ(cache.find("new", time), 4);
}

TEST_F(ttl_cache, does_not_compare_clocks) {
    cache.store("a", time, 1, seconds(10));
    const auto other = std::make_shared<testing::virtual_clock>();
    EXPECT_EQ(cache.find("a", other), std::nullopt);
}

TEST(ttl_cache_threads, may_use_one_cache) {
    detail::ttl_cache<std::string> cache(8);
    const auto work = [&cache](int which) {
        for (int i = 0; i < 2'000; ++i) {
            const auto key = std::to_string((i * 7 + which) % 20);
            cache.store(key, clock::steady(), key, seconds(60));
            const auto found = cache.find(key, clock::steady());
            EXPECT_TRUE(!found || *found == key);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
    for (auto& each : threads) each.join();
    EXPECT_LE(cache.size(), 8u);
}

}  // namespace
}  // namespace xmpp::test
