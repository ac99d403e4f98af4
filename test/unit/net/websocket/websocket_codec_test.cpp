#include "net/websocket/websocket_codec.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "websocket_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace xmpp::test {
namespace {

using detail::websocket_codec;
using detail::websocket_role;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t limit = 100'000;

std::string output_of(websocket_codec& codec) {
    std::string bytes;
    codec.take_output(bytes);
    return bytes;
}

/// What a codec makes of bytes that come in pieces of that size: messages, how the peer closed, the
/// close code of a failure.
std::string transcript(std::string_view bytes, std::size_t size, websocket_role role) {
    websocket_codec codec(role, limit);
    collector received;
    std::string failure;
    try {
        for (std::size_t at = 0; at < bytes.size(); at += size) {
            codec.feed(bytes.substr(at, size), received);
        }
    } catch (const protocol_error& thrown) {
        EXPECT_EQ(thrown.which(), protocol::websocket);
        failure = fmt::format("failed {} {};", thrown.number(), thrown.condition());
        codec.feed(bytes, received);  // ignored
    }
    std::string all;
    for (const auto& message : received.messages) all += fmt::format("[{}];", message);
    if (codec.closed())
        all += fmt::format("closed {} {};", codec.closed()->code, codec.closed()->reason);
    return all + failure;
}

/// The same for every way of cutting the bytes into equal pieces.
std::string transcript(std::string_view bytes, websocket_role role = websocket_role::client) {
    const auto whole = transcript(bytes, bytes.size(), role);
    for (std::size_t size = 1; size < bytes.size() && size < 300; ++size) {
        EXPECT_EQ(transcript(bytes, size, role), whole) << "in pieces of " << size;
    }
    return whole;
}

std::string operator+(std::string a, const char* b) {
    return std::move(a.append(b));
}

TEST(websocket_codec, reads_the_examples_of_RFC_6455) {
    EXPECT_EQ(transcript("\x81\x05Hello"), "[Hello];");
    EXPECT_EQ(transcript("\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58", websocket_role::server),
              "[Hello];");
    EXPECT_EQ(transcript(std::string_view("\x01\x03Hel\x80\x02lo")), "[Hello];");
    const std::string quarter(256, 'x');
    EXPECT_EQ(transcript(std::string("\x81\x7E\x01\x00", 4) + quarter), "[" + quarter + "];");
    const std::string large(65'536, 'x');
    EXPECT_EQ(transcript(std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10) + large),
              "[" + large + "];");
}

TEST(websocket_codec, answers_the_ping_of_RFC_6455_with_its_payload) {
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    EXPECT_FALSE(codec.has_output());
    codec.feed("\x89\x05Hello", received);
    EXPECT_TRUE(codec.has_output());
    const auto frames = parse_frames(output_of(codec));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].first_byte, pong_frame);
    EXPECT_EQ(frames[0].payload, "Hello");
    EXPECT_EQ(frames[0].mask.size(), 4U);
    EXPECT_FALSE(codec.has_output());
}

TEST(websocket_codec, reads_many_messages_with_control_frames_between_and_inside) {
    const auto bytes = frame(text_frame, "<a/>") + frame(ping_frame, "") +
                       frame(first_fragment, "<b") + frame(pong_frame, "unasked") +
                       frame(middle_fragment, "") + frame(middle_fragment, "c") +
                       frame(ping_frame, "x") + frame(last_fragment, "/>") + frame(text_frame, "") +
                       frame(text_frame, "<d/>");
    EXPECT_EQ(transcript(bytes), "[<a/>];[<bc/>];[];[<d/>];");
}

TEST(websocket_codec, joins_fragments_that_cut_a_character) {
    const std::string text = "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto bytes =
            frame(first_fragment, text.substr(0, cut)) + frame(last_fragment, text.substr(cut));
        EXPECT_EQ(transcript(bytes), "[" + text + "];");
    }
}

TEST(websocket_codec, refuses_binary_messages_with_1003) {
    EXPECT_EQ(transcript(frame(text_frame, "a") + frame(0x82, "b")), "[a];failed 1003 bad-format;");
    EXPECT_EQ(transcript(frame(0x02, "b")), "failed 1003 bad-format;");
}

TEST(websocket_codec, refuses_text_that_is_no_UTF_8_with_1007) {
    for (const auto* text :
         {"\xFF", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82"}) {
        EXPECT_EQ(transcript(frame(text_frame, text)), "failed 1007 not-well-formed;");
    }
    EXPECT_EQ(transcript(frame(first_fragment, "\xC3") + frame(last_fragment, "x")),
              "failed 1007 not-well-formed;");
}

TEST(websocket_codec, refuses_what_breaks_the_protocol_with_1002) {
    const std::string broken = "failed 1002 bad-format;";
    for (const int reserved : {0x10, 0x20, 0x40, 0x70}) {
        EXPECT_EQ(transcript(frame(static_cast<std::uint8_t>(text_frame | reserved), "x")), broken);
        EXPECT_EQ(transcript(frame(static_cast<std::uint8_t>(ping_frame | reserved), "")), broken);
    }
    for (const int kind : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        EXPECT_EQ(transcript(frame(static_cast<std::uint8_t>(0x80 | kind), "x")), broken) << kind;
    }
    EXPECT_EQ(transcript(masked_frame(text_frame, "x")), broken);
    EXPECT_EQ(transcript(frame(text_frame, "x"), websocket_role::server), broken);
    EXPECT_EQ(transcript(frame(last_fragment, "x")), broken);
    EXPECT_EQ(transcript(frame(first_fragment, "x") + frame(text_frame, "y")), broken);
    EXPECT_EQ(transcript(frame(first_fragment, "x") + frame(first_fragment, "y")), broken);
    EXPECT_EQ(transcript(frame(0x09, "cut ping")), broken);
    EXPECT_EQ(transcript(frame(ping_frame, std::string(126, 'x'))), broken);
    EXPECT_EQ(transcript(std::string("\x81\x7E\x00\x7Dx", 5)), broken) << "not the shortest length";
    EXPECT_EQ(transcript(std::string("\x81\x7F\x00\x00\x00\x00\x00\x00\xFF\xFFx", 11)), broken);
    EXPECT_EQ(transcript(std::string("\x81\x7F\x80\x00\x00\x00\x00\x01\x00\x00x", 11)), broken);
}

TEST(websocket_codec, refuses_messages_beyond_the_limit_with_1009_before_they_arrive) {
    const std::string too_big = "failed 1009 policy-violation;";
    const std::string fits(limit, 'x');
    EXPECT_EQ(transcript(frame(text_frame, fits), 4096, websocket_role::client), "[" + fits + "];");
    EXPECT_EQ(transcript(std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x86\xA1x", 11)), too_big);
    EXPECT_EQ(transcript(std::string("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFx", 11)), too_big);
    EXPECT_EQ(transcript(frame(first_fragment, fits) + frame(last_fragment, "x"), 4096,
                         websocket_role::client),
              too_big);
    EXPECT_EQ(transcript(frame(first_fragment, "x") +
                         std::string("\x80\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFx", 11)),
              too_big);
}

TEST(websocket_codec, reads_each_close_code_and_answers_with_it) {
    for (const auto code :
         {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999}) {
        const auto number = static_cast<std::uint16_t>(code);
        const auto bytes = frame(text_frame, "a") +
                           frame(close_frame, close_payload(number, "caf\xC3\xA9")) +
                           frame(text_frame, "ignored");
        EXPECT_EQ(transcript(bytes), fmt::format("[a];closed {} caf\xC3\xA9;", code));
        websocket_codec codec(websocket_role::client, limit);
        collector received;
        codec.feed(bytes, received);
        codec.add_text("too late");
        const auto frames = parse_frames(output_of(codec));
        ASSERT_EQ(frames.size(), 1U);
        EXPECT_EQ(frames[0].first_byte, close_frame);
        EXPECT_EQ(frames[0].payload, close_payload(number));
    }
}

TEST(websocket_codec, reads_a_close_frame_without_a_code_as_1005_and_answers_without) {
    EXPECT_EQ(transcript(frame(close_frame, "")), "closed 1005 ;");
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    codec.feed(frame(close_frame, ""), received);
    const auto frames = parse_frames(output_of(codec));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload, "");
}

TEST(websocket_codec, refuses_close_codes_that_must_not_be_sent) {
    for (const auto code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65'535}) {
        EXPECT_EQ(transcript(frame(close_frame, close_payload(static_cast<std::uint16_t>(code)))),
                  "failed 1002 bad-format;")
            << code;
    }
    EXPECT_EQ(transcript(frame(close_frame, "x")), "failed 1002 bad-format;");
    EXPECT_EQ(transcript(frame(close_frame, close_payload(1000, "\xFF"))),
              "failed 1007 not-well-formed;");
    EXPECT_EQ(transcript(frame(close_frame, close_payload(1000, std::string(123, 'x')))),
              "closed 1000 " + std::string(123, 'x') + ";");
}

TEST(websocket_codec, closes_with_the_code_of_what_went_wrong) {
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    EXPECT_THROW(codec.feed(frame(0x82, "x"), received), error);
    EXPECT_FALSE(codec.has_output());
    codec.add_text("<close/>");
    codec.add_close(1000);
    codec.add_close(1000);
    codec.add_ping("");
    const auto frames = parse_frames(output_of(codec));
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].payload, "<close/>");
    EXPECT_EQ(frames[1].payload, close_payload(1003));
    EXPECT_FALSE(codec.has_output());
}

TEST(websocket_codec, writes_frames_of_every_length_masked_each_with_its_own_key) {
    websocket_codec codec(websocket_role::client, limit);
    const std::vector<std::size_t> sizes{0, 1, 125, 126, 4095, 4097, 65'535, 65'536, 200'000};
    std::vector<std::string> texts;
    for (const auto size : sizes) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
        codec.add_text(text);
        texts.push_back(text);
    }
    const auto frames = parse_frames(output_of(codec));
    ASSERT_EQ(frames.size(), sizes.size());
    std::set<std::string> keys;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].first_byte, text_frame);
        EXPECT_TRUE(frames[i].payload == texts[i]) << sizes[i];
        EXPECT_EQ(frames[i].mask.size(), 4U);
        keys.insert(frames[i].mask);
    }
    EXPECT_GT(keys.size(), 5U);
}

TEST(websocket_codec, reads_what_it_writes_in_both_roles) {
    for (const auto role : {websocket_role::client, websocket_role::server}) {
        const bool client = role == websocket_role::client;
        websocket_codec sender(role, limit);
        websocket_codec reader(client ? websocket_role::server : websocket_role::client, limit);
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < 300; ++i) texts.emplace_back(i * 7, 'x');
        for (const auto& text : texts) sender.add_text(text);
        sender.add_close(1001, "bye");
        collector received;
        reader.feed(output_of(sender), received);
        EXPECT_EQ(received.messages, texts);
        ASSERT_TRUE(reader.closed());
        EXPECT_EQ(reader.closed()->code, 1001);
        EXPECT_EQ(reader.closed()->reason, "bye");
    }
}

TEST(websocket_codec, answers_a_flood_of_pings_once_and_keeps_no_more) {
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    for (int i = 0; i < 10'000; ++i) {
        codec.feed(frame(ping_frame, fmt::format("ping {}", i)), received);
    }
    const auto frames = parse_frames(output_of(codec));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload, "ping 9999");
}

TEST(websocket_codec, answers_no_ping_once_it_has_closed) {
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    codec.add_close(1000);
    codec.feed(frame(ping_frame, "x") + frame(text_frame, "still read"), received);
    EXPECT_THAT(received.messages, ElementsAre("still read"));
    EXPECT_EQ(parse_frames(output_of(codec)).size(), 1U);
    EXPECT_FALSE(codec.has_output());
}

TEST(websocket_codec, gives_nothing_for_a_flood_of_empty_fragments) {
    websocket_codec codec(websocket_role::client, limit);
    collector received;
    codec.feed(frame(first_fragment, ""), received);
    std::string flood;
    for (int i = 0; i < 10'000; ++i) flood += frame(middle_fragment, "");
    codec.feed(flood, received);
    EXPECT_THAT(received.messages, IsEmpty());
    codec.feed(frame(last_fragment, "x"), received);
    EXPECT_THAT(received.messages, ElementsAre("x"));
}

}  // namespace
}  // namespace xmpp::test
