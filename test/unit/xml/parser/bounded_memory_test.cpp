#include "stream_transcript.hpp"
#include "xml/parser/framed_parser.hpp"
#include "xml/parser/xml_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::reader_event;
using detail::xml_limits;
using detail::xml_reader;

const transcript refused{"error: policy-violation"};
const transcript opened_then_refused{"opened", "error: policy-violation"};

std::string header_in(const std::string& language) {
    return "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
           "version='1.0' xml:lang='" +
           language + "'>";
}

std::string times(std::size_t count, std::string_view what) {
    std::string all;
    all.reserve(count * what.size());
    for (std::size_t i = 0; i < count; ++i) all += what;
    return all;
}

/// A tree of the flood, with the language that it repeats.
constexpr std::size_t small_tree = 1024;

TEST(bounded_memory, a_language_is_no_longer_than_255_bytes) {
    const std::string longest(255, 'x');
    EXPECT_EQ(parse_stream(header_in(longest) + "<a/>").size(), 2u);
    EXPECT_EQ(parse_pieces(header_in(longest + "x") + "<a/>", 4096), refused);
    EXPECT_EQ(parse_stream(in_stream("<a xml:lang='" + longest + "'/>")).size(), 2u);
    EXPECT_EQ(parse_stream(in_stream("<a><b xml:lang='" + longest + "x'/></a>")),
              opened_then_refused);
}

class flood : public ::testing::TestWithParam<std::size_t> {};

TEST_P(flood, what_is_finished_and_not_taken_is_bounded_in_bytes) {
    constexpr std::size_t count = 100'000;
    const std::string bytes =
        header_in(std::string(255, 'x')) + times(count, "<a/>") + "</stream:stream>";
    xml_reader reader(xml_reader::framing::stream, {});
    std::size_t most = 0;
    std::size_t trees = 0;
    bool closed = false;
    for (std::size_t at = 0; at < bytes.size(); at += GetParam()) {
        reader.feed(std::string_view(bytes).substr(at, GetParam()));
        most = std::max(most, reader.finished_bytes());
        EXPECT_FALSE(reader.idle());
        while (const auto event = reader.poll()) {
            most = std::max(most, reader.finished_bytes());
            trees += event->what == reader_event::kind::tree ? 1 : 0;
            closed = event->what == reader_event::kind::closed;
        }
    }
    EXPECT_LE(most, xml_reader::max_finished_bytes + small_tree);
    EXPECT_EQ(trees, count);
    EXPECT_TRUE(closed);
}

TEST_P(flood, what_is_wrong_behind_it_is_found_at_its_byte) {
    const std::string good = header_in(std::string(255, 'x')) + times(5000, "<a/>");
    const std::string bytes = good + "<b></c>";
    xml_reader reader(xml_reader::framing::stream, {});
    std::size_t trees = 0;
    for (std::size_t at = 0; at < bytes.size(); at += GetParam()) {
        reader.feed(std::string_view(bytes).substr(at, GetParam()));
        while (const auto event = reader.poll())
            trees += event->what == reader_event::kind::tree ? 1 : 0;
    }
    EXPECT_EQ(trees, 5000u);
    ASSERT_TRUE(reader.failed());
    EXPECT_EQ(reader.failed()->condition, stream_condition::not_well_formed);
    EXPECT_GE(reader.failed()->at, good.size());
    EXPECT_LE(reader.failed()->at, bytes.size());
}

INSTANTIATE_TEST_SUITE_P(pieces, flood, ::testing::Values(1000, 65'536, 1'000'000));

TEST(bounded_memory, one_large_tree_is_always_taken) {
    const std::string large = "<a>" + times(50'000, "<b/>") + "</a>";
    const auto events = parse_pieces(in_stream(large + large + "<c/>"), 2'000'000);
    EXPECT_EQ(events.size(), 4u);
}

TEST(bounded_memory, websocket_messages_wait_until_elements_are_taken) {
    constexpr std::size_t count = 5000;
    detail::framed_parser parser;
    parser.language(std::string(255, 'x'));
    for (std::size_t i = 0; i < count; ++i) parser.feed("<a/> <b/>");
    parser.feed(times(count, "<c/>"));
    parser.feed("<last/>");
    EXPECT_FALSE(parser.idle());
    std::size_t elements = 0;
    std::string last;
    while (const auto element = parser.next()) {
        ++elements;
        last = element->root().name();
    }
    EXPECT_EQ(elements, 3 * count + 1);
    EXPECT_EQ(last, "last");
    EXPECT_TRUE(parser.idle());
}

TEST(bounded_memory, a_websocket_message_that_is_cut_off_is_noticed_behind_others_that_waited) {
    detail::framed_parser parser;
    parser.language(std::string(255, 'x'));
    for (int i = 0; i < 5000; ++i) parser.feed("<a/>");
    parser.feed("<cut>");
    parser.feed("<a/>");
    std::size_t elements = 0;
    try {
        while (parser.next()) ++elements;
        ADD_FAILURE() << "the end inside an element was not noticed";
    } catch (const error& failure) {
        EXPECT_EQ(failure.code(), stream_condition::not_well_formed);
    }
    EXPECT_EQ(elements, 5000u);
}

/// Hands out what the reader has; \returns how many trees.
std::size_t drain_trees(xml_reader& reader) {
    std::size_t trees = 0;
    while (const auto event = reader.poll())
        trees += event->what == reader_event::kind::tree ? 1 : 0;
    return trees;
}

TEST(bounded_memory, a_parser_does_not_grow_with_the_names_that_it_has_seen) {
    constexpr std::size_t slack = 262'144;  // buffers, and what one piece brings
    xml_reader reader(xml_reader::framing::stream, {});
    reader.feed(header);
    std::size_t most = 0;
    std::size_t trees = 0;
    for (int i = 0; i < 100'000; ++i) {
        reader.feed(
            fmt::format("<message><a{0} xmlns='u' b{0}='' xmlns:c{0}='d{0}'/></message>", i));
        most = std::max(most, reader.parser_memory());
        trees += drain_trees(reader);
    }
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(trees, 100'000u);
    EXPECT_GT(most, 0u);
    EXPECT_LE(most, xml_reader::max_parser_growth + slack);
}

TEST(bounded_memory, a_new_parser_knows_the_prefixes_and_the_name_of_the_streams_root) {
    xml_reader reader(xml_reader::framing::stream, {});
    reader.feed(
        "<?xml version='1.0'?><s:stream xmlns='jabber:client' xml:lang='de' "
        "xmlns:s='http://etherx.jabber.org/streams' xmlns:p='urn:it&apos;s' id='&lt;'>");
    for (int i = 0; i < 20'000; ++i) {
        reader.feed(fmt::format("<m{0} n{0}=''/>", i));
        drain_trees(reader);
    }
    reader.feed("<message><p:a/></message><s:features/></s:stream>");
    auto event = reader.poll();
    ASSERT_TRUE(event);
    const auto& message = event->content.root();
    EXPECT_EQ(message.ns(), "jabber:client");
    EXPECT_EQ(message.lang(), "de");
    EXPECT_EQ((*message.children().begin()).ns(), "urn:it's");
    event = reader.poll();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->content.root().ns(), "http://etherx.jabber.org/streams");
    event = reader.poll();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->what, reader_event::kind::closed);
    EXPECT_FALSE(reader.failed());
}

TEST(bounded_memory, a_stanza_larger_than_the_bound_on_the_parser_is_read_whole) {
    std::string stanza = "<message>";
    for (int i = 0; stanza.size() < 900'000; ++i) stanza += fmt::format("<e{0} a{0}='v'/>", i);
    stanza += "</message>";
    const auto events = parse_pieces(in_stream(stanza + "<a/>" + stanza + "<b/>"), 10'000);
    ASSERT_EQ(events.size(), 5u);
    EXPECT_EQ(events[1], events[3]);
    EXPECT_EQ(events[4], "<b xmlns='jabber:client'/>");
}

TEST(bounded_memory, a_header_with_more_declarations_than_a_parser_is_to_remember_is_refused) {
    std::string tag(header);
    tag.pop_back();
    for (int i = 0; i < 200; ++i) tag += fmt::format(" xmlns:p{}='{}'", i, std::string(200, 'u'));
    EXPECT_EQ(parse_pieces(tag + ">", 4096), refused);
}

TEST(bounded_memory, memory_of_one_response_is_given_back_before_the_next) {
    xml_reader reader(xml_reader::framing::body, {});
    std::string body = "<body xmlns='http://jabber.org/protocol/httpbind'>";
    for (int i = 0; i < 100'000; ++i) body += fmt::format("<a{}/>", i);
    body += "</body>";
    reader.feed(body);
    reader.finish();
    EXPECT_EQ(drain_trees(reader), 100'000u);
    reader.reset();
    reader.feed("<body xmlns='http://jabber.org/protocol/httpbind'/>");
    EXPECT_LE(reader.parser_memory(), xml_reader::max_parser_growth);
}

}  // namespace
}  // namespace xmpp::test
