#include "store/store_lease.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace {

using xmpp::make_memory_store;
using xmpp::detail::store_lease;

TEST(store_lease, is_held_by_one_at_a_time_for_each_key) {
    const auto store = make_memory_store();
    auto first = store_lease::take(*store, "a");
    EXPECT_TRUE(first);
    EXPECT_FALSE(store_lease::take(*store, "a"));
    EXPECT_TRUE(store_lease::take(*store, "b"));
    first.reset();
    EXPECT_TRUE(store_lease::take(*store, "a"));
}

TEST(store_lease, is_of_one_store_object) {
    const auto one = make_memory_store();
    const auto other = make_memory_store();
    const auto held = store_lease::take(*one, "a");
    EXPECT_TRUE(store_lease::take(*other, "a"));
}

TEST(store_lease, goes_with_the_object_that_it_was_moved_to) {
    const auto store = make_memory_store();
    auto first = store_lease::take(*store, "a");
    auto second = store_lease::take(*store, "b");
    {
        const auto moved = std::move(*first);
        first.reset();
        EXPECT_FALSE(store_lease::take(*store, "a"));
    }
    auto again = store_lease::take(*store, "a");
    ASSERT_TRUE(again);
    *again = std::move(*second);
    EXPECT_TRUE(store_lease::take(*store, "a"));
    EXPECT_FALSE(store_lease::take(*store, "b"));
}

TEST(store_lease, may_outlive_the_store) {
    auto store = make_memory_store();
    auto held = store_lease::take(*store, "a");
    store.reset();
    held.reset();
    EXPECT_FALSE(held);
}

TEST(store_lease, is_given_to_one_of_many_threads) {
    const auto store = make_memory_store();
    std::atomic<int> holders = 0;
    std::vector<std::thread> threads;
    std::vector<std::optional<store_lease>> leases(8);
    for (auto& lease : leases) {
        threads.emplace_back([&] {
            lease = store_lease::take(*store, "a");
            holders += lease ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(holders, 1);
}

}  // namespace
