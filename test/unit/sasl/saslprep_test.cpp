#include "sasl/saslprep.hpp"

#include "code_of.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using xmpp::errc;

std::string prepared(std::string_view text) {
    return std::string(xmpp::detail::sasl::saslprep(text).view());
}

std::error_code refusal(std::string_view text) {
    return code_of([&] { prepared(text); });
}

TEST(saslprep, leaves_ascii_alone) {
    EXPECT_EQ(prepared(""), "");
    EXPECT_EQ(prepared("user"), "user");
    EXPECT_EQ(prepared("USER"), "USER");
    EXPECT_EQ(prepared(" a b~"), " a b~");
}

TEST(saslprep, refuses_control_characters) {
    EXPECT_EQ(refusal("\x07"), errc::prohibited_string);
    EXPECT_EQ(refusal("a\tb"), errc::prohibited_string);
    EXPECT_EQ(refusal("a\x7f"), errc::prohibited_string);
    EXPECT_EQ(refusal(std::string_view("a\0b", 3)), errc::prohibited_string);
}

#ifdef XMPP_HAVE_ICU

TEST(saslprep, gives_the_results_of_rfc4013) {
    EXPECT_EQ(prepared("I\u00ADX"), "IX");
    EXPECT_EQ(prepared("\u00AA"), "a");
    EXPECT_EQ(prepared("\u2168"), "IX");
    EXPECT_EQ(refusal("\u0627\u0031"), errc::prohibited_string);
}

TEST(saslprep, composes_and_maps_spaces) {
    EXPECT_EQ(prepared("a\u00A0b\u3000c"), "a b c");
    EXPECT_EQ(prepared("u\u0308ber"), "\u00FCber");
    EXPECT_EQ(prepared("\uFDFA").size(), 33u);  // the longest decomposition of a character
}

TEST(saslprep, refuses_what_the_profile_prohibits) {
    EXPECT_EQ(refusal("a\u0080"), errc::prohibited_string);        // control
    EXPECT_EQ(refusal("a\uE000"), errc::prohibited_string);        // private use
    EXPECT_EQ(refusal("a\uFFFD"), errc::prohibited_string);        // replacement character
    EXPECT_EQ(refusal("a\u202E"), errc::prohibited_string);        // direction override
    EXPECT_EQ(refusal("\u00FC\x07"), errc::prohibited_string);     // control behind another
    EXPECT_EQ(refusal("\u05D0a\u05D0"), errc::prohibited_string);  // two directions
}

TEST(saslprep, refuses_text_that_is_not_utf8) {
    EXPECT_EQ(refusal("\xc3"), errc::prohibited_string);
    EXPECT_EQ(refusal("\xff\xfe"), errc::prohibited_string);
    EXPECT_EQ(refusal("\xed\xa0\xbd\xed\xb8\x80"), errc::prohibited_string);  // surrogates
    EXPECT_EQ(refusal("\xc0\x80"), errc::prohibited_string);                  // overlong
}

TEST(saslprep, keeps_characters_beyond_the_basic_plane) {
    EXPECT_EQ(prepared("p\U0001F600ss"), "p\U0001F600ss");
    EXPECT_EQ(prepared("\U0001D54F"), "X");
}

TEST(saslprep, refuses_text_of_absurd_length) {
    EXPECT_EQ(refusal(std::string(100'000, '\xc3')), errc::prohibited_string);
}

#else

TEST(saslprep, says_that_text_beyond_ascii_needs_another_build) {
    EXPECT_EQ(refusal("\u00FCber"), errc::not_supported);
}

#endif

}  // namespace
