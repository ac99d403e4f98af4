// Who is primary and who owes a reply, without a socket.
#include "broker/request_ledger.hpp"
#include "broker/role_table.hpp"
#include "broker/stanza_id.hpp"

#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using detail::request_ledger;
using detail::role_table;

constexpr clock::time_point start{24h};

TEST(role_table, the_first_is_primary_and_the_freshest_of_the_others_follows) {
    role_table roles;
    EXPECT_FALSE(roles.primary());
    roles.join(1, start);
    roles.join(2, start);
    roles.join(3, start);
    roles.seen(2, start + 2s);
    roles.seen(3, start + 1s);
    EXPECT_EQ(roles.primary(), 1u);
    roles.leave(1);
    EXPECT_EQ(roles.primary(), 2u);
    roles.leave(2);
    roles.leave(3);
    EXPECT_FALSE(roles.primary());
}

TEST(role_table, the_role_is_passed_on_only_to_who_was_heard_of) {
    role_table roles;
    roles.join(1, start);
    EXPECT_FALSE(roles.pass_on()) << "the only one keeps it";
    roles.join(2, start);
    EXPECT_FALSE(roles.pass_on(start + 1s));
    EXPECT_EQ(roles.primary(), 1u);
    roles.seen(2, start + 2s);
    EXPECT_TRUE(roles.pass_on(start + 1s));
    EXPECT_EQ(roles.primary(), 2u);
}

TEST(request_ledger, requests_with_the_same_id_are_told_apart) {
    request_ledger ledger;
    const auto first = ledger.sent(1, "a");
    const auto second = ledger.sent(2, "a");
    EXPECT_NE(first, second);
    const auto origin = ledger.answered(second);
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->who, 2u);
    EXPECT_EQ(origin->id, "a");
    EXPECT_FALSE(ledger.answered(second)) << "once";
    ledger.forget(1);
    EXPECT_FALSE(ledger.answered(first));
}

TEST(request_ledger, a_program_that_sends_too_many_pushes_out_its_own) {
    request_ledger ledger;
    const auto quiet = ledger.sent(1, "a");
    const auto oldest = ledger.sent(2, "b");
    for (std::size_t i = 0; i < request_ledger::most; ++i) ledger.sent(2, "c");
    EXPECT_FALSE(ledger.answered(oldest));
    EXPECT_TRUE(ledger.answered(quiet));
}

TEST(request_ledger, only_who_owes_a_reply_may_give_it_and_once) {
    request_ledger ledger;
    ASSERT_TRUE(ledger.owe(1, stanza::parse("<iq type='get' from='a@b/c' id='7'/>")));
    const auto reply = stanza::parse("<iq type='result' to='a@b/c' id='7'/>");
    EXPECT_FALSE(ledger.settle(2, reply));
    EXPECT_FALSE(ledger.settle(1, stanza::parse("<iq type='result' to='x@b/c' id='7'/>")));
    EXPECT_TRUE(ledger.settle(1, reply));
    EXPECT_FALSE(ledger.settle(1, reply));
}

TEST(request_ledger,
     takes_a_reply_for_the_request_of_the_same_sender_whatever_its_address_is_like) {
    request_ledger ledger;
    for (const auto* from : {"room@conf/a\u00B7b", "@@", "A@B/c"}) {
        const auto of = [&](const char* attribute, const char* address) {
            return stanza::parse("<iq id='7' type='get' " + std::string(attribute) + "='" +
                                 address + "'/>");
        };
        ASSERT_TRUE(ledger.owe(1, of("from", from)));
        EXPECT_FALSE(ledger.settle(1, stanza::parse("<iq id='7' type='result'/>"))) << from;
        EXPECT_FALSE(ledger.settle(1, of("to", "//"))) << from;
        EXPECT_FALSE(ledger.settle(1, of("to", "room@conf/b\u00B7b"))) << from;
        EXPECT_TRUE(ledger.settle(1, of("to", from))) << from;
    }
    ASSERT_TRUE(ledger.owe(1, stanza::parse("<iq id='8' type='get' from='A@B/c'/>")));
    EXPECT_TRUE(ledger.settle(1, stanza::parse("<iq id='8' type='result' to='a@b/c'/>")));
}

TEST(request_ledger, gives_back_what_a_program_owes_in_order) {
    request_ledger ledger;
    ledger.owe(1, stanza::parse("<iq id='1'/>"));
    ledger.owe(2, stanza::parse("<iq id='2'/>"));
    ledger.owe(1, stanza::parse("<iq id='3'/>"));
    EXPECT_TRUE(ledger.owes(1));
    const auto open = ledger.take_back(1);
    ASSERT_EQ(open.size(), 2u);
    EXPECT_EQ(open[0].id(), "1");
    EXPECT_EQ(open[1].id(), "3");
    EXPECT_FALSE(ledger.owes(1));
    EXPECT_TRUE(ledger.owes(2));
}

TEST(request_ledger, bounds_what_is_owed_in_bytes) {
    request_ledger ledger;
    const auto large = stanza::parse("<iq id='1'><x>" + std::string(500'000, 'x') + "</x></iq>");
    std::size_t owed = 0;
    while (owed < 100 && ledger.owe(1, large)) ++owed;
    EXPECT_EQ(owed, request_ledger::most_owed_bytes / 500'000);
    EXPECT_FALSE(ledger.owe(2, large)) << "it is one bound for all";
    EXPECT_TRUE(ledger.settle(1, stanza::parse("<iq id='1'/>")));
    EXPECT_TRUE(ledger.owe(2, large));
    EXPECT_EQ(ledger.take_back(1).size(), owed - 1);
    EXPECT_TRUE(ledger.owe(2, large));
}

TEST(request_ledger, bounds_the_ids_of_what_a_program_sends_in_bytes) {
    request_ledger ledger;
    const std::string id(64 * 1024, 'i');
    const auto quiet = ledger.sent(1, id);
    const auto oldest = ledger.sent(2, id);
    for (std::size_t bytes = 0; bytes < request_ledger::most_id_bytes; bytes += id.size()) {
        ledger.sent(2, id);
    }
    EXPECT_FALSE(ledger.answered(oldest));
    EXPECT_TRUE(ledger.answered(quiet));
}

TEST(request_ledger, gives_a_request_back_as_it_was) {
    request_ledger ledger;
    const auto request = stanza::parse(
        "<iq xmlns='jabber:client' from='a@b/c' id='7'><x xmlns='urn:x' a='&lt;'>&amp;</x></iq>");
    ledger.owe(1, request);
    const auto open = ledger.take_back(1);
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open[0]->to_xml(), request->to_xml());
}

TEST(with_id, replaces_the_id_or_adds_one) {
    EXPECT_EQ(detail::with_id("<iq type='get' id='a&amp;b'/>", "x"), "<iq type='get' id='x'/>");
    EXPECT_EQ(detail::with_id("<iq/>", "'<"), "<iq id='&apos;&lt;'/>");
    EXPECT_EQ(detail::with_id("<iq xml:id='1'><a id='2'/></iq>", "x"),
              "<iq id='x' xml:id='1'><a id='2'/></iq>");
}

}  // namespace
}  // namespace xmpp::test
