#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include "address/received_jid.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace xmpp {
namespace {

struct valid_case {
    const char* text;
    const char* local;
    const char* domain;
    const char* resource;
};

void PrintTo(const valid_case& row, std::ostream* out) {
    *out << row.text;
}

class valid_jid : public testing::TestWithParam<valid_case> {};

TEST_P(valid_jid, is_split_and_normalised) {
    const auto& row = GetParam();
    const auto address = jid::parse(row.text);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->local(), row.local);
    EXPECT_EQ(address->domain(), row.domain);
    EXPECT_EQ(address->resource(), row.resource);
    EXPECT_EQ(jid(address->str()), *address) << "the normal form is stable";
}

// RFC 7622 table 1 and this project's own rows.
INSTANTIATE_TEST_SUITE_P(
    rfc7622, valid_jid,
    testing::Values(valid_case{"juliet@example.com", "juliet", "example.com", ""},
                    valid_case{"juliet@example.com/foo", "juliet", "example.com", "foo"},
                    valid_case{"juliet@example.com/foo bar", "juliet", "example.com", "foo bar"},
                    valid_case{"juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"},
                    valid_case{"foo\\20bar@example.com", "foo\\20bar", "example.com", ""},
                    valid_case{"fussball@example.com", "fussball", "example.com", ""},
                    valid_case{"example.com", "", "example.com", ""},
                    valid_case{"example.com/foobar", "", "example.com", "foobar"},
                    valid_case{"a.example.com/b@example.net", "", "a.example.com", "b@example.net"},
                    valid_case{"Juliet@EXAMPLE.com/Balcony", "juliet", "example.com", "Balcony"},
                    valid_case{"example.com./r", "", "example.com", "r"},
                    valid_case{"user@127.0.0.1/r", "user", "127.0.0.1", "r"},
                    valid_case{"user@[::1]/r", "user", "[::1]", "r"},
                    valid_case{"a@b/c/d", "a", "b", "c/d"},
                    valid_case{"a@under_score.example", "a", "under_score.example", ""}));

class invalid_jid : public testing::TestWithParam<std::string> {};

TEST_P(invalid_jid, is_refused_with_a_typed_error) {
    EXPECT_FALSE(jid::parse(GetParam()));
    try {
        jid refused(GetParam());
        FAIL() << "accepted as " << refused.str();
    } catch (const error& failure) {
        EXPECT_EQ(failure.code(), errc::invalid_jid);
        EXPECT_FALSE(failure.explanation().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(rfc7622, invalid_jid,
                         testing::Values("", "\"juliet\"@example.com", "foo bar@example.com",
                                         "@example.com/", "@example.com", "juliet@", "/foobar",
                                         "a@example.com/", "a@b@c", "a@exa mple.com", "a@.com",
                                         "a@b..c", "a@b\x01", "a\x7F@b", "a@b/\x02", "a@[::1",
                                         std::string(1024, 'a') + "@b", "a@" + std::string(64, 'b'),
                                         "a@b/" + std::string(1024, 'c')));

#ifdef XMPP_HAVE_ICU
TEST(jid, refuses_from_programs_what_rfc_7622_refuses_though_servers_may_let_it_in) {
    for (const char* resource : {"a\u00B7b", "\u3031", "a\u30FBb", "\u0645\u0640\u0631", "x\u05F3",
                                 "\U0003FFF0", "\uE000", "\U0001F469\u200D\U0001F680"}) {
        EXPECT_FALSE(jid::parse(std::string("room@conf.example/") + resource)) << resource;
        EXPECT_THROW(jid("room@conf.example").with_resource(resource), error) << resource;
        EXPECT_TRUE(detail::received_jid(std::string("room@conf.example/") + resource)) << resource;
    }
    // Where their neighbours allow them (RFC 5892 A.3, A.5, A.7), as in Catalan.
    for (const char* resource : {"col\u00B7lega", "\u05D0\u05F3", "\u30AB\u30FB\u30AB"}) {
        EXPECT_TRUE(jid::parse(std::string("room@conf.example/") + resource)) << resource;
    }
}

TEST(jid, is_the_same_after_the_folding_of_a_server) {
    const auto same = [](const char* a, const char* b) {
        return detail::same_after_folding(jid(a), jid(b));
    };
    EXPECT_TRUE(same("stra\u00DFe@a/x", "strasse@a/x"));
    EXPECT_TRUE(same("\u03C3\u03B1\u03C2@a", "\u03C3\u03B1\u03C3@a"));
    EXPECT_TRUE(same("i@a/\uFB01", "i@a/fi"));
    EXPECT_FALSE(same("stra\u00DFe@a/x", "strasse@b/x"));
    EXPECT_FALSE(same("stra\u00DFe@a/x", "strasse@a"));
    EXPECT_FALSE(same("i@a/\u00E4", "i@a/\u00C4")) << "case counts in resources";
    EXPECT_FALSE(same("juliet@a", "romeo@a"));
}
#endif

TEST(jid, gives_and_takes_its_resource) {
    const jid full("juliet@example.com/balcony");
    EXPECT_FALSE(full.is_bare());
    EXPECT_EQ(full.bare(), jid("juliet@example.com"));
    EXPECT_TRUE(full.bare().is_bare());
    EXPECT_EQ(full.with_resource("garden"), jid("juliet@example.com/garden"));
    EXPECT_EQ(full.with_resource(""), full.bare());
    EXPECT_THROW((void)jid().with_resource("x"), error);
}

TEST(jid, is_empty_when_default_constructed) {
    const jid none;
    EXPECT_TRUE(none.empty());
    EXPECT_TRUE(none.is_bare());
    EXPECT_EQ(none.bare(), none);
    EXPECT_EQ(none.domain(), "");
}

TEST(jid, is_as_long_as_it_is_written) {
    const std::string zone(1'017, 'z');  // with [::%25 and ] one byte more than a domain may have
    EXPECT_FALSE(jid::parse("[::%" + zone + "]"));
    const auto longest = jid::parse("[::%" + zone.substr(1) + "]");
    ASSERT_TRUE(longest);
    EXPECT_EQ(jid::parse(longest->str()), longest);
}

TEST(jid, is_ordered_hashed_and_formatted_by_its_text) {
    EXPECT_LT(jid("a@b"), jid("b@b"));
    const std::unordered_set<jid> set{"A@b", "a@B", "a@b/r"};
    EXPECT_EQ(set.size(), 2u);
    EXPECT_EQ(fmt::format("{:>8}", jid("a@b/r")), "   a@b/r");
}

struct escaping_case {
    const char* text;
    const char* escaped;
};

class escaping : public testing::TestWithParam<escaping_case> {};

TEST_P(escaping, goes_both_ways) {
    EXPECT_EQ(escape_local(GetParam().text), GetParam().escaped);
    EXPECT_EQ(unescape_local(GetParam().escaped), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    xep0106, escaping,
    testing::Values(
        escaping_case{"space cadet", "space\\20cadet"},
        escaping_case{"call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"},
        escaping_case{"at&t guy", "at\\26t\\20guy"}, escaping_case{"d'artagnan", "d\\27artagnan"},
        escaping_case{"/.fanboy", "\\2f.fanboy"}, escaping_case{"::foo::", "\\3a\\3afoo\\3a\\3a"},
        escaping_case{"<foo>", "\\3cfoo\\3e"}, escaping_case{"user@host", "user\\40host"},
        escaping_case{"c:\\net", "c\\3a\\net"}, escaping_case{"c:\\\\net", "c\\3a\\\\net"},
        escaping_case{"c:\\cool stuff", "c\\3a\\cool\\20stuff"},
        escaping_case{"c:\\5commas", "c\\3a\\5c5commas"},
        escaping_case{"\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool"},
        escaping_case{"\\2plus\\2is\\4", "\\2plus\\2is\\4"}, escaping_case{"foo\\bar", "foo\\bar"},
        escaping_case{"foob\\41r", "foob\\41r"},
        escaping_case{"here's_a_wild_&_/cr%zy/_address",
                      "here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address"},
        escaping_case{"tr\u00e9ville@musketeers.lit", "tr\u00e9ville\\40musketeers.lit"}));

TEST(escaping, unescapes_in_one_pass) {
    EXPECT_EQ(unescape_local("blah\\5cfoo\\5c20bar"), "blah\\foo\\20bar");
}

TEST(escaping, refuses_outer_spaces) {
    EXPECT_THROW((void)escape_local(" a"), error);
    EXPECT_THROW((void)escape_local("a "), error);
    EXPECT_EQ(unescape_local("\\20a"), "\\20a") << "would begin with a space";
}

}  // namespace
}  // namespace xmpp
