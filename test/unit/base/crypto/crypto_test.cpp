#include "base/crypto/crypto.hpp"

#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace xmpp::detail;

TEST(digest, of_each_algorithm) {
    EXPECT_EQ(hex(digest(hash::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(digest(hash::sha256, "abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(digest(hash::sha384, "abc")),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
              "8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(hex(digest(hash::sha512, "abc")),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(hex(digest(hash::sha1, "")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(digest, of_the_component_handshake) {
    EXPECT_EQ(hex(digest(hash::sha1, "3BF96D32test")), "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e");
    EXPECT_EQ(hex(digest(hash::sha1, "3BF96D32secret")),
              "b09ea9b3b7f586be8a08d0a3dd7466f110aeb136");
}

TEST(digest, size_is_the_one_announced) {
    for (const auto algorithm : {hash::sha1, hash::sha256, hash::sha384, hash::sha512}) {
        EXPECT_EQ(digest(algorithm, "x").size(), digest_size(algorithm));
    }
}

struct hmac_case {
    std::string key, data, sha256, sha384, sha512;
};

class hmac_rfc4231 : public testing::TestWithParam<hmac_case> {};

TEST_P(hmac_rfc4231, gives_the_published_value) {
    const auto& [key, data, sha256, sha384, sha512] = GetParam();
    EXPECT_EQ(hex(hmac(hash::sha256, key, data)), sha256);
    EXPECT_EQ(hex(hmac(hash::sha384, key, data)), sha384);
    EXPECT_EQ(hex(hmac(hash::sha512, key, data)), sha512);
}

INSTANTIATE_TEST_SUITE_P(
    vectors, hmac_rfc4231,
    testing::Values(hmac_case{std::string(20, '\x0b'), "Hi There",
                              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                              "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                              "faea9ea9076ede7f4af152e8b2fa9cb6",
                              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                              "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
                    hmac_case{"Jefe", "what do ya want for nothing?",
                              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                              "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                              "8e2240ca5e69e2c78b3239ecfab21649",
                              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
                    hmac_case{std::string(20, '\xaa'), std::string(50, '\xdd'),
                              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                              "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
                              "2a5ab39dc13814b94e3ab6e101a34f27",
                              "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                              "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
                    hmac_case{std::string(131, '\xaa'),
                              "Test Using Larger Than Block-Size Key - Hash Key First",
                              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                              "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                              "0c2ef6ab4030fe8296248df163f44952",
                              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                              "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"}));

TEST(hmac, of_a_dialback_key) {
    const auto key = hex(digest(hash::sha256, "s3cr3tf0rd14lb4ck"));
    EXPECT_EQ(hex(hmac(hash::sha256, key, "xmpp.example.com example.org D60000229F")),
              "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643");
}

TEST(hmac, takes_an_empty_key_and_empty_data) {
    EXPECT_EQ(hex(hmac(hash::sha256, {}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(pbkdf2, gives_the_values_of_rfc6070) {
    const auto derive = [](std::string_view password, std::string_view salt, unsigned iterations) {
        return hex(pbkdf2(hash::sha1, password, salt, iterations));
    };
    EXPECT_EQ(derive("password", "salt", 1), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    EXPECT_EQ(derive("password", "salt", 2), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    EXPECT_EQ(derive("password", "salt", 4096), "4b007901b765489abead49d926f721d065a429c1");
}

TEST(hash_value, is_combined_byte_by_byte) {
    EXPECT_EQ((hash_value("\x0f\xf1") ^ hash_value("\xff\x01")).view(), "\xf0\xf0");
}

TEST(hash_value, refuses_more_than_any_hash_gives) {
    EXPECT_THROW(hash_value(std::string(65, 'x')), xmpp::error);
    EXPECT_EQ(hash_value(std::string(64, 'x')).size(), 64u);
}

TEST(constant_time_equal, compares_content_and_length) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("xbc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "ab"));
    EXPECT_FALSE(constant_time_equal("", "a"));
}

TEST(random_bytes, are_as_many_as_asked_for_and_differ) {
    EXPECT_TRUE(random_bytes(0).empty());
    const auto bytes = random_bytes(32);
    EXPECT_EQ(bytes.size(), 32u);
    EXPECT_NE(bytes, random_bytes(32));
}

TEST(random_id, is_short_and_of_the_url_alphabet) {
    for (int i = 0; i < 1000; ++i) {
        const auto id = random_id();
        ASSERT_EQ(id.size(), 15u);
        ASSERT_TRUE(std::all_of(id.begin(), id.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        })) << id;
    }
}

TEST(random_id, differs_in_all_threads) {
    constexpr int per_thread = 2000;
    std::vector<std::vector<std::string>> drawn(4);
    std::vector<std::thread> threads;
    for (auto& ids : drawn) {
        threads.emplace_back([&ids] {
            for (int i = 0; i < per_thread; ++i) ids.push_back(random_id());
        });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> all;
    for (const auto& ids : drawn) all.insert(ids.begin(), ids.end());
    EXPECT_EQ(all.size(), drawn.size() * per_thread);
}

TEST(random_id, differs_between_a_process_and_its_fork) {
    random_id();  // fills the store that the child inherits
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const auto child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
        const auto id = random_id();
        _exit(write(ends[1], id.data(), id.size()) == static_cast<ssize_t>(id.size()) ? 0 : 1);
    }
    const auto ours = random_id();
    std::string theirs(ours.size(), '\0');
    EXPECT_EQ(read(ends[0], theirs.data(), theirs.size()), static_cast<ssize_t>(theirs.size()));
    EXPECT_NE(ours, theirs);
    int status = 1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
