#include "base/crypto/crypto_pbkdf2.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace xmpp::detail;

class pbkdf2_parts : public testing::TestWithParam<hash> {};

std::string in_parts(hash algorithm, const std::string& password, std::uint32_t iterations,
                     std::uint32_t at_once) {
    pbkdf2_in_parts computing(algorithm, password, "a salt", iterations);
    while (computing.advance(at_once)) continue;
    return hex(computing.result());
}

TEST_P(pbkdf2_parts, give_what_the_whole_gives) {
    const std::string longer_than_a_block(200, 'p');
    for (const auto& password : {std::string(), std::string("pencil"), longer_than_a_block}) {
        for (const std::uint32_t iterations : {1u, 2u, 4096u}) {
            const auto whole = hex(pbkdf2(GetParam(), password, "a salt", iterations));
            EXPECT_EQ(in_parts(GetParam(), password, iterations, 1'000), whole);
            EXPECT_EQ(in_parts(GetParam(), password, iterations, 1), whole);
        }
    }
}

TEST_P(pbkdf2_parts, do_no_more_at_once_than_was_asked_for) {
    pbkdf2_in_parts computing(GetParam(), "pencil", "a salt", 2'001);
    EXPECT_TRUE(computing.advance(1'999));
    EXPECT_FALSE(computing.advance(1));
    EXPECT_FALSE(computing.advance(1));
}

INSTANTIATE_TEST_SUITE_P(, pbkdf2_parts,
                         testing::Values(hash::sha1, hash::sha256, hash::sha384, hash::sha512));

}  // namespace
