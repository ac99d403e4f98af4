#include <xmpp/error.hpp>
#include <xmpp/session_store.hpp>

#include "support/files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace xmpp::test {
namespace {

using records = std::vector<std::string>;

void put(const std::filesystem::path& path, const std::string& bytes) {
    write_file(path, bytes);
    std::filesystem::permissions(path, std::filesystem::perms(0600));
}

std::error_code code_of_opening(const std::filesystem::path& path) {
    try {
        (void)make_file_store(path);
    } catch (const error& thrown) {
        EXPECT_NE(thrown.explanation().find(path.filename().string()), std::string::npos);
        return thrown.code();
    }
    return {};
}

class session_store_test : public ::testing::Test {
 protected:
    std::filesystem::path file() const { return folder_.path() / "sessions"; }

 private:
    temporary_directory folder_;
};

/// What every store does.
class any_store : public session_store_test, public ::testing::WithParamInterface<const char*> {
 protected:
    std::shared_ptr<session_store> make() {
        return GetParam() == std::string("file") ? make_file_store(file()) : make_memory_store();
    }
};

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

INSTANTIATE_TEST_SUITE_P(session_stores, any_store, ::testing::Values("memory", "file"),
                         [](const auto& info) { return std::string(info.param); });

class file_store_test : public session_store_test {};

TEST_F(file_store_test, finds_again_what_it_kept) {
    {
        const auto store = make_file_store(file());
        store->append("a", "1");
        store->append("b", "2");
        store->replace("a", "3");
        store->append("a", "4");
        store->erase("b");
    }
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("a"), (records{"3", "4"}));
    EXPECT_EQ(store->load("b"), records());
}

TEST_F(file_store_test, waits_for_the_disk_where_it_shall) {
    make_file_store(file(), durability::machine)->append("a", "1");
    EXPECT_EQ(make_file_store(file())->load("a"), records{"1"});
}

TEST_F(file_store_test, only_the_owner_may_read_the_file) {
    const auto store = make_file_store(file());
    struct stat about{};
    ASSERT_EQ(::stat(file().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0600u);
    // Rewriting keeps it so.
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) store->replace("a", large);
    ASSERT_EQ(::stat(file().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0600u);
}

TEST_F(file_store_test, refuses_a_file_that_others_may_read) {
    put(file(), "");
    std::filesystem::permissions(file(), std::filesystem::perms(0640));
    EXPECT_EQ(code_of_opening(file()), errc::invalid_options);
}

TEST_F(file_store_test, refuses_what_is_no_file) {
    std::filesystem::create_directory(file());
    EXPECT_EQ(code_of_opening(file()), std::errc::is_a_directory);
    const auto link = file().parent_path() / "link";
    std::filesystem::create_symlink(file().parent_path() / "target", link);
    EXPECT_EQ(code_of_opening(link), std::errc::too_many_symbolic_link_levels);
}

TEST_F(file_store_test, refuses_a_second_store_on_the_same_file) {
    const auto first = make_file_store(file());
    EXPECT_EQ(code_of_opening(file()), errc::invalid_options);
    // Also after the file has been written anew.
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) first->replace("a", large);
    EXPECT_EQ(code_of_opening(file()), errc::invalid_options);
}

TEST_F(file_store_test, tells_where_it_can_not_write) {
    EXPECT_EQ(code_of_opening(file() / "below" / "sessions"), std::errc::no_such_file_or_directory);
}

TEST_F(file_store_test, does_not_grow_with_what_is_of_no_use) {
    const auto store = make_file_store(file());
    const std::string record(1'000, 'x');
    for (int i = 0; i < 1'000; ++i) store->replace("a", record + std::to_string(i));
    EXPECT_LT(std::filesystem::file_size(file()), 70'000u);
    EXPECT_EQ(store->load("a"), records{record + "999"});
}

TEST_F(file_store_test, keeps_all_that_is_of_use_when_it_writes_anew) {
    const std::string record(1'000, 'x');
    {
        const auto store = make_file_store(file());
        for (int i = 0; i < 200; ++i) store->append("long", std::to_string(i));
        for (int i = 0; i < 200; ++i) store->replace("short", record);
    }
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("long").size(), 200u);
    EXPECT_EQ(store->load("long").back(), "199");
    EXPECT_EQ(store->load("short"), records{record});
}

TEST_F(file_store_test, a_whole_session_is_refused_where_any_byte_is_damaged) {
    {
        const auto store = make_file_store(file());
        store->append("a", "first");
        store->append("a", "second");
    }
    const auto good = read_file(file());
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x20);
        put(file(), bad);
        EXPECT_EQ(make_file_store(file())->load("a"), records()) << "byte " << i;
        EXPECT_EQ(read_file(file().string() + ".refused"), bad) << "byte " << i;
    }
}

TEST_F(file_store_test, a_whole_session_is_refused_where_the_file_is_cut) {
    std::vector<std::size_t> whole;
    {
        const auto store = make_file_store(file());
        whole.push_back(std::filesystem::file_size(file()));
        store->append("a", "first");
        whole.push_back(std::filesystem::file_size(file()));
        store->append("a", "second");
        whole.push_back(std::filesystem::file_size(file()));
    }
    const auto good = read_file(file());
    for (std::size_t size = 1; size < good.size(); ++size) {
        // Nobody can tell a file that was cut between records from one that never had more.
        if (size == whole[0] || size == whole[1]) continue;
        put(file(), good.substr(0, size));
        EXPECT_EQ(make_file_store(file())->load("a"), records()) << size << " bytes";
    }
}

TEST_F(file_store_test, goes_on_after_it_has_refused_a_file) {
    put(file(), "something else");
    {
        const auto store = make_file_store(file());
        store->append("a", "1");
    }
    EXPECT_EQ(make_file_store(file())->load("a"), records{"1"});
}

TEST_F(file_store_test, an_impossible_length_takes_no_memory) {
    put(file(),
        "xmpp session store 1\n\xff\xff\xff\xff"
        "12345678"
        "abc");
    EXPECT_EQ(make_file_store(file())->load("a"), records());
}

}  // namespace
}  // namespace xmpp::test
