#include "sasl/payload.hpp"

#include "code_of.hpp"

#include <gtest/gtest.h>

namespace {

using xmpp::errc;
using namespace xmpp::detail::sasl;

TEST(sasl_payload, is_base64) {
    EXPECT_EQ(encode_payload("foo"), "Zm9v");
    EXPECT_EQ(decode_payload("Zm9v"), "foo");
}

TEST(sasl_payload, an_equals_sign_alone_is_the_empty_string) {
    EXPECT_EQ(encode_payload(""), "=");
    EXPECT_EQ(decode_payload("="), "");
    EXPECT_EQ(decode_payload(""), "");
}

TEST(sasl_payload, refuses_what_is_not_canonical_base64) {
    for (const auto* text : {" Zm9v", "Zm9v\n", "Zg", "==", "-_-_", "Zm9v="}) {
        EXPECT_EQ(code_of([&] { decode_payload(text); }), errc::bad_challenge) << text;
    }
}

TEST(sasl_payload, refuses_a_huge_one) {
    EXPECT_EQ(decode_payload(std::string(64 * 1024, 'A')).size(), 48u * 1024);
    EXPECT_EQ(code_of([] { decode_payload(std::string(1024 * 1024, 'A')); }), errc::bad_challenge);
}

}  // namespace
