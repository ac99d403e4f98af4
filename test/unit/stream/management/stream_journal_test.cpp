#include "stream/management/stream_journal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <string>

namespace xmpp::test {
namespace {

using detail::outgoing_stanza;
using detail::stream_journal;
using detail::stream_state;

const jid juliet("juliet@example.org");
const auto time_of_acceptance =
    std::chrono::system_clock::time_point(std::chrono::seconds(1000000000));
constexpr const char* key = "stream:juliet@example.org";

stream_state state() {
    stream_state of_a_stream;
    of_a_stream.user = juliet.with_resource("balcony");
    of_a_stream.id = "one";
    of_a_stream.location = "[2001:db8::1]:9222";
    of_a_stream.acknowledged = 4294967295U;
    of_a_stream.handled = 7;
    return of_a_stream;
}

outgoing_stanza message(std::string_view xml) {
    return {stanza_kind::message, xml, time_of_acceptance};
}

class journal : public ::testing::Test {
 protected:
    journal() {
        detail::unacked_stanzas unacked;
        unacked.push(message("<message id='1'/>"));
        unacked.push({stanza_kind::presence, "<presence/>", time_of_acceptance, true});
        under_test.begin(state(), unacked, {});
    }

    /// The ids of stanzas that are no gaps.
    static std::string ids_of(const detail::unacked_stanzas& unacked) {
        std::string ids;
        unacked.for_each([&ids](const outgoing_stanza& each) {
            if (each.kind == stanza_kind::other) return;
            const auto parsed = stanza::parse(each.xml);
            ids.append(parsed.id().empty() ? parsed->name() : parsed.id()) += ' ';
        });
        return ids;
    }

    std::shared_ptr<session_store> store = make_memory_store();
    stream_journal under_test{store, juliet};
};

TEST_F(journal, gives_back_what_it_was_given) {
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state.user, state().user);
    EXPECT_EQ(kept->state.id, "one");
    EXPECT_EQ(kept->state.location, state().location);
    EXPECT_EQ(kept->state.acknowledged, 4294967295U);
    EXPECT_EQ(kept->state.handled, 7u);
    ASSERT_EQ(kept->unacked.size(), 2u);
    EXPECT_EQ(kept->unacked.at(0).xml, "<message id='1'/>");
    EXPECT_EQ(kept->unacked.at(0).kind, stanza_kind::message);
    EXPECT_EQ(kept->unacked.at(0).accepted, time_of_acceptance);
    EXPECT_FALSE(kept->unacked.at(0).doubtful);
    EXPECT_EQ(kept->unacked.at(1).kind, stanza_kind::presence);
    EXPECT_TRUE(kept->unacked.at(1).doubtful);
}

TEST_F(journal, gives_back_its_changes) {
    under_test.sent(message("<message id='3'/>"));
    under_test.acknowledged(1);  // two more, over the edge of 32 bits
    under_test.handled(9);
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->unacked.size(), 1u);
    EXPECT_EQ(kept->unacked.front().xml, "<message id='3'/>");
    EXPECT_EQ(kept->state.acknowledged, 1u);
    EXPECT_EQ(kept->state.handled, 9u);
}

TEST_F(journal, keeps_stanzas_without_a_stream) {
    detail::unacked_stanzas unacked;
    under_test.begin({}, unacked, {});
    EXPECT_FALSE(stream_journal(store, juliet).load()) << "nothing is to be kept yet";
    under_test.sent(message("<message id='1'/>"));
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state.id, "");
    ASSERT_EQ(kept->unacked.size(), 1u);
    EXPECT_EQ(kept->unacked.front().xml, "<message id='1'/>");
}

TEST_F(journal, of_a_stream_that_was_closed_is_empty) {
    under_test.end();
    EXPECT_FALSE(stream_journal(store, juliet).load());
    under_test.handled(1);
    EXPECT_TRUE(store->load(key).empty()) << "nothing follows the end";
}

TEST_F(journal, of_another_account_is_not_taken) {
    EXPECT_FALSE(stream_journal(store, jid("romeo@example.org")).load());
    const auto whole = store->load(key).front();
    store->replace("stream:romeo@example.org", whole);
    EXPECT_FALSE(stream_journal(store, jid("romeo@example.org")).load());
}

TEST_F(journal, cut_anywhere_is_refused_or_is_less) {
    const auto whole = store->load(key).front();
    const auto first = whole.find("<message");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        store->replace(key, std::string_view(whole).substr(0, length));
        stream_journal cut(store, juliet);
        const auto kept = cut.load();
        if (!kept) continue;
        EXPECT_TRUE(cut.left_out() == 0 || kept->state.id.empty()) << "the count is lost";
        EXPECT_LE(kept->unacked.size(), length > first ? 1u : 0u) << length;
    }
}

TEST_F(journal, with_a_wrong_change_leaves_that_out_and_uses_the_rest) {
    const auto whole = store->load(key).front();
    const std::string wrong[] = {
        "",     "x",  "s", "a", "h", std::string("a\0\0\0\7", 5), std::string("h\0\0\0\1\0", 6),
        "sm\0", whole};
    for (const auto& change : wrong) {
        store->replace(key, whole);
        under_test.sent(message("<message id='3'/>"));
        store->append(key, change);
        under_test.sent(message("<message id='4'/>"));
        stream_journal damaged(store, juliet);
        const auto kept = damaged.load();
        EXPECT_EQ(damaged.left_out(), 1u) << change;
        ASSERT_TRUE(kept) << change;
        EXPECT_EQ(kept->state.id, "one") << change;
        EXPECT_EQ(ids_of(kept->unacked), "1 presence 3 4 ") << change;
    }
}

/// The server counts it, whatever has become of it here.
TEST_F(journal, counts_a_stanza_that_it_can_not_read) {
    under_test.sent(message("<message id='3'/>"));
    under_test.sent(message("<message id='4'>&nope;</message>"));
    under_test.sent(message("<message id='5'/>"));
    stream_journal damaged(store, juliet);
    const auto kept = damaged.load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(damaged.left_out(), 1u);
    ASSERT_EQ(kept->unacked.size(), 5u);
    EXPECT_EQ(kept->unacked.at(3).kind, stanza_kind::other);
    EXPECT_EQ(kept->unacked.at(3).xml, "");
    EXPECT_EQ(kept->unacked.at(4).xml, "<message id='5'/>");
}

TEST_F(journal, resumes_nothing_by_a_name_that_can_not_be_sent) {
    auto damaged = state();
    damaged.id = "on\x11";
    detail::unacked_stanzas unacked;
    unacked.push(message("<message id='1'/>"));
    under_test.begin(damaged, unacked, {});
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state.id, "");
    EXPECT_EQ(ids_of(kept->unacked), "1 ");
}

TEST_F(journal, of_no_stream_has_no_gaps) {
    detail::unacked_stanzas unacked;
    under_test.begin({}, unacked, {});
    under_test.sent(message("what is this"));
    under_test.sent(message("<message id='1'/>"));
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(ids_of(kept->unacked), "1 ");
    EXPECT_EQ(kept->unacked.size(), 1u);
}

/// Among stanzas of which it is not known how many they were, nothing that was acknowledged later
/// can be told.
TEST_F(journal, forgets_nothing_on_an_acknowledgement_behind_a_loss) {
    const auto whole = store->load(key).front();
    store->replace(key, std::string_view(whole).substr(0, whole.size() - 1));
    under_test.sent(message("<message id='3'/>"));
    under_test.acknowledged(1);  // two of those before
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state.id, "");
    EXPECT_EQ(ids_of(kept->unacked), "3 ");
}

TEST_F(journal, keeps_what_is_suspected) {
    detail::unacked_stanzas unacked;
    unacked.push(message("<message id='1'/>"));
    unacked.suspect_first();
    unacked.push(message("<message id='2'/>"));
    under_test.begin(state(), unacked, {});
    const auto kept = stream_journal(store, juliet).load();
    ASSERT_TRUE(kept);
    EXPECT_TRUE(kept->unacked.at(0).suspected);
    EXPECT_FALSE(kept->unacked.at(0).doubtful);
    EXPECT_FALSE(kept->unacked.at(1).suspected);
}

TEST_F(journal, gives_back_a_stanza_of_any_size_and_shape) {
    std::string attributes;
    for (int i = 0; i < 1000; ++i) attributes += fmt::format(" a{}='1'", i);
    std::string deep;
    for (int i = 0; i < 500; ++i) deep.insert(0, "<x>").append("</x>");
    const std::string shapes[] = {
        "<message><body>" + std::string(3u << 20, 'x') + "</body></message>",
        "<message" + attributes + "/>", "<message>" + deep + "</message>",
        "<message><!-- x --></message>", "<c:message xmlns:c='jabber:client'/>"};
    for (const auto& shape : shapes) under_test.sent(message(shape));
    stream_journal again(store, juliet);
    const auto kept = again.load();
    ASSERT_TRUE(kept);
    EXPECT_EQ(again.left_out(), 0u);
    ASSERT_EQ(kept->unacked.size(), 2 + std::size(shapes));
    for (std::size_t i = 0; i < std::size(shapes); ++i) {
        EXPECT_TRUE(kept->unacked.at(i + 2).xml == shapes[i]) << i;
    }
}

TEST_F(journal, of_another_version_is_refused) {
    auto whole = store->load(key).front();
    whole.replace(whole.find('1'), 1, "2");
    store->replace(key, whole);
    EXPECT_FALSE(stream_journal(store, juliet).load());
}

TEST_F(journal, tells_when_it_is_worth_a_new_beginning) {
    const detail::unacked_stanzas none;
    for (std::uint32_t i = 0; i < 1000; ++i) under_test.handled(i);
    EXPECT_FALSE(under_test.is_long(none));
    under_test.handled(1000);
    EXPECT_TRUE(under_test.is_long(none));
    under_test.begin(state(), none, {});
    EXPECT_FALSE(under_test.is_long(none));
}

}  // namespace
}  // namespace xmpp::test
