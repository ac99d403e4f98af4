// The rows need ICU; without it each of them is refused with a text that says so.
#include "address/address_preparation.hpp"

#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::detail {
namespace {

using preparation = std::string (*)(std::string_view);

std::string explanation_of_refusal(preparation prepare, std::string_view text) {
    try {
        return "accepted as " + prepare(text);
    } catch (const error& refusal) {
        EXPECT_EQ(refusal.code(), errc::invalid_jid);
        return std::string(refusal.explanation());
    }
}

struct prepared_case {
    preparation prepare;
    const char* text;
    const char* expected;
};

void PrintTo(const prepared_case& row, std::ostream* out) {
    *out << row.text;
}

class prepared_text : public testing::TestWithParam<prepared_case> {};

TEST_P(prepared_text, is_brought_into_a_normal_form_that_is_stable) {
    const auto& [prepare, text, expected] = GetParam();
#ifdef XMPP_HAVE_ICU
    EXPECT_EQ(prepare(text), expected);
    EXPECT_EQ(prepare(expected), expected);
#else
    EXPECT_NE(explanation_of_refusal(prepare, text).find("need a build with ICU"),
              std::string::npos);
#endif
}

INSTANTIATE_TEST_SUITE_P(
    local_part, prepared_text,
    testing::Values(
        prepared_case{prepare_local, "fu\u00dfball", "fu\u00dfball"},
        prepared_case{prepare_local, "\u03c0", "\u03c0"},
        prepared_case{prepare_local, "\u03a3", "\u03c3"},
        prepared_case{prepare_local, "\u03c2", "\u03c2"},  // RFC 8265
        prepared_case{prepare_local, "\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2"},
        prepared_case{prepare_local, "J\u00dcRGEN", "j\u00fcrgen"},
        prepared_case{prepare_local, "Ju\u0308rgen", "j\u00fcrgen"},               // NFC
        prepared_case{prepare_local, "q\u0307\u0323", "q\u0323\u0307"},            // reordered
        prepared_case{prepare_local, "\u212bngstr\u00f6m", "\u00e5ngstr\u00f6m"},  // ANGSTROM SIGN
        prepared_case{prepare_local, "\u1e9e", "\u00df"},   // capital sharp s
        prepared_case{prepare_local, "\u0130", "i\u0307"},  // no language's rule
        prepared_case{prepare_local, "\uff2a\uff55\uff4c\uff49\uff45\uff54",
                      "juliet"},                                       // fullwidth
        prepared_case{prepare_local, "\uff76\uff9e", "\u30ac"},        // halfwidth, composed
        prepared_case{prepare_local, "\u13a0\u13a1", "\uab70\uab71"},  // Cherokee
        prepared_case{prepare_local, "\u1100\u1161\u11a8", "\uac01"},  // Hangul in pieces
        prepared_case{prepare_local, "\u05d0\u05d1\u05d2", "\u05d0\u05d1\u05d2"},
        prepared_case{prepare_local, "\u05d01\u05b0", "\u05d01\u05b0"},  // ends with a mark
        prepared_case{prepare_local, "\u0645\u0661\u0662", "\u0645\u0661\u0662"},
        prepared_case{prepare_local, "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627",  // ZWNJ, Persian
                      "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627"},
        prepared_case{prepare_local, "\u0915\u094d\u200d\u0937",
                      "\u0915\u094d\u200d\u0937"},  // ZWJ
        prepared_case{prepare_local, "\u0915\u094d\u200c\u0937", "\u0915\u094d\u200c\u0937"},
        prepared_case{prepare_local, "col\u00b7lecci\u00f3", "col\u00b7lecci\u00f3"},
        prepared_case{prepare_local, "\u0375\u03b1", "\u0375\u03b1"},
        prepared_case{prepare_local, "\u05d0\u05f3", "\u05d0\u05f3"},
        prepared_case{prepare_local, "\u30a2\u30fb\u30a4", "\u30a2\u30fb\u30a4"},
        prepared_case{prepare_local, "\u3007", "\u3007"}));

INSTANTIATE_TEST_SUITE_P(
    resource, prepared_text,
    testing::Values(
        prepared_case{prepare_resource, "\u265a", "\u265a"},
        prepared_case{prepare_resource, "\U0001f600", "\U0001f600"},
        prepared_case{prepare_resource, "\u039f\u03a3", "\u039f\u03a3"},  // case is kept
        prepared_case{prepare_resource, "\uff26\uff4f\uff4f", "\uff26\uff4f\uff4f"},  // and width
        prepared_case{prepare_resource, "henry\u2163", "henry\u2163"},
        prepared_case{prepare_resource, "a\u3000b\u00a0c", "a b c"},  // all spaces are one
        prepared_case{prepare_resource, "cafe\u0301", "caf\u00e9"},
        prepared_case{prepare_resource, "\u1112\u1161\u11ab", "\ud55c"},
        prepared_case{prepare_resource, " \u00e9", " \u00e9"},  // erratum 4560
        prepared_case{prepare_resource, "\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"}));

INSTANTIATE_TEST_SUITE_P(
    domain, prepared_text,
    testing::Values(
        prepared_case{prepare_domain, "B\u00dcCHER.example", "b\u00fccher.example"},
        prepared_case{prepare_domain, "bu\u0308cher.example.", "b\u00fccher.example"},
        prepared_case{prepare_domain, "xn--bcher-kva.example", "b\u00fccher.example"},
        prepared_case{prepare_domain, "a.XN--BCHER-KVA.Example.", "a.b\u00fccher.example"},
        prepared_case{prepare_domain, "fa\u00df.example", "fa\u00df.example"},
        prepared_case{prepare_domain, "\u03c0\u03b1\u03c2.gr", "\u03c0\u03b1\u03c2.gr"},
        prepared_case{prepare_domain, "\u4f8b\u3048\u3002\u30c6\u30b9\u30c8",
                      "\u4f8b\u3048.\u30c6\u30b9\u30c8"},
        prepared_case{prepare_domain, "\u4f8b\u3048.jp\u3002", "\u4f8b\u3048.jp"},
        prepared_case{prepare_domain, "\uff45\uff58\uff0e\uff4f\uff52\uff47", "ex.org"},
        prepared_case{prepare_domain, "\uff11\uff12\uff17.0.0.1", "127.0.0.1"},
        prepared_case{prepare_domain, "\u05d0\u05d1.example", "\u05d0\u05d1.example"},
        prepared_case{prepare_domain, "under_score.b\u00fccher", "under_score.b\u00fccher"}));

struct refused_case {
    preparation prepare;
    std::string text;
    const char* reason;  // with ICU
};

// Not the text: reports in XML can't hold all of it.
void PrintTo(const refused_case& row, std::ostream* out) {
    *out << row.reason;
}

class refused_text : public testing::TestWithParam<refused_case> {};

TEST_P(refused_text, is_refused_for_its_reason) {
    const auto& [prepare, text, reason] = GetParam();
    const auto explanation = explanation_of_refusal(prepare, text);
#ifdef XMPP_HAVE_ICU
    EXPECT_NE(explanation.find(reason), std::string::npos) << explanation;
#else
    EXPECT_NE(explanation.find("need a build with ICU"), std::string::npos) << explanation;
#endif
}

INSTANTIATE_TEST_SUITE_P(
    local_part, refused_text,
    testing::Values(refused_case{prepare_local, "henry\u2163", "U+2173, a variant"},
                    refused_case{prepare_local, "\u265a", "U+265A, a symbol"},
                    refused_case{prepare_local, "a\uff20b", "escaped"},  // fullwidth at sign
                    refused_case{prepare_local, "a\u3000b", "a space"},
                    refused_case{prepare_local, "a\u00a0b", "a variant"},
                    refused_case{prepare_local, "a\u00adb", "invisible"},
                    refused_case{prepare_local, "\u00ab", "punctuation"},
                    refused_case{prepare_local, "\u0378", "not assigned"},
                    refused_case{prepare_local, "\ue000", "private use"},
                    refused_case{prepare_local, "a\u0085", "control"},
                    refused_case{prepare_local, "\uffff", "not a character"},
                    refused_case{prepare_local, "\u1100", "Hangul"},
                    refused_case{prepare_local, "\u0640", "U+0640"},
                    refused_case{prepare_local, "\u2160", "U+2170"},
                    refused_case{prepare_local, "\U0001f600", "a symbol"},
                    refused_case{prepare_local, "a\u05d0", "directions"},
                    refused_case{prepare_local, "\u05d0a", "directions"},
                    refused_case{prepare_local, "1\u05d0", "directions"},
                    refused_case{prepare_local, "\u05d0-", "directions"},
                    refused_case{prepare_local, "\u0661", "directions"},
                    refused_case{prepare_local,
                                 "\u05d0"
                                 "1\u0661",
                                 "directions"},
                    refused_case{prepare_local, "\u0645\u0661\u06f1", "neighbours"},
                    refused_case{prepare_local, "l\u00b7a", "neighbours"},
                    refused_case{prepare_local, "\u0375a", "neighbours"},
                    refused_case{prepare_local, "\u03b1\u0375", "neighbours"},
                    refused_case{prepare_local, "a\u05f3", "neighbours"},
                    refused_case{prepare_local, "a\u30fb", "neighbours"},
                    refused_case{prepare_local, "a\u200cb", "neighbours"},
                    refused_case{prepare_local, "\u200d", "neighbours"},
                    refused_case{prepare_local, "\u0628\u200d\u0628", "neighbours"},
                    refused_case{prepare_local, "\xff", "UTF-8"},
                    refused_case{prepare_local, "\xc0\xaf", "UTF-8"}));

INSTANTIATE_TEST_SUITE_P(
    resource, refused_text,
    testing::Values(refused_case{prepare_resource, "\U0001f469\u200d\U0001f4bb", "neighbours"},
                    refused_case{prepare_resource, "\u2764\ufe0f", "U+FE0F, an invisible"},
                    refused_case{prepare_resource, "\u202eevil", "U+202E, an invisible"},
                    refused_case{prepare_resource, "\u0085", "control"},
                    refused_case{prepare_resource, "\ue000", "private use"},
                    refused_case{prepare_resource, "\u0378", "not assigned"},
                    refused_case{prepare_resource, "\u1161", "Hangul"},
                    refused_case{prepare_resource, "\u2028", "formatting"},
                    refused_case{prepare_resource, "\xed\xa0\x80", "UTF-8"},  // a surrogate
                    refused_case{prepare_resource, "\xf4\x90\x80\x80", "UTF-8"},
                    refused_case{prepare_resource, "caf\xc3", "UTF-8"}));

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

INSTANTIATE_TEST_SUITE_P(
    domain, refused_text,
    testing::Values(refused_case{prepare_domain, "\u265a.example", "U+265A, a symbol"},
                    refused_case{prepare_domain, "\u2764.example", "a symbol"},
                    refused_case{prepare_domain, "xn--45h.example", "a symbol"},
                    refused_case{prepare_domain, "xn--abc-.example", "xn--"},
                    refused_case{prepare_domain, "xn--.example", "xn--"},
                    refused_case{prepare_domain, "xn---0k6b", "xn--"},  // not the shortest form
                    refused_case{prepare_domain, "xn--a-\xc3\xa4.example", "xn--"},
                    refused_case{prepare_domain, "-b\u00fccher.example", "hyphen"},
                    refused_case{prepare_domain, "b\u00fccher-.example", "hyphen"},
                    refused_case{prepare_domain, "b\u00fc--cher.example", "hyphen"},
                    refused_case{prepare_domain, "\u0301a.example", "combining"},
                    refused_case{prepare_domain, "a..b\u00fccher", "between two dots"},
                    refused_case{prepare_domain, "b\u00fccher..", "between two dots"},
                    refused_case{prepare_domain, "b\u00fc cher", "letters, digits"},
                    refused_case{prepare_domain, "b\u00fc/cher", "letters, digits"},
                    refused_case{prepare_domain, "\u05d0\u05d1.1a", "directions"},
                    refused_case{prepare_domain, "a\u200cb.example", "neighbours"},
                    refused_case{prepare_domain, "\u3002", "between two dots"},
                    refused_case{prepare_domain, "\uff12\uff15\uff16.0.0.1", "IPv4"},
                    refused_case{prepare_domain, repeated("\u00fc", 60), "63 bytes"},
                    refused_case{prepare_domain, repeated("b\u00fccher.", 40) + "de", "253 bytes"},
                    refused_case{prepare_domain, "b\xfc.example", "UTF-8"}));

#ifdef XMPP_HAVE_ICU

TEST(address_preparation, counts_bytes_after_the_mapping) {
    const auto composed = repeated("\u00e9", 511);
    EXPECT_EQ(prepare_local(repeated("e\u0301", 511)), composed);  // 1533 bytes before
    EXPECT_EQ(prepare_resource(repeated("e\u0301", 511)), composed);
    for (const auto prepare : {prepare_local, prepare_resource}) {
        EXPECT_NE(explanation_of_refusal(prepare, repeated("\u00e9", 512)).find("1024 bytes"),
                  std::string::npos);
        EXPECT_NE(explanation_of_refusal(prepare, repeated("\u00e9", 100'000)).find("200000 bytes"),
                  std::string::npos);
    }
}

TEST(address_preparation, takes_names_of_both_directions_as_data) {
    const auto nick = "\u05d0\u05d1 (abc) \u0645 1";
    EXPECT_EQ(jid("room@muc.example").with_resource(nick).resource(), nick);
    EXPECT_NE(jid("a@b/p\u0430ypal"), jid("a@b/paypal")) << "look-alikes stay two names";
}

TEST(address_preparation, finds_the_equal_among_differently_written_addresses) {
    EXPECT_EQ(jid("J\u00dcRGEN@B\u00dcCHER.example/\u00e9"),
              jid("ju\u0308rgen@xn--bcher-kva.EXAMPLE./e\u0301"));
}

#endif

}  // namespace
}  // namespace xmpp::detail
