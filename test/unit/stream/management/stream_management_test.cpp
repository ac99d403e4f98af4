#include "stream/management/stream_management.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace xmpp::test {
namespace {

using detail::stream_management;

const auto some_time = std::chrono::system_clock::time_point(std::chrono::hours(1));

void keep(stream_management& counters, std::string_view xml = "<message/>") {
    counters.keep({stanza_kind::message, xml, some_time});
    counters.handed_over_but(0);
}

stanza enabled(std::string_view attributes) {
    return stanza::parse(fmt::format("<enabled xmlns='{}' {}/>", ns::sm, attributes));
}

stanza answer(std::string_view name, std::string_view attributes) {
    return stanza::parse(fmt::format("<{} xmlns='{}' {}/>", name, ns::sm, attributes));
}

/// With a stream that can be resumed.
class counters : public ::testing::Test {
 protected:
    counters() {
        under_test.enable_sent();
        const auto yes = enabled("id='one' resume='true'");
        under_test.enabled(yes.root(), "juliet@example.org/balcony");
    }
    std::error_code code_of(std::string_view h) {
        try {
            under_test.acknowledge(h);
        } catch (const error& thrown) {
            return thrown.code();
        }
        return {};
    }
    void acknowledge(std::string_view h) {
        for (auto count = under_test.acknowledge(h); count > 0; --count) under_test.pop();
    }

    stream_management under_test;
};

TEST_F(counters, take_off_what_was_acknowledged) {
    for (int i = 0; i < 3; ++i) keep(under_test);
    EXPECT_EQ(under_test.acknowledge("2"), 2u);
    under_test.pop();
    under_test.pop();
    EXPECT_EQ(under_test.unacked().first(), 3u);
    EXPECT_EQ(under_test.acknowledge("2"), 0u) << "twice is no more";
    EXPECT_EQ(under_test.acknowledge("3"), 1u);
}

/// To 2^32 - 2, as a program comes there in a year of 136 stanzas a second.
TEST_F(counters, go_on_beyond_32_bits) {
    detail::stream_state state;
    state.user = "juliet@example.org/balcony";
    state.id = "one";
    state.acknowledged = std::numeric_limits<std::uint32_t>::max() - 1;
    state.handled = std::numeric_limits<std::uint32_t>::max();
    under_test.restore(state, {});
    for (int i = 0; i < 4; ++i) keep(under_test);
    const auto yes = answer("resumed", "previd='one' h='4294967295'");
    EXPECT_EQ(under_test.resumed(yes.root()), 1u);
    under_test.pop();
    EXPECT_EQ(under_test.acknowledge("0"), 1u);
    under_test.pop();
    EXPECT_EQ(under_test.acknowledge("2"), 2u);
    under_test.received();
    EXPECT_EQ(under_test.answer().to_xml(), "<a xmlns='urn:xmpp:sm:3' h='0'/>");
}

TEST_F(counters, can_not_be_beyond_what_was_sent) {
    keep(under_test);
    EXPECT_EQ(code_of("2"), errc::handled_count_too_high);
    EXPECT_EQ(code_of("2147483647"), errc::handled_count_too_high);
}

TEST_F(counters, can_not_be_beyond_what_was_handed_to_the_transport) {
    for (int i = 0; i < 5; ++i) keep(under_test);
    under_test.handed_over_but(3);
    EXPECT_EQ(code_of("3"), errc::handled_count_too_high);
    EXPECT_EQ(under_test.acknowledge("2"), 2u);
    under_test.pop();
    under_test.pop();
    under_test.link_lost();
    const auto beyond = answer("resumed", "previd='one' h='3'");
    EXPECT_THROW(under_test.resumed(beyond.root()), detail::wrong_handled_count);
    const auto refused = answer("failed", "h='3'");
    EXPECT_THROW(under_test.resume_refused(refused.root()), detail::wrong_handled_count);
    const auto exact = answer("resumed", "previd='one' h='2'");
    EXPECT_EQ(under_test.resumed(exact.root()), 0u);
}

TEST_F(counters, can_not_go_backwards) {
    keep(under_test);
    acknowledge("1");
    EXPECT_EQ(code_of("0"), errc::handled_count_backwards);
    EXPECT_EQ(code_of("4294967295"), errc::handled_count_backwards);
}

TEST_F(counters, are_numbers) {
    for (const char* h : {"", "-1", "abc", "4294967296", "+5", " 5", "5 ", "0x1", "1.0"}) {
        EXPECT_EQ(code_of(h), stream_condition::bad_format) << h;
    }
}

TEST_F(counters, of_what_came_begin_at_enabled) {
    stream_management fresh;
    fresh.received();
    fresh.enable_sent();
    fresh.received();
    const auto yes = enabled("");
    fresh.enabled(yes.root(), "a@b/c");
    fresh.received();
    EXPECT_EQ(fresh.state().handled, 1u);
}

TEST_F(counters, survive_the_link_and_not_the_stream) {
    under_test.received();
    keep(under_test);
    under_test.link_lost();
    EXPECT_FALSE(under_test.active());
    EXPECT_TRUE(under_test.resumable());
    under_test.received();
    EXPECT_EQ(under_test.resume().to_xml(), "<resume xmlns='urn:xmpp:sm:3' h='1' previd='one'/>");
    under_test.forget_stream();
    EXPECT_FALSE(under_test.resumable());
    EXPECT_EQ(under_test.unacked().size(), 1u) << "which may be sent over another";
}

TEST_F(counters, a_refused_resumption_may_tell_what_has_arrived) {
    for (int i = 0; i < 3; ++i) keep(under_test);
    under_test.link_lost();
    const auto no = answer("failed", "h='2'");
    EXPECT_EQ(under_test.resume_refused(no.root()), 2u);
}

TEST_F(counters, a_refused_resumption_may_tell_nothing) {
    keep(under_test);
    under_test.link_lost();
    const auto no = answer("failed", "");
    EXPECT_FALSE(under_test.resume_refused(no.root()));
}

TEST_F(counters, ask_once_in_so_many_stanzas) {
    EXPECT_FALSE(under_test.should_ask(0));
    EXPECT_TRUE(under_test.should_ask(1));
    EXPECT_FALSE(under_test.should_ask(3));
    EXPECT_FALSE(under_test.should_ask(3));
    EXPECT_TRUE(under_test.should_ask(3));
    EXPECT_FALSE(under_test.should_ask(3));
    under_test.acknowledge("0");
    EXPECT_FALSE(under_test.should_ask(3)) << "an answer begins the count anew";
    EXPECT_FALSE(under_test.should_ask(3));
    EXPECT_TRUE(under_test.should_ask(3));
}

TEST_F(counters, are_enabled_once) {
    const auto yes = enabled("id='two' resume='true'");
    EXPECT_THROW(under_test.enabled(yes.root(), "a@b/c"), error);
    stream_management fresh;
    EXPECT_THROW(fresh.enabled(yes.root(), "a@b/c"), error) << "nobody has asked";
}

TEST(resumability, is_what_the_server_says) {
    struct {
        const char* attributes;
        bool expected;
    } const cases[] = {
        {"id='x' resume='true'", true},
        {"id='x' resume='1'", true},
        {"id='x' resume='0'", false},
        {"id='x' resume='false'", false},
        {"id='x'", false},
        {"resume='true'", false},
        {"id='x' resume='TRUE'", false},
        {"id='x' resume='true' max='0'", false},
        {"id='x' resume='true' max='999999999'", true},
    };
    for (const auto& each : cases) {
        stream_management counters;
        counters.enable_sent();
        const auto yes = enabled(each.attributes);
        counters.enabled(yes.root(), "a@b/c");
        EXPECT_EQ(counters.resumable(), each.expected) << each.attributes;
    }
}

TEST(unacked_stanzas, come_out_as_they_went_in) {
    detail::unacked_stanzas queue;
    std::uint64_t next = 1;
    std::uint64_t oldest = 1;
    for (int round = 0; round < 500; ++round) {
        for (int i = 0; i < round % 7; ++i, ++next) {
            const auto xml =
                fmt::format("<message id='{}'/>{}", next, std::string(next % 300, ' '));
            EXPECT_EQ(queue.push({stanza_kind::message, xml, some_time}), next);
        }
        for (int i = 0; i < round % 5 && !queue.empty(); ++i, ++oldest) {
            const auto xml =
                fmt::format("<message id='{}'/>{}", oldest, std::string(oldest % 300, ' '));
            EXPECT_EQ(queue.first(), oldest);
            ASSERT_EQ(queue.front().xml, xml);
            queue.pop();
        }
    }
    std::size_t bytes = 0;
    queue.for_each([&bytes](const detail::outgoing_stanza& each) { bytes += each.xml.size(); });
    EXPECT_EQ(queue.bytes(), bytes);
    while (!queue.empty()) queue.pop();
    EXPECT_EQ(queue.bytes(), 0u);
    EXPECT_EQ(queue.first(), queue.next());
}

}  // namespace
}  // namespace xmpp::test
