#include <xmpp/session_store.hpp>

#include "store/record_format.hpp"
#include "store_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

constexpr std::size_t heading = detail::record_heading.size();

class file_store_test : public session_store_test {
 protected:
    /// The bytes of a file with two records under one key and one under another.
    std::string three_records() const {
        {
            const auto store = make_file_store(file());
            store->replace("a", "first");
            store->append("a", "second");
            store->append("b", "other");
        }
        return read_file(file());
    }
};

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

TEST_F(file_store_test, uses_what_verifies_where_any_byte_is_damaged) {
    const auto good = three_records();
    for (std::size_t i = heading; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x20);
        put(file(), bad);
        const auto store = make_file_store(file());
        const auto kept = store->load("a");
        const auto all = kept.size() + store->load("b").size();
        EXPECT_GE(all, 2u) << "byte " << i;
        for (const auto& record : kept) {
            EXPECT_TRUE(record.empty() || record == "first" || record == "second") << "byte " << i;
        }
        EXPECT_EQ(warnings_of(store).size(), 1u) << "byte " << i;
        EXPECT_TRUE(warnings_of(store).empty()) << "told once";
    }
}

TEST_F(file_store_test, keeps_a_damaged_file_as_it_was) {
    const auto good = three_records();
    for (const auto at : {good.find("first"), good.find("other")}) {
        auto bad = good;
        bad[at] = 'x';
        put(file(), bad);
        (void)make_file_store(file());
        const auto copy = file().string() + ".refused";
        EXPECT_EQ(read_file(copy), bad);
        std::filesystem::remove(copy);
    }
}

TEST_F(file_store_test, leaves_an_empty_record_where_one_of_a_key_is_damaged) {
    auto bad = three_records();
    bad[bad.find("second")] = 'x';
    put(file(), bad);
    EXPECT_EQ(make_file_store(file())->load("a"), (records{"first", ""}));
    EXPECT_EQ(make_file_store(file())->load("b"), records{"other"}) << "what follows is used";
    EXPECT_TRUE(warnings_of(make_file_store(file())).empty()) << "it was mended";
}

TEST_F(file_store_test, finds_the_next_record_behind_a_damaged_length) {
    auto bad = three_records();
    bad[heading + 2] = '\x7f';
    put(file(), bad);
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("a"), records{"second"});
    EXPECT_EQ(store->load("b"), records{"other"});
}

TEST_F(file_store_test, cuts_off_an_incomplete_last_record_and_uses_the_rest) {
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
        put(file(), good.substr(0, size));
        const bool is_whole = size == whole[0] || size == whole[1];
        {
            const auto store = make_file_store(file());
            EXPECT_EQ(store->load("a"), size < whole[1] ? records() : records{"first"}) << size;
            EXPECT_EQ(warnings_of(store).size(), is_whole ? 0u : 1u) << size;
            store->append("a", "third");
        }
        const auto again = make_file_store(file());
        EXPECT_EQ(again->load("a").back(), "third") << size;
        EXPECT_TRUE(warnings_of(again).empty()) << size;
    }
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".refused")) << "nothing was damaged";
}

TEST_F(file_store_test, uses_nothing_of_a_file_of_another_make_and_keeps_it) {
    put(file(), "xmpp session store 9\nwhat is new");
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("a"), records());
    EXPECT_EQ(warnings_of(store).size(), 1u);
    EXPECT_EQ(read_file(file().string() + ".refused"), "xmpp session store 9\nwhat is new");
}

TEST_F(file_store_test, keeps_the_file_where_a_record_is_of_a_kind_that_it_does_not_know) {
    auto changed = three_records();
    const auto begin = changed.find("second") - 6;
    ASSERT_EQ(changed[begin], 'a');
    std::string record = changed.substr(begin, 12);
    record[0] = 'z';
    std::string bytes;
    detail::append_record(bytes, record);
    changed.replace(begin - 12, 24, bytes);
    put(file(), changed);
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("a"), (records{"first", ""}));
    EXPECT_EQ(store->load("b"), records{"other"});
    EXPECT_EQ(read_file(file().string() + ".refused"), changed);
}

TEST_F(file_store_test, begins_anew_where_only_zeros_were_written) {
    put(file(), std::string(detail::record_heading) + std::string(100'000, '\0'));
    const auto store = make_file_store(file());
    EXPECT_EQ(store->load("a"), records());
    EXPECT_EQ(warnings_of(store).size(), 1u);
}

TEST_F(file_store_test, writes_to_its_folder_wherever_the_process_goes) {
    const working_directory before;
    std::filesystem::create_directory(file().parent_path() / "elsewhere");
    std::filesystem::current_path(file().parent_path());
    const auto store = make_file_store(file().filename());
    std::filesystem::current_path("elsewhere");
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) store->replace("a", large);
    EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::current_path()));
    EXPECT_LT(std::filesystem::file_size(file()), 100'000u) << "written anew, under its name";
}

TEST_F(file_store_test, writes_anew_through_no_file_that_another_has_put_there) {
    const auto victim = file().parent_path() / "victim";
    write_file(victim, "precious");
    std::filesystem::create_symlink(victim, file().string() + ".new");
    const auto store = make_file_store(file());
    const std::string large(10'000, 'x');
    for (int i = 0; i < 20; ++i) store->replace("a", large);
    EXPECT_EQ(read_file(victim), "precious");
    EXPECT_TRUE(std::filesystem::is_regular_file(file()));
}

TEST_F(file_store_test, removes_what_a_process_left_that_was_killed_while_it_wrote_anew) {
    const auto left = file().string() + ".0123456789abcdef0123456789abcdef.new";
    const auto of_another = file().string() + ".mine.new";
    write_file(left, "half");
    write_file(of_another, "not ours");
    (void)make_file_store(file());
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_TRUE(std::filesystem::exists(of_another));
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
