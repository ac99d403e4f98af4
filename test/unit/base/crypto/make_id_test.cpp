#include <xmpp/make_id.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace xmpp {
namespace {

TEST(make_id, is_fit_for_an_attribute_and_never_the_same) {
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i) {
        const auto id = make_id();
        EXPECT_EQ(id.size(), 15u);
        EXPECT_TRUE(std::all_of(id.begin(), id.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        })) << id;
        EXPECT_TRUE(seen.insert(id).second) << id;
    }
}

TEST(make_id, has_the_suffix_behind_a_colon) {
    const auto id = make_id("roster");
    EXPECT_EQ(id.substr(15), ":roster");
    EXPECT_EQ(make_id("").find(':'), std::string::npos);
}

TEST(make_id, differs_between_threads) {
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (auto& id : ids) threads.emplace_back([&id] { id = make_id(); });
    for (auto& each : threads) each.join();
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

/// The ids that a forked child makes.
std::string ids_of_a_child(int count) {
    int ends[2];
    if (::pipe(ends) != 0) return {};
    const auto child = ::fork();
    if (child == 0) {
        std::string ids;
        for (int i = 0; i < count; ++i) ids += make_id() + '\n';
        const auto written = ::write(ends[1], ids.data(), ids.size());
        ::_exit(written == static_cast<ssize_t>(ids.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string ids;
    char buffer[256];
    for (;;) {
        const auto size = ::read(ends[0], buffer, sizeof buffer);
        if (size <= 0) break;
        ids.append(buffer, static_cast<std::size_t>(size));
    }
    ::close(ends[0]);
    int result = -1;
    ::waitpid(child, &result, 0);
    return result == 0 ? ids : std::string();
}

TEST(make_id, differs_between_a_process_and_its_children) {
    (void)make_id();  // now this process has random bytes in store
    std::string all = ids_of_a_child(5) + ids_of_a_child(5);
    for (int i = 0; i < 5; ++i) all += make_id() + '\n';

    std::set<std::string> distinct;
    for (std::size_t at = 0; at < all.size(); at += 16) distinct.insert(all.substr(at, 15));
    EXPECT_EQ(all.size(), 15u * 16u);
    EXPECT_EQ(distinct.size(), 15u) << all;
}

}  // namespace
}  // namespace xmpp
