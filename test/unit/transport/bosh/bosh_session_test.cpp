#include <xmpp/bosh_session.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

#ifdef XMPP_HAVE_ICU
constexpr auto strange_user = "j\xC3\xBCliet@example.org/a & b=c";
#else
constexpr auto strange_user = "juliet@example.org/a & b=c";
#endif

bosh_session strange() {
    bosh_session session(strange_user, "s/1+%", (std::uint64_t{1} << 53) - 1);
    session.service = "https://example.org:5281/http-bind?x=1&y=2";
    session.wait = std::chrono::seconds(30);
    session.hold = 2;
    session.requests = 3;
    session.inactivity = std::chrono::seconds(90);
    session.polling = std::chrono::seconds(2);
    session.max_pause = std::chrono::seconds(120);
    return session;
}

TEST(bosh_session_text, says_everything) {
    const auto session = strange();
    const auto text = session.str();
    for (const char c : text) EXPECT_TRUE(c > ' ' && c < 0x7F) << text;
    const auto read = bosh_session::parse(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->user, session.user);
    EXPECT_EQ(read->service, session.service);
    EXPECT_EQ(read->sid, session.sid);
    EXPECT_EQ(read->rid, session.rid);
    EXPECT_EQ(read->wait, session.wait);
    EXPECT_EQ(read->hold, session.hold);
    EXPECT_EQ(read->requests, session.requests);
    EXPECT_EQ(read->inactivity, session.inactivity);
    EXPECT_EQ(read->polling, session.polling);
    EXPECT_EQ(read->max_pause, session.max_pause);
}

TEST(bosh_session_text, cut_anywhere_is_refused_or_is_less) {
    const auto text = strange().str();
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto read = bosh_session::parse(std::string_view(text).substr(0, length));
        if (!read) continue;
        EXPECT_LE(read->str().size(), text.size()) << length;
    }
    EXPECT_FALSE(bosh_session::parse(text.substr(0, text.find("&rid"))));
}

TEST(bosh_session_text, of_another_make_is_refused) {
    const std::string good = "bosh-session=1&user=a%40b%2Fc&sid=s&rid=7";
    ASSERT_TRUE(bosh_session::parse(good));
    for (const std::string wrong :
         {"", "bosh-session=2&user=a%40b%2Fc&sid=s&rid=7", "user=a%40b%2Fc&sid=s&rid=7",
          "bosh-session=1", "bosh-session=1&user=a%40b%2Fc&sid=s",
          "bosh-session=1&user=a%40b%2Fc&rid=7", "bosh-session=1&sid=s&rid=7"}) {
        EXPECT_FALSE(bosh_session::parse(wrong)) << wrong;
    }
    for (const std::string tail :
         {"&", "&x=1", "&wait", "&wait=", "&wait=-1", "&wait=1.5", "&wait=99999999999",
          "&rid=9007199254740992", "&rid=18446744073709551616", "&hold=256", "&user=%40", "&sid=%",
          "&sid=%4", "&sid=%zz", "&sid=a b", "&sid=%-1", " "}) {
        EXPECT_FALSE(bosh_session::parse(good + tail)) << tail;
    }
}

}  // namespace
}  // namespace xmpp::test
