// An address is parsed for every stanza that arrives. This program counts what that costs.
#include <xmpp/jid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace xmpp {
namespace {

int allocations_of_parsing(std::string_view text) {
    const int before = allocations;
    const auto address = jid::parse(text);
    const int after = allocations;
    EXPECT_TRUE(address) << text;
    return after - before;
}

TEST(jid_allocations, are_one_for_an_ascii_address) {
    EXPECT_EQ(allocations_of_parsing("juliet.capulet@chat.example.com"), 1);
    EXPECT_EQ(allocations_of_parsing("Juliet.Capulet@Chat.Example.com./balcony-7f3a"), 1);
    EXPECT_EQ(allocations_of_parsing("a.rather.long.room.name@conference.example.com/Some Nick"),
              1);
}

TEST(jid_allocations, are_none_for_a_short_address) {
    EXPECT_EQ(allocations_of_parsing("a@example.com"), 0);
}

TEST(jid_allocations, are_one_for_another_resource) {
    const jid room("a.rather.long.room.name@conference.example.com/Some Nick");
    const int before = allocations;
    const auto other = room.with_resource("Another, somewhat longer nick");
    EXPECT_EQ(allocations - before, 1);
    EXPECT_EQ(other.resource(), "Another, somewhat longer nick");
}

}  // namespace
}  // namespace xmpp
