#include "session/kept_sessions.hpp"

#include "support/listed_store.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using detail::kept_sessions;

class kept_sessions_test : public ::testing::Test {
 protected:
    static bosh_session session(const std::string& user, std::uint64_t rid) {
        return bosh_session(jid(user), "s", rid);
    }
    std::string found(const jid& who) const {
        const auto session = kept.find(who);
        return session ? session->user.str() : "";
    }

    std::shared_ptr<session_store> store = make_memory_store();
    kept_sessions kept{*store};
};

TEST_F(kept_sessions_test, finds_an_account_by_its_address_whatever_the_resource) {
    kept.keep(session("juliet@example.org/a", 1), true);
    kept.keep(session("romeo@example.org/b", 1), true);
    EXPECT_EQ(found("juliet@example.org"), "juliet@example.org/a");
    EXPECT_EQ(found("juliet@example.org/z"), "juliet@example.org/a");
    EXPECT_EQ(found("tybalt@example.org"), "");
}

TEST_F(kept_sessions_test, finds_the_last_account_of_all_and_of_a_domain) {
    EXPECT_EQ(found(jid()), "");
    kept.keep(session("x@anonymous.example.org/a", 1), true);
    kept.keep(session("juliet@example.org/a", 1), true);
    kept.keep(session("x@anonymous.example.org/a", 2), false);  // not begun again
    EXPECT_EQ(found(jid()), "juliet@example.org/a");
    EXPECT_EQ(found("anonymous.example.org"), "x@anonymous.example.org/a");
    EXPECT_EQ(kept.find("anonymous.example.org")->rid, 2U);
}

TEST_F(kept_sessions_test, finds_an_account_that_the_server_spells_in_another_way) {
    if (!jid::parse("stra\u00DFe@example.org")) GTEST_SKIP() << "addresses are ASCII in this build";
    kept.keep(session("strasse@example.org/a", 1), true);
    EXPECT_EQ(found("stra\u00DFe@example.org"), "strasse@example.org/a");
    EXPECT_EQ(found("stra\u00DFen@example.org"), "");
}

TEST_F(kept_sessions_test, forgets_an_account) {
    kept.keep(session("juliet@example.org/a", 1), true);
    kept.forget("juliet@example.org");
    EXPECT_EQ(found("juliet@example.org"), "");
    EXPECT_EQ(found(jid()), "");
    EXPECT_EQ(found("example.org"), "");
}

TEST_F(kept_sessions_test, forgets_the_name_of_an_account_too) {
    const auto all = std::make_shared<listed_store>();
    kept_sessions in_list(*all);
    in_list.keep(session("romeo@example.org/a", 1), true);
    in_list.keep(session("juliet@example.org/a", 1), true);
    in_list.forget("romeo@example.org/a");
    EXPECT_EQ(in_list.find(jid())->user, jid("juliet@example.org/a"))
        << "the other is the last one still";
    in_list.forget("juliet@example.org");
    EXPECT_EQ(all->keys(), std::vector<std::string>());
}

TEST_F(kept_sessions_test, does_not_trust_what_it_can_not_read) {
    kept.keep(session("juliet@example.org/a", 1), true);
    store->replace("bosh:juliet@example.org", "something else");
    EXPECT_EQ(found("juliet@example.org"), "");
}

}  // namespace
}  // namespace xmpp::test
