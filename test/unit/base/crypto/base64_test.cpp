#include "base/crypto/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

using xmpp::detail::base64_decode;
using xmpp::detail::base64_encode;

class base64_vector : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(base64_vector, encodes_and_decodes) {
    const auto& [bytes, text] = GetParam();
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
}

INSTANTIATE_TEST_SUITE_P(rfc4648, base64_vector,
                         testing::Values(std::pair("", ""), std::pair("f", "Zg=="),
                                         std::pair("fo", "Zm8="), std::pair("foo", "Zm9v"),
                                         std::pair("foob", "Zm9vYg=="),
                                         std::pair("fooba", "Zm9vYmE="),
                                         std::pair("foobar", "Zm9vYmFy")));

TEST(base64, takes_every_byte_at_every_position) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (std::size_t begin = 0; begin < 4; ++begin) {
        for (std::size_t size = 0; size + begin <= all.size(); ++size) {
            const auto bytes = all.substr(begin, size);
            ASSERT_EQ(base64_decode(base64_encode(bytes)), bytes);
        }
    }
}

struct refused {
    std::string name;
    std::string text;
};

class base64_refuses : public testing::TestWithParam<refused> {};

TEST_P(base64_refuses, gives_nothing) {
    EXPECT_EQ(base64_decode(GetParam().text), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    all, base64_refuses,
    testing::Values(refused{"white_space_between", "Zm9v YmFy"},
                    refused{"line_break", "Zm9v\nYmFy"}, refused{"line_break_at_the_end", "Zm9v\n"},
                    refused{"white_space_in_place_of_a_digit", "Zm9 "},
                    refused{"missing_padding", "Zg"}, refused{"half_of_the_padding", "Zg="},
                    refused{"too_much_padding", "Z==="}, refused{"nothing_but_padding", "===="},
                    refused{"padding_in_the_middle", "Zg==Zm9v"},
                    refused{"padding_before_a_digit", "Zm=v"}, refused{"url_alphabet", "-_-_"},
                    refused{"trailing_garbage", "Zm9v!"},
                    refused{"trailing_group_of_garbage", "Zm9v!!!!"},
                    refused{"bits_left_over_after_one_byte", "Zh=="},
                    refused{"bits_left_over_after_two_bytes", "Zm9="},
                    refused{"beyond_ascii", "Zm9\xc3"}, refused{"nul", std::string("Zm9\0", 4)}),
    [](const auto& info) { return info.param.name; });

}  // namespace
