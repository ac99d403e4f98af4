// What holds for every text, tried on many drawn at random, the same in each run.
#include <xmpp/jid.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace xmpp {
namespace {

struct range {
    char32_t first;
    char32_t last;
};

/// Where the rules have something to say, and all of Unicode.
constexpr std::array ranges{
    range{0x21, 0x7E},     range{0x61, 0x7A},     range{0xA0, 0x24F},      range{0x300, 0x36F},
    range{0x370, 0x3FF},   range{0x591, 0x5F4},   range{0x600, 0x6FF},     range{0x900, 0x97F},
    range{0x1100, 0x11FF}, range{0x13A0, 0x13FF}, range{0x1E00, 0x1FFF},   range{0x2000, 0x214F},
    range{0x3000, 0x30FF}, range{0xAB70, 0xABBF}, range{0xAC00, 0xAC40},   range{0xFF00, 0xFFEF},
    range{0x4E00, 0x4E40}, range{0xE0, 0xFF},     range{0x1F300, 0x1F64F}, range{0x80, 0x10FFFF},
};

void append_utf8(std::string& to, char32_t c) {
    const auto tail = [&](int shift) { to += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
        to += static_cast<char>(c);
    } else if (c < 0x800) {
        to += static_cast<char>(0xC0 | (c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        to += static_cast<char>(0xE0 | (c >> 12));
        tail(6);
        tail(0);
    } else {
        to += static_cast<char>(0xF0 | (c >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

class texts {
 public:
    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    /// Mostly of one script, as names are; surrogates may occur.
    std::string next(std::size_t max_length) {
        std::string text;
        const auto usual = ranges[below(ranges.size())];
        for (auto left = 1 + below(max_length); left > 0; --left) {
            const auto [first, last] = below(4) == 0 ? ranges[below(ranges.size())] : usual;
            append_utf8(text, first + static_cast<char32_t>(below(last - first + 1)));
        }
        return text;
    }

    std::string bytes(std::size_t max_length) {
        std::string text(below(max_length + 1), '\0');
        for (char& c : text) c = static_cast<char>(below(256));
        return text;
    }

 private:
    std::mt19937 random_{7622};
};

void expect_stable(const jid& address) {
    const auto again = jid::parse(address.str());
    ASSERT_TRUE(again) << address.str();
    EXPECT_EQ(again->str(), address.str());
    EXPECT_EQ(again->local(), address.local());
    EXPECT_EQ(again->domain(), address.domain());
    EXPECT_EQ(again->resource(), address.resource());
}

constexpr int rounds = 4'000;

/// How many of them a part must accept at least for the test to mean something.
#ifdef XMPP_HAVE_ICU
constexpr int enough = 100;
#else
constexpr int enough = 20;  // only those that happen to be ASCII
#endif

TEST(every_jid, is_stable_in_its_normal_form) {
    texts random;
    std::array<int, 3> accepted{};
    for (int i = 0; i < rounds; ++i) {
        const auto part = random.below(3);
        const auto text = random.next(6);
        const auto address = jid::parse(part == 0   ? text + "@b/c"
                                        : part == 1 ? "a@" + text + "/c"
                                                    : "a@b/" + text);
        if (!address) continue;
        ++accepted[part];
        expect_stable(*address);
    }
    for (const int count : accepted) EXPECT_GT(count, enough) << "the texts are no test";
}

TEST(every_jid, is_stable_when_its_domain_has_a_labels) {
    texts random;
    for (int i = 0; i < rounds; ++i) {
        std::string label = "xn--";
        for (auto left = 1 + random.below(8); left > 0; --left) {
            label += "abcdefghijklmnopqrstuvwxyz0123456789-"[random.below(37)];
        }
        if (const auto address = jid::parse(label + ".example")) expect_stable(*address);
    }
}

TEST(every_jid, comes_from_parse_or_nothing_does_but_no_exception) {
    texts random;
    for (int i = 0; i < rounds; ++i) {
        const auto text = random.bytes(24);
        std::optional<jid> address;
        EXPECT_NO_THROW(address = jid::parse(text));
        if (address) expect_stable(*address);
    }
}

TEST(every_jid, survives_broken_and_changed_utf8) {
    texts random;
    for (int i = 0; i < rounds; ++i) {
        auto text = random.next(4) + "@" + random.next(4) + "/" + random.next(4);
        text[random.below(text.size())] = static_cast<char>(random.below(256));
        std::optional<jid> address;
        EXPECT_NO_THROW(address = jid::parse(text));
        if (address) expect_stable(*address);
    }
}

TEST(every_escaped_text, comes_back_when_unescaped) {
    constexpr std::string_view alphabet = " \"&'/:<>@\\\\\\0123456789abcdefx";
    texts random;
    for (int i = 0; i < rounds; ++i) {
        std::string text;
        for (auto left = random.below(12); left > 0; --left) {
            text += alphabet[random.below(alphabet.size())];
        }
        if (text.starts_with(' ') || text.ends_with(' ')) continue;
        const auto escaped = escape_local(text);
        EXPECT_EQ(unescape_local(escaped), text);
        if (!text.empty()) {
            EXPECT_TRUE(jid::parse(escaped + "@example.com")) << escaped;
        }
    }
}

}  // namespace
}  // namespace xmpp
