#include "base/crypto/secret.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

namespace {

using xmpp::detail::secret;
using xmpp::detail::wipe;

TEST(wipe, overwrites_a_string_with_its_spare_capacity) {
    std::string text(100, 'x');
    const char* memory = text.data();
    text.resize(10);
    wipe(text);
    EXPECT_TRUE(text.empty());
    ASSERT_EQ(text.data(), memory);
    EXPECT_EQ(std::string(text.capacity(), '\0').compare(0, 100, memory, 100), 0);
}

TEST(secret, wipes_the_string_it_takes) {
    std::string password = "pencil";
    const secret taken(std::move(password));
    EXPECT_EQ(taken.view(), "pencil");
    EXPECT_EQ(std::memcmp(password.data(), "\0\0\0\0\0\0", 6), 0);
}

TEST(secret, is_copied_and_moved) {
    secret first(std::string_view("pencil"));
    secret copy = first;
    EXPECT_NE(copy.view().data(), first.view().data());
    secret moved = std::move(first);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(moved.view(), "pencil");
    copy = secret(std::string_view("eraser"));
    EXPECT_EQ(copy.view(), "eraser");
    copy = secret();
    EXPECT_TRUE(copy.empty());
}

}  // namespace
