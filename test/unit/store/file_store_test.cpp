#include <xmpp/session_store.hpp>

#include "store_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

class file_store_test : public session_store_test {};

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

TEST_F(file_store_test, an_impossible_length_takes_no_memory) {
    put(file(),
        "xmpp session store 1\n\xff\xff\xff\xff"
        "12345678"
        "abc");
    EXPECT_EQ(make_file_store(file())->load("a"), records());
}

}  // namespace
}  // namespace xmpp::test
