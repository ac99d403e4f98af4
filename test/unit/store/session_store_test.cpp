#include <xmpp/session_store.hpp>
#include <xmpp/sqlite_store.hpp>

#include "store_support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace xmpp::test {
namespace {

std::shared_ptr<session_store> in_memory(std::filesystem::path, durability) {
    return make_memory_store();
}

/// What every store does.
class any_store : public session_store_test, public ::testing::WithParamInterface<store_maker> {
 protected:
    std::shared_ptr<session_store> make(durability survives = durability::process) {
        return GetParam()(file(), survives);
    }
    std::error_code code_of_making(const std::filesystem::path& path) {
        return code_of_opening(GetParam(), path);
    }
};

std::string store_name(const ::testing::TestParamInfo<store_maker>& info) {
    if (info.param == in_memory) return "memory";
    return info.param == make_file_store ? "file" : "sqlite";
}

TEST_P(any_store, has_nothing_at_first) {
    EXPECT_EQ(make()->load("a"), records());
}

TEST_P(any_store, keeps_records_in_their_order) {
    const auto store = make();
    store->replace("a", "1");
    store->append("a", "2");
    store->append("a", "");
    store->append("a", std::string("\0\n", 2));
    EXPECT_EQ(store->load("a"), (records{"1", "2", "", std::string("\0\n", 2)}));
}

TEST_P(any_store, replaces_all_records_by_one) {
    const auto store = make();
    store->append("a", "1");
    store->append("a", "2");
    store->replace("a", "3");
    EXPECT_EQ(store->load("a"), records{"3"});
}

TEST_P(any_store, keeps_keys_apart) {
    const auto store = make();
    store->append("a", "1");
    store->append("", "2");
    store->append(std::string("a\0", 2), "3");
    store->erase("a");
    store->erase("nobody");
    EXPECT_EQ(store->load("a"), records());
    EXPECT_EQ(store->load(""), records{"2"});
    EXPECT_EQ(store->load(std::string("a\0", 2)), records{"3"});
}

TEST_P(any_store, serves_several_threads) {
    const auto store = make();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([store, key = std::to_string(i)] {
            for (int n = 0; n < 100; ++n) store->append(key, std::to_string(n));
        });
    }
    for (auto& thread : threads) thread.join();
    for (int i = 0; i < 4; ++i) {
        const auto kept = store->load(std::to_string(i));
        ASSERT_EQ(kept.size(), 100u);
        EXPECT_EQ(kept.back(), "99");
    }
}

/// What every store does whose records outlive it.
class store_on_disk : public any_store {};

TEST_P(store_on_disk, finds_again_what_it_kept) {
    {
        const auto store = make();
        store->append("a", "1");
        store->append("b", "2");
        store->replace("a", "3");
        store->append("a", "4");
        store->erase("b");
    }
    const auto store = make();
    EXPECT_EQ(store->load("a"), (records{"3", "4"}));
    EXPECT_EQ(store->load("b"), records());
}

TEST_P(store_on_disk, waits_for_the_disk_where_it_shall) {
    make(durability::machine)->append("a", "1");
    EXPECT_EQ(make()->load("a"), records{"1"});
}

TEST_P(store_on_disk, only_the_owner_may_read_its_files) {
    const auto store = make();
    // What is written anew must be so, too.
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) store->replace("a", large);
    for (const auto& entry : std::filesystem::directory_iterator(file().parent_path())) {
        EXPECT_EQ(entry.status().permissions(), std::filesystem::perms(0600)) << entry.path();
    }
}

TEST_P(store_on_disk, refuses_a_file_that_others_may_read) {
    put(file(), "");
    std::filesystem::permissions(file(), std::filesystem::perms(0640));
    EXPECT_EQ(code_of_making(file()), errc::invalid_options);
}

TEST_P(store_on_disk, refuses_a_file_that_has_a_second_name) {
    (void)make();
    std::filesystem::create_hard_link(file(), file().string() + "-too");
    EXPECT_EQ(code_of_making(file()), errc::invalid_options);
}

TEST_P(store_on_disk, refuses_a_file_of_another_user) {
    (void)make();
    if (::chown(file().c_str(), 65534, 65534) != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    EXPECT_EQ(code_of_making(file()), errc::invalid_options);
}

TEST_P(store_on_disk, sets_files_aside_without_losing_an_earlier_one) {
    const std::vector<std::string> bad = {"one that is no store", "a second", "a third"};
    for (const auto& bytes : bad) {
        put(file(), bytes);
        EXPECT_EQ(warnings_of(make()).size(), 1u);
    }
    EXPECT_EQ(read_file(file().string() + ".refused"), bad[0]);
    EXPECT_EQ(read_file(file().string() + ".refused.1"), bad[1]);
    EXPECT_EQ(read_file(file().string() + ".refused.2"), bad[2]);
}

TEST_P(store_on_disk, refuses_what_is_no_file) {
    std::filesystem::create_directory(file());
    EXPECT_EQ(code_of_making(file()), std::errc::is_a_directory);
    const auto link = file().parent_path() / "link";
    std::filesystem::create_symlink(file().parent_path() / "target", link);
    EXPECT_EQ(code_of_making(link), std::errc::too_many_symbolic_link_levels);
}

TEST_P(store_on_disk, refuses_a_second_store_on_the_same_file) {
    const auto first = make();
    EXPECT_EQ(code_of_making(file()), errc::invalid_options);
    // Also after the file has been written anew.
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) first->replace("a", large);
    EXPECT_EQ(code_of_making(file()), errc::invalid_options);
}

TEST_P(store_on_disk, tells_where_it_can_not_write) {
    EXPECT_EQ(code_of_making(file() / "below" / "sessions"), std::errc::no_such_file_or_directory);
}

TEST_P(store_on_disk, goes_on_after_it_has_refused_a_file) {
    put(file(), "something else");
    {
        const auto store = make();
        store->append("a", "1");
    }
    EXPECT_EQ(make()->load("a"), records{"1"});
}

/// While it lives, no file of this process can grow beyond a few bytes.
class no_room {
 public:
    no_room() : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit few = before_;
        few.rlim_cur = 8;
        ::setrlimit(RLIMIT_FSIZE, &few);
    }
    no_room(const no_room&) = delete;
    no_room& operator=(const no_room&) = delete;
    ~no_room() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

 private:
    void (*signal_)(int);
    rlimit before_{};
};

TEST_P(store_on_disk, is_as_before_where_a_change_can_not_be_written) {
    const auto store = make();
    store->append("a", "1");
    std::vector<std::error_code> codes;
    const auto fails = [&codes](const auto& change) {
        try {
            change();
        } catch (const error& thrown) {
            codes.push_back(thrown.code());
        }
    };
    {
        const no_room limited;
        fails([&] { store->append("a", "2"); });
        fails([&] { store->replace("a", "3"); });
        fails([&] { store->erase("a"); });
    }
    ASSERT_EQ(codes.size(), 3u);
    for (const auto& code : codes) EXPECT_EQ(code.category(), std::system_category()) << code;
    EXPECT_EQ(store->load("a"), records{"1"});
    store->append("a", "4");
    EXPECT_EQ(store->load("a"), (records{"1", "4"}));
}

#ifdef XMPP_HAVE_SQLITE
INSTANTIATE_TEST_SUITE_P(session_stores, any_store,
                         ::testing::Values(in_memory, make_file_store, make_sqlite_store),
                         store_name);
INSTANTIATE_TEST_SUITE_P(session_stores, store_on_disk,
                         ::testing::Values(make_file_store, make_sqlite_store), store_name);
#else
INSTANTIATE_TEST_SUITE_P(session_stores, any_store, ::testing::Values(in_memory, make_file_store),
                         store_name);
INSTANTIATE_TEST_SUITE_P(session_stores, store_on_disk, ::testing::Values(make_file_store),
                         store_name);
#endif

}  // namespace
}  // namespace xmpp::test
