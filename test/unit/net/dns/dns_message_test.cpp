#include "net/dns/dns_message.hpp"

#include "support/dns_responder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::parse_srv_message;
using detail::srv_message;
using std::chrono::seconds;

dns_question the_question() {
    dns_question question;
    question.name = "_xmpp-client._tcp.example.test";
    question.type = dns_responder::type_srv;
    return question;
}

/// Parses a copy that ends where its memory does, so that a sanitizer sees every step beyond.
std::optional<srv_message> parse_message(std::string_view bytes,
                                         const std::string& name = the_question().name) {
    const auto copy = std::make_unique<unsigned char[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return parse_srv_message(std::span<const unsigned char>(copy.get(), bytes.size()), name);
}

std::optional<srv_message> parse_message(const dns_reply& reply) {
    return parse_message(reply.message(7, the_question()));
}

dns_reply rich_reply() {
    return dns_reply()
        .ttl(600)
        .cname("alias.test")
        .ttl(300)
        .srv(10, 20, 5222, "one.example.test")
        .ttl(900)
        .a("192.0.2.1")
        .srv(20, 0, 5223, ".")
        .soa(30);
}

TEST(dns_message, gives_the_records_and_the_shortest_life) {
    const auto parsed = parse_message(rich_reply());
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->records.size(), 2u);
    const auto& first = parsed->records[0];
    EXPECT_EQ(first.priority, 10);
    EXPECT_EQ(first.weight, 20);
    EXPECT_EQ(first.port, 5222);
    EXPECT_EQ(first.target, "one.example.test");
    EXPECT_EQ(parsed->records[1].target, ".");
    EXPECT_EQ(parsed->time_to_live, seconds(300));
}

TEST(dns_message, an_answer_without_records_lives_as_long_as_its_authority_says) {
    const auto parsed = parse_message(dns_reply().code(3).soa(25));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->records.empty());
    EXPECT_EQ(parsed->time_to_live, seconds(25));
    EXPECT_EQ(parse_message(dns_reply().code(3))->time_to_live, seconds(0));
}

TEST(dns_message, a_life_with_the_highest_bit_set_is_none) {
    const auto parsed = parse_message(dns_reply().ttl(0x8000'0001).srv(1, 1, 1, "a.test"));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->time_to_live, seconds(0));
}

TEST(dns_message, no_part_of_a_message_is_a_message) {
    const auto whole = rich_reply().message(7, the_question());
    ASSERT_TRUE(parse_message(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_message(std::string_view(whole).substr(0, size))) << size << " bytes";
    }
}

TEST(dns_message, any_byte_may_be_wrong) {
    const auto whole = rich_reply().message(7, the_question());
    std::mt19937 random(3);
    int understood = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto damaged = whole;
        for (int changes = 0; changes < 3; ++changes) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        const auto parsed = parse_message(damaged);
        if (!parsed) continue;
        ++understood;
        for (const auto& each : parsed->records) EXPECT_LE(each.target.size(), 4u * 255);
    }
    EXPECT_GT(understood, 0);
}

/// A message with one SRV record whose target is written by hand.
dns_writer begin_record(unsigned size) {
    dns_writer to;
    to.number16(7).number16(0x8180).number16(0).number16(1).number16(0).number16(0);
    to.name("x.test").number16(dns_responder::type_srv).number16(1).number32(60);
    return to.number16(size).number16(1).number16(2).number16(3);
}

TEST(dns_message, follows_pointers_backwards) {
    auto message = begin_record(6 + 4).raw(std::string_view("\1a\xC0\x0C", 4)).bytes();
    const auto parsed = parse_message(message, "x.test");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->records.at(0).target, "a.x.test");
}

TEST(dns_message, refuses_pointers_that_lead_nowhere) {
    const auto here = begin_record(8).bytes().size();
    for (const std::size_t target : {here, here + 1, std::size_t{0x3FFF}}) {
        const auto pointer = static_cast<unsigned>(0xC000 | target);
        EXPECT_FALSE(parse_message(begin_record(8).number16(pointer).bytes())) << target;
    }
    EXPECT_FALSE(parse_message(dns_reply().with(dns_reply::trouble::name_loop)));
    EXPECT_FALSE(parse_message(dns_reply().with(dns_reply::trouble::garbage)));
}

TEST(dns_message, refuses_labels_of_unknown_kinds_and_names_that_are_too_long) {
    EXPECT_FALSE(parse_message(begin_record(8).raw("\x41").raw(std::string(1, '\0')).bytes()));
    dns_writer name;
    for (int i = 0; i < 5; ++i) name.raw("\x3F" + std::string(63, 'a'));
    name.raw(std::string(1, '\0'));
    const auto size = static_cast<unsigned>(6 + name.bytes().size());
    EXPECT_FALSE(parse_message(begin_record(size).raw(name.bytes()).bytes()));
}

TEST(dns_message, refuses_a_record_that_is_longer_than_it_says) {
    EXPECT_FALSE(parse_message(begin_record(7).name("long.test").bytes()));
    EXPECT_TRUE(parse_message(begin_record(6 + 11).name("long.test").bytes()));
}

TEST(dns_message, escapes_what_no_host_name_has) {
    const auto parsed = parse_message(
        begin_record(6 + 7).raw(std::string_view("\5a.\n\\\xFF\0", 7)).bytes(), "x.test");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->records.at(0).target, "a\\.\\010\\\\\\255");
}

TEST(dns_message, records_of_a_name_that_was_not_asked_for_do_not_count) {
    const auto stray = dns_reply().ttl(60).as("other.test").srv(1, 1, 5222, "evil.test").soa(25);
    const auto parsed = parse_message(stray);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->records.empty());

    const auto mixed = dns_reply()
                           .ttl(60)
                           .srv(9, 1, 5222, "good.test")
                           .as("other.test")
                           .ttl(1)
                           .srv(1, 1, 5222, "evil.test");
    const auto own = parse_message(mixed);
    ASSERT_TRUE(own);
    ASSERT_EQ(own->records.size(), 1U);
    EXPECT_EQ(own->records.front().target, "good.test");
    EXPECT_EQ(own->time_to_live, seconds(60));
}

TEST(dns_message, records_of_an_alias_count_only_at_the_end_of_its_chain) {
    const auto chain = dns_reply()
                           .ttl(300)
                           .cname("one.test")
                           .ttl(30)
                           .cname("TWO.test")
                           .ttl(60)
                           .srv(1, 1, 5222, "good.test")
                           .as("stray.test")
                           .cname("evil.test")
                           .srv(1, 1, 5222, "evil.test");
    const auto parsed = parse_message(chain);
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->records.size(), 1U);
    EXPECT_EQ(parsed->records.front().target, "good.test");
    EXPECT_EQ(parsed->time_to_live, seconds(30));
}

TEST(dns_message, aliases_in_a_circle_lead_nowhere) {
    auto circle = dns_reply().ttl(60).cname("one.test").cname(the_question().name);
    circle.as("other.test").srv(1, 1, 5222, "evil.test");
    const auto parsed = parse_message(circle);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->records.empty());
}

}  // namespace
}  // namespace xmpp::test
