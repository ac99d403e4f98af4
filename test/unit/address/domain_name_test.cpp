#include "address/domain_name.hpp"

#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include <gtest/gtest.h>

#include <string>

namespace xmpp::detail {
namespace {

std::string normal(std::string_view text) {
    std::string domain;
    append_normal_domain(domain, text);
    return domain;
}

struct literal_case {
    const char* text;
    const char* expected;
};

void PrintTo(const literal_case& row, std::ostream* out) {
    *out << row.text;
}

class ip_literal : public testing::TestWithParam<literal_case> {};

TEST_P(ip_literal, has_one_normal_form) {
    EXPECT_EQ(normal(GetParam().text), GetParam().expected);
    EXPECT_EQ(normal(GetParam().expected), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    rfc5952, ip_literal,
    testing::Values(literal_case{"192.0.2.1", "192.0.2.1"},
                    literal_case{"255.255.255.255", "255.255.255.255"},
                    literal_case{"[::]", "[::]"}, literal_case{"[::1]", "[::1]"},
                    literal_case{"[0:0:0:0:0:0:0:1]", "[::1]"},
                    literal_case{"[2001:DB8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},
                    literal_case{"[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
                    literal_case{"[2001:db8::1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
                    literal_case{"[2001:0:0:1:0:0:0:1]", "[2001:0:0:1::1]"},
                    literal_case{"[1:0:0:0:0:0:0:0]", "[1::]"},
                    literal_case{"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"},
                    literal_case{"[::ffff:c000:201]", "[::ffff:192.0.2.1]"},
                    literal_case{"[64:ff9b::192.0.2.33]", "[64:ff9b::c000:221]"},
                    literal_case{"[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]"},
                    literal_case{"[fe80::1%25eth0]", "[fe80::1%25eth0]"},
                    literal_case{"[FE80::1%Eth0]", "[fe80::1%25Eth0]"},
                    literal_case{"[fe80::1%25]", "[fe80::1%2525]"}));

class refused_domain : public testing::TestWithParam<std::string> {};

TEST_P(refused_domain, is_not_taken_for_a_name_or_an_address) {
    EXPECT_THROW((void)normal(GetParam()), error);
    EXPECT_FALSE(jid::parse("user@" + GetParam()));
}

INSTANTIATE_TEST_SUITE_P(ip_literals, refused_domain,
                         testing::Values("256.0.0.1", "1.2.3.04", "1.2.3.1234", "[]", "[:]",
                                         "[:::]", "[1]", "[::1", "[::1]x", "::1", "[::1]]",
                                         "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
                                         "[1:2:3:4:5:6:7:8::]", "[::1::]", "[1::2::3]", "[12345::]",
                                         "[g::]", "[:1::]", "[1::2:]", "[::1.2.3]", "[::1.2.3.256]",
                                         "[1.2.3.4::]", "[::1.2.3.4:5]", "[192.0.2.1]", "[::1%]",
                                         "[::1%25eth/0]", "[::1%eth0%1]", "[ ::1]", "[::-1]",
                                         "[1:2:3:4:5:6:7:1.2.3.4]"));

INSTANTIATE_TEST_SUITE_P(names, refused_domain,
                         testing::Values(".", "..", ".a", "a..b", "a..", "-a.b", "a-.b", "a.-",
                                         "a b", "a,b", "a:5222", "a\\b", std::string(64, 'a'),
                                         "b." + std::string(64, 'a') + ".c",
                                         std::string("a\0b", 3)));

TEST(domain_name, may_be_as_long_as_dns_has_room) {
    const auto label = std::string(63, 'a');
    const auto longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
    ASSERT_EQ(longest.size(), 253u);
    EXPECT_EQ(normal(longest), longest);
    EXPECT_EQ(normal(longest + '.'), longest);
    EXPECT_THROW((void)normal(longest + 'b'), error);
}

TEST(domain_name, is_quoted_without_its_control_characters) {
    try {
        FAIL() << normal("a\x1b[2Jb");
    } catch (const error& refusal) {
        EXPECT_NE(refusal.explanation().find("'a?[2jb'"), std::string_view::npos);
    }
}

TEST(domain_name, is_appended_to_what_is_there) {
    std::string text = "user@";
    append_normal_domain(text, "Example.COM.");
    EXPECT_EQ(text, "user@example.com");
}

TEST(domain_to_ascii, leaves_ascii_alone) {
    for (const auto* name : {"example.com", "Example.com.", "192.0.2.1", "[::1]", "a_b", "",
                             "xn--bcher-kva.example"}) {
        EXPECT_EQ(domain_to_ascii(name), name);
    }
}

TEST(domain_to_ascii, writes_a_zone_as_sockets_read_it) {
    EXPECT_EQ(domain_to_ascii(jid("a@[fe80::1%25eth0]").domain()), "[fe80::1%eth0]");
    EXPECT_EQ(domain_to_ascii(jid("a@[fe80::1%2525]").domain()), "[fe80::1%25]");
}

#ifdef XMPP_HAVE_ICU

TEST(domain_to_ascii, turns_u_labels_into_a_labels) {
    EXPECT_EQ(domain_to_ascii("b\u00fccher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(domain_to_ascii("B\u00dcCHER.Example."), "xn--bcher-kva.example");
    EXPECT_EQ(domain_to_ascii("fa\u00df.example"), "xn--fa-hia.example");
    EXPECT_EQ(domain_to_ascii("\u4f8b\u3048\u3002\u30c6\u30b9\u30c8"), "xn--r8jz45g.xn--zckzah");
}

TEST(domain_to_ascii, is_undone_by_the_normal_form) {
    for (const auto* name : {"b\u00fccher.example", "\u05d0\u05d1.example", "\u4f8b\u3048.jp"}) {
        EXPECT_EQ(normal(domain_to_ascii(name)), name);
    }
}

TEST(domain_to_ascii, refuses_what_is_no_name) {
    EXPECT_THROW((void)domain_to_ascii("\u265a.example"), error);
    EXPECT_THROW((void)domain_to_ascii("\xff"), error);
}

#else

TEST(domain_to_ascii, says_that_names_beyond_ascii_need_icu) {
    try {
        FAIL() << domain_to_ascii("b\u00fccher.example");
    } catch (const error& refusal) {
        EXPECT_NE(refusal.explanation().find("ICU"), std::string_view::npos);
    }
}

#endif

}  // namespace
}  // namespace xmpp::detail
