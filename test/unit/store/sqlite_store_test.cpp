#include <xmpp/sqlite_store.hpp>

#include "store_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class sqlite_store_test : public session_store_test {
 protected:
    std::filesystem::path beside_file(const char* suffix) const { return file().string() + suffix; }
    /// As a process leaves it that ends without closing anything.
    void write_and_die() const {
        const auto child = ::fork();
        if (child == 0) {
            const auto store = make_sqlite_store(file());
            store->append("a", "first");
            store->append("a", "second");
            ::_exit(0);
        }
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
    std::string two_records() const {
        {
            const auto store = make_sqlite_store(file());
            store->append("a", "first");
            store->append("a", "second");
        }
        return read_file(file());
    }
    records load() const { return make_sqlite_store(file())->load("a"); }
    /// Each of `kept` is one of two_records(), in its place, or empty.
    static void expect_no_other_records(const records& kept, const std::string& damage) {
        const records all = {"first", "second"};
        for (std::size_t i = 0; i < kept.size(); ++i) {
            EXPECT_TRUE(kept[i].empty() || kept[i] == all.at(i)) << damage;
        }
    }
};

TEST_F(sqlite_store_test, finds_what_a_process_left_that_died) {
    write_and_die();
    ASSERT_TRUE(std::filesystem::exists(beside_file("-wal")));
    EXPECT_EQ(load(), (records{"first", "second"}));
}

TEST_F(sqlite_store_test, leaves_one_file_when_it_is_destroyed) {
    (void)two_records();
    EXPECT_FALSE(std::filesystem::exists(beside_file("-wal")));
    EXPECT_FALSE(std::filesystem::exists(beside_file("-shm")));
}

TEST_F(sqlite_store_test, reuses_the_room_of_what_is_of_no_use) {
    const std::string record(1'000, 'x');
    {
        const auto store = make_sqlite_store(file());
        for (int i = 0; i < 1'000; ++i) store->replace("a", record + std::to_string(i));
    }
    EXPECT_LT(std::filesystem::file_size(file()), 70'000u);
    EXPECT_EQ(load(), records{record + "999"});
}

TEST_F(sqlite_store_test, overwrites_what_it_forgets) {
    {
        const auto store = make_sqlite_store(file());
        store->append("a", "the token of a session");
        store->append("b", "another");
    }
    ASSERT_NE(read_file(file()).find("the token"), std::string::npos);
    make_sqlite_store(file())->erase("a");
    EXPECT_EQ(read_file(file()).find("the token"), std::string::npos);
}

/// Much of a page is empty, and says nothing.
TEST_F(sqlite_store_test, has_no_other_records_where_a_byte_is_damaged) {
    const auto good = two_records();
    int refused = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        if (good[i] == 0 && i % 64 != 0) continue;
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x20);
        put(file(), bad);
        const auto kept = load();
        expect_no_other_records(kept, fmt::format("byte {}", i));
        if (std::filesystem::remove(beside_file(".refused"))) {
            EXPECT_EQ(kept, records()) << "byte " << i;
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

TEST_F(sqlite_store_test, leaves_an_empty_record_where_one_or_its_checksum_is_damaged) {
    const auto good = two_records();
    const auto first = good.find("first");
    ASSERT_NE(first, good.npos);
    for (std::size_t i = first; i < first + 5 + 32; ++i) {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x01);
        put(file(), bad);
        const auto store = make_sqlite_store(file());
        EXPECT_EQ(store->load("a"), (records{"", "second"})) << "byte " << i - first;
        EXPECT_THAT(warnings_of(store), ElementsAre(HasSubstr("1 records are left out")));
    }
    EXPECT_FALSE(std::filesystem::exists(beside_file(".refused")));
}

TEST_F(sqlite_store_test, has_the_rest_where_a_key_is_damaged) {
    auto bad = two_records();
    const auto second = bad.find("second");
    ASSERT_NE(second, bad.npos);
    // Before the record is the key: position 1 takes no byte of its own.
    ASSERT_EQ(bad[second - 1], 'a');
    bad[second - 1] = 'b';
    put(file(), bad);
    const auto store = make_sqlite_store(file());
    EXPECT_EQ(store->load("a"), records{"first"});
    EXPECT_EQ(store->load("b"), records());
    EXPECT_THAT(warnings_of(store), ElementsAre(HasSubstr("1 records are left out")));
}

TEST_F(sqlite_store_test, takes_more_records_behind_a_damaged_one) {
    auto bad = two_records();
    bad[bad.find("second")] = 'S';
    put(file(), bad);
    make_sqlite_store(file())->append("a", "third");
    EXPECT_EQ(load(), (records{"first", "", "third"}));
}

TEST_F(sqlite_store_test, has_no_other_records_where_the_file_is_cut) {
    const auto good = two_records();
    for (std::size_t size = 1; size < good.size(); size += size < 128 ? 1 : 61) {
        put(file(), good.substr(0, size));
        expect_no_other_records(load(), fmt::format("{} bytes", size));
    }
}

TEST_F(sqlite_store_test, sets_a_database_of_another_make_aside) {
    auto other = two_records();
    constexpr std::size_t user_version = 63;  // its last byte (sqlite.org/fileformat.html, 1.3)
    other[user_version] = 2;
    put(file(), other);
    EXPECT_EQ(load(), records());
    EXPECT_EQ(read_file(beside_file(".refused")), other);
}

TEST_F(sqlite_store_test, sets_the_log_aside_with_its_file) {
    // More than the log will have.
    for (int i = 0; i < 20; ++i) make_sqlite_store(file())->append("b", std::string(4'000, 'x'));
    write_and_die();
    put(file(), "something else");
    EXPECT_EQ(load(), records());
    EXPECT_TRUE(std::filesystem::exists(beside_file(".refused")));
    EXPECT_TRUE(std::filesystem::exists(beside_file(".refused-wal")));
    // The next one that is refused has no log.
    put(file(), "something else again");
    EXPECT_EQ(load(), records());
    EXPECT_TRUE(std::filesystem::exists(beside_file(".refused-wal"))) << "of the first";
    EXPECT_TRUE(std::filesystem::exists(beside_file(".refused.1")));
    EXPECT_FALSE(std::filesystem::exists(beside_file(".refused.1-wal")));
}

TEST_F(sqlite_store_test, is_found_through_a_link_to_its_folder) {
    (void)two_records();
    const temporary_directory elsewhere;
    const auto link = elsewhere.path() / "link";
    std::filesystem::create_directory_symlink(file().parent_path(), link);
    EXPECT_EQ(make_sqlite_store(link / "sessions")->load("a"), (records{"first", "second"}));
}

}  // namespace
}  // namespace xmpp::test
